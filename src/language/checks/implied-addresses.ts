/** Address tests that follow from others: an address lies in its domain, a domain under its parents. */
import { asList } from '../operands.ts';
import { foldText } from '../text-fold.ts';

/** Every address that `a` means is one that `b` means; both in their short form. */
export function addressesImply(a: unknown, b: unknown): boolean {
  const [left, right] = [bareEntries(a), bareEntries(b)];
  if (left === undefined || right === undefined) return false;
  return left.every((entry) => right.some((wider) => covers(wider, entry)));
}

function bareEntries(operand: unknown): readonly string[] | undefined {
  const entries = asList<unknown>(operand);
  return entries.length > 0 && entries.every((entry) => typeof entry === 'string' && entry !== '')
    ? entries.map((entry) => foldText(String(entry)))
    : undefined;
}

function covers(wider: string, entry: string): boolean {
  if (wider === entry) return true;
  // Text without @ stands anywhere in name or address, so also in what the entry says of it.
  if (!wider.includes('@')) return entry.replace(/^@(\*\.)?/, '').includes(wider);
  const domain = domainOf(entry);
  if (domain === undefined) return false;
  if (wider.startsWith('@*.')) return domain.endsWith(`.${wider.slice(3)}`);
  return wider.startsWith('@') && !entry.startsWith('@*.') && domain === wider.slice(1);
}

/** The domain that every address of the entry lies in or under; undefined for plain text. */
function domainOf(entry: string): string | undefined {
  if (!entry.includes('@')) return undefined;
  if (entry.startsWith('@*.')) return `.${entry.slice(3)}`;
  return entry.slice(entry.lastIndexOf('@') + 1);
}
