/** The constants of header values by which rules are found: see rule-index.ts. */
import type { Address, MessageView } from '../mail/message-view.ts';
import { parentsOf, splitAddress } from './address-parts.ts';
import type { Anchor } from './condition-spec.ts';
import { listId } from './list-id.ts';
import { NEEDLE_CHARS } from './needle-index.ts';
import { foldText } from './text-fold.ts';

/** What one value of a header field has: each in the form in which rules name it, made when asked. */
export interface HeaderFacts {
  /** Of an address `is ADDRESS` and `at DOMAIN`, of a list `is IDENTIFIER`. */
  tokens(): readonly string[];
  /** `under DOMAIN` for each domain above. */
  parents(): readonly string[];
  /** Folded texts in which needles may stand. */
  values(): readonly string[];
}

/** Begins the field of an anchor on the text of a header field, whatever is in it. */
const TEXT = 'text:';

/**
 * The values of the field of an anchor: the name of a field of addresses, `list-id`, or `text:NAME`. Null
 * where it is not loaded or cannot be read.
 */
export function factsOf({ headers }: MessageView, field: string): readonly HeaderFacts[] | null {
  const name = field.startsWith(TEXT) ? field.slice(TEXT.length) : field;
  if (headers === undefined || !headers.isLoaded(name)) return null;
  if (name !== field || name === 'list-id') {
    const reading = headers.text(name);
    if (reading.kind !== 'values') return null;
    return reading.values.map(name === field ? listFacts : textFacts);
  }
  const reading = headers.addresses(name);
  return reading.kind === 'values' ? reading.values.map(addressFacts) : null;
}

function addressFacts({ name, address }: Address): HeaderFacts {
  const whole = foldText(address);
  const { domain } = splitAddress(whole);
  return {
    tokens: () => [`is ${whole}`, `at ${domain}`],
    parents: () => parentsOf(domain).map((parent) => `under ${parent}`),
    values: () => [foldText(name), whole],
  };
}

function listFacts(value: string): HeaderFacts {
  const id = foldText(listId(value));
  return { tokens: () => [`is ${id}`], parents: () => [], values: () => [id] };
}

function textFacts(value: string): HeaderFacts {
  return { tokens: () => [], parents: () => [], values: () => [foldText(value)] };
}

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

/** The anchors of a text test on the text of a header field. */
export function textAnchors(
  name: string,
  holds: readonly string[] | null,
): readonly Anchor[] | null {
  return tokensOfTexts(holds)?.map((token) => ({ field: `${TEXT}${name}`, token })) ?? null;
}
