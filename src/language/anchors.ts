/**
 * The constants of header values by which rules are found, as tokens: `is VALUE`, `at DOMAIN`, `under
 * DOMAIN` for a domain above, `has TEXT` for a text that stands anywhere in the value. See rule-index.ts.
 */
import type { Anchor } from './condition-spec.ts';
import { NEEDLE_CHARS } from './needle-index.ts';
import { foldText } from './text-fold.ts';

/** The token of an entry of an address test; null for text that may stand anywhere. */
export function tokenOfEntry(entry: string): string | null {
  const folded = foldText(entry);
  if (!folded.includes('@')) return null;
  if (folded.startsWith('@*.')) return `under ${folded.slice(3)}`;
  return folded.startsWith('@') ? `at ${folded.slice(1)}` : `is ${folded}`;
}

/** The token of a folded text that stands somewhere in the value; null for one that is too short. */
export function tokenOfText(folded: string): string | null {
  return folded.length < NEEDLE_CHARS ? null : `has ${folded}`;
}

/** The tokens of texts, one of which every matching value holds; null unless each can be found. */
export function tokensOfTexts(holds: readonly string[] | null): readonly string[] | null {
  if (holds === null) return null;
  const tokens = holds.map(tokenOfText);
  return tokens.every((token) => token !== null) ? tokens : null;
}

/** Begins the field of an anchor on the text of a header field, whatever is in it. */
export const TEXT_FIELD = 'text:';

/** The anchors of a text test on the text of a header field. */
export function textAnchors(
  name: string,
  holds: readonly string[] | null,
): readonly Anchor[] | null {
  return tokensOfTexts(holds)?.map((token) => ({ field: `${TEXT_FIELD}${name}`, token })) ?? null;
}
