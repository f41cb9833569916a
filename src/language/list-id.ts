/** List-Id values (RFC 2919). */

/** The identifier: what stands between the last angle brackets (RFC 2919 §3). */
export function listId(value: string): string {
  return /<([^<>]*)>[^<>]*$/.exec(value)?.[1]?.trim() ?? value.trim();
}

/** The phrase before the identifier, without quotes. */
export function listName(value: string): string {
  return value
    .replace(/<[^<>]*>[^<>]*$/, '')
    .trim()
    .replace(/^"(.*)"$/, '$1');
}
