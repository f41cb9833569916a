/** The constants of a header value by which rules are found: see rule-index.ts. */
import type { Address } from '../mail/message-view.ts';
import { parentsOf, splitAddress } from './address-parts.ts';
import { listId } from './list-id.ts';
import { foldText } from './text-fold.ts';

/** Every token of an address: itself, its domain, and the domains above. */
export function addressTokens({ address }: Address): readonly string[] {
  const whole = foldText(address);
  const { domain } = splitAddress(whole);
  return [`is ${whole}`, `at ${domain}`, ...parentsOf(domain).map((parent) => `under ${parent}`)];
}

/** The token of an entry of an address test; null for text that may stand anywhere. */
export function tokenOfEntry(entry: string): string | null {
  const folded = foldText(entry);
  if (!folded.includes('@')) return null;
  if (folded.startsWith('@*.')) return `under ${folded.slice(3)}`;
  return folded.startsWith('@') ? `at ${folded.slice(1)}` : `is ${folded}`;
}

/** The token of a List-Id value. */
export function listTokens(value: string): readonly string[] {
  return [`is ${foldText(listId(value))}`];
}
