/** Message identifiers of a References or In-Reply-To field (RFC 5322 §3.6.4). */

/** What stands in angle brackets, in order; without any, each word. */
export function messageIds(value: string): readonly string[] {
  const bracketed = [...value.matchAll(/<([^<>\s]+)>/g)].map(([, id = '']) => id);
  return bracketed.length > 0 ? bracketed : value.split(/\s+/).filter((word) => word !== '');
}
