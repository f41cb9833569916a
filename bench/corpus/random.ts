/** Numbers that look random and are the same in every run: what a corpus is made of. */

/** A number in [0, 1) that depends on the message and on what it is used for, and on nothing else. */
export function chance(message: number, use: number): number {
  let state = Math.imul(message + 1, 0x9e3779b1) ^ Math.imul(use + 1, 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
}

/** A whole number in [0, count). */
export function pick(message: number, use: number, count: number): number {
  return Math.floor(chance(message, use) * count);
}
