/** Words of the world outside, made fit for our own reports: short, plain, without secrets. */

const MAX_CHARS = 200;

/**
 * Makes foreign text safe to tell: known secrets masked, control and direction characters replaced
 * by spaces, runs of blanks joined, at most 200 characters.
 */
export function outsideText(text: string, hidden: readonly string[] = []): string {
  // Bounded before the replacing, so that a huge answer costs little.
  let told = text.slice(0, 64 * 1024);
  const longestFirst = [...hidden].sort((a, b) => b.length - a.length);
  for (const value of longestFirst) {
    if (value !== '') told = told.replaceAll(value, '•••');
  }
  told = told
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const characters = [...told];
  return characters.length <= MAX_CHARS ? told : `${characters.slice(0, MAX_CHARS - 1).join('')}…`;
}

/** The code of a system error (`ENOSPC`), or the empty string. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** What an error says, made safe to tell. An error of several attempts has only a code. */
export function errorText(error: unknown, hidden: readonly string[] = []): string {
  const text = error instanceof Error ? error.message : String(error);
  return outsideText(text === '' ? codeOf(error) : text, hidden);
}
