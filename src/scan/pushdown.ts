/** rules → one SEARCH that finds every message that any of them may match, and maybe more. */
import type { Predicate, Rule } from '../language/ast.ts';
import type { SearchContext } from '../language/condition-spec.ts';
import { predicateFields, toSearch } from '../language/evaluate.ts';
import type { Field } from '../mail/message-view.ts';
import { SEARCH_ALL, type SearchKey } from '../mail/search-key.ts';

/** More branches than this cost the server more than reading the messages costs us. */
const MAX_BRANCHES = 20;

/** Joins the rules' own pre-filters; one rule that cannot be narrowed widens all to everything. */
export function pushdown(rules: readonly Rule[], context: SearchContext): SearchKey {
  if (rules.length === 0 || rules.length > MAX_BRANCHES) return SEARCH_ALL;
  // What a waiting rule will ask about the message as it then is, no search can know today.
  const keys = rules.map((rule) =>
    rule.waitMs === null ? toSearch(rule.when, context) : SEARCH_ALL,
  );
  if (keys.some((key) => key.kind === 'all')) return SEARCH_ALL;
  const [only] = keys;
  return keys.length === 1 && only !== undefined ? only : { kind: 'or', of: keys };
}

/** Whether a rule asks about \Deleted, so that such messages must be looked at. */
export function testsDeleted(rules: readonly Rule[]): boolean {
  return rules.some((rule) => mentions(rule.when, 'deleted'));
}

/**
 * The facts for the first FETCH: header fields of rules that decide nothing without them, which spares
 * a second round trip, and flags, date and size where a rule asks for them. Of messages that match, all
 * of these are read anyway, with their identity.
 */
export function firstFields(rules: readonly Rule[]): readonly Field[] {
  const fields = new Set<Field>();
  for (const rule of rules) {
    const asked = predicateFields(rule.when);
    if (asked.includes('basic') || rule.waitMs !== null) fields.add('basic');
    if (cheapTests(rule.when)) continue;
    for (const field of asked) if (field.startsWith('header:')) fields.add(field);
  }
  return fields.size === 0 ? ['basic'] : [...fields];
}

/** A cheap test stands beside the dear ones and may rule a message out on its own. */
function cheapTests(predicate: Predicate): boolean {
  if (predicate.kind === 'test') return isCheap(predicate.test.needs);
  if (predicate.kind === 'not') return cheapTests(predicate.of);
  return predicate.kind === 'all' ? predicate.of.some(cheapTests) : predicate.of.every(cheapTests);
}

function isCheap(needs: readonly Field[]): boolean {
  return needs.every((field) => field === 'basic');
}

function mentions(predicate: Predicate, key: string): boolean {
  if (predicate.kind === 'test') return predicate.test.key === key;
  return predicate.kind === 'not'
    ? mentions(predicate.of, key)
    : predicate.of.some((branch) => mentions(branch, key));
}
