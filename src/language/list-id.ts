/** List-Id values (RFC 2919). */

/** The identifier: what stands between the last angle brackets (RFC 2919 §3). */
export function listId(value: string): string {
  const close = value.lastIndexOf('>');
  const open = value.lastIndexOf('<');
  const isLast = open >= 0 && open < close && value.lastIndexOf('>', close - 1) < open;
  return (isLast ? value.slice(open + 1, close) : value).trim();
}

/** The phrase before the identifier, without quotes. */
export function listName(value: string): string {
  return value
    .replace(/<[^<>]*>[^<>]*$/, '')
    .trim()
    .replace(/^"(.*)"$/, '$1');
}
