/** Readers for JSON that came from a file: each gives a checked value or throws with the place. */

/** A value is not of the shape that it should have; `message` begins with its place. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Reads a value at a place such as `plans[0].steps[2]`. */
export type Reader<T> = (value: unknown, place: string) => T;

/** A string. */
export const readString: Reader<string> = (value, place) =>
  typeof value === 'string' ? value : fail(place, 'text');

/** true or false. */
export const readBoolean: Reader<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : fail(place, 'true or false');

/** A whole number from 0 to 2^53 - 1. */
export const readCount: Reader<number> = (value, place) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail(place, 'a whole number');

/** A whole number, also a negative one: a time before 1970. */
export const readInteger: Reader<number> = (value, place) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : fail(place, 'a whole number');

/** null or what `read` reads. */
export function readNullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, place) => (value === null ? null : read(value, place));
}

/** A list. */
export function readList<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value, place) =>
    Array.isArray(value)
      ? value.map((each: unknown, index) => read(each, `${place}[${index}]`))
      : fail(place, 'a list');
}

/** One of some words. */
export function readWord<const W extends string>(words: readonly W[]): Reader<W> {
  return (value, place) => words.find((word) => word === value) ?? fail(place, words.join(' or '));
}

/** The members of an object; `member(key, read)` reads one. */
export function readObject<T>(
  build: (member: <V>(key: string, read: Reader<V>) => V) => T,
): Reader<T> {
  return (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return fail(place, 'an object');
    }
    const members = new Map<string, unknown>(Object.entries(value));
    return build((key, read) => read(members.get(key), `${place}.${key}`));
  };
}

/** Throws a ShapeError. */
export function fail(place: string, expected: string): never {
  throw new ShapeError(`${place} should be ${expected}`);
}
