/** Numbers with their nouns. */

/** `1 message`, `2 messages`: for nouns that take an s. */
export function countOf(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
