/** The rules of the scenarios as plain values; each peer says them in its own language. */

/** What a rule looks for. */
export type Test =
  | { readonly kind: 'from'; readonly address: string }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'list'; readonly id: string }
  | { readonly kind: 'subject'; readonly text: string }
  /** INTERNALDATE and Date: before this day, written 2026-01-31. */
  | { readonly kind: 'before'; readonly day: string; readonly days: number }
  /** A sender and a text of the body. */
  | { readonly kind: 'body'; readonly domain: string; readonly text: string };

/** A test, and where to move what passes it. The first rule that matches a message moves it. */
export interface FilingRule {
  readonly name: string;
  readonly test: Test;
  readonly destination: string;
}

/** More mailboxes than this nobody files into, however many rules there are. */
const DESTINATIONS = 25;

/**
 * So many rules on headers: of ten, four on a sender, two on a domain, two on a mailing list, two on
 * words of the subject.
 */
export function headerRules(count: number): readonly FilingRule[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `Rule ${numbered(index)}`,
    test: headerTest(index),
    destination: `Filed/${String(index % DESTINATIONS).padStart(2, '0')}`,
  }));
}

/** Every destination of some rules, once. */
export function destinationsOf(rules: readonly FilingRule[]): readonly string[] {
  return [...new Set(rules.map(({ destination }) => destination))];
}

function headerTest(index: number): Test {
  const number = numbered(index);
  switch (index % 5) {
    case 2:
      return { kind: 'domain', domain: `news-${number}.example` };
    case 3:
      return { kind: 'list', id: `dev-${number}.lists.example` };
    case 4:
      return { kind: 'subject', text: `digest no. ${number}` };
    default:
      return { kind: 'from', address: `sender-${number}@shop-${number}.example` };
  }
}

function numbered(index: number): string {
  return String(index).padStart(5, '0');
}
