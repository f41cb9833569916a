/** predicate × message → verdict. Pure: rules, facts and time in, an answer out. */
import type { Field, MessageView } from '../mail/message-view.ts';
import { SEARCH_ALL, type SearchKey } from '../mail/search-key.ts';
import type { Predicate } from './ast.ts';
import type { SearchContext } from './condition-spec.ts';
import type { EvaluationContext, Verdict } from './evaluation.ts';
import { joinEach, negate } from './verdict.ts';

/** Decides a predicate, or names the facts that are missing. Never throws for any message. */
export function evaluate(
  predicate: Predicate,
  view: MessageView,
  context: EvaluationContext,
): Verdict {
  switch (predicate.kind) {
    case 'test':
      return predicate.test.evaluate(view, context);
    case 'not':
      return negate(evaluate(predicate.of, view, context));
    default:
      return joinEach(predicate.kind, predicate.of, (branch) => evaluate(branch, view, context));
  }
}

/** Every fact that a predicate may ask for. */
export function predicateFields(predicate: Predicate): readonly Field[] {
  switch (predicate.kind) {
    case 'test':
      return predicate.test.needs;
    case 'not':
      return predicateFields(predicate.of);
    default:
      return predicate.of.flatMap(predicateFields);
  }
}

/**
 * A SEARCH that finds every message for which the predicate is true, and maybe more: it may narrow
 * what is looked at, evaluation decides.
 */
export function toSearch(predicate: Predicate, context: SearchContext): SearchKey {
  return widen(predicate, context).key;
}

interface Widened {
  readonly key: SearchKey;
  /** Exactly the matching messages: only then may it be negated. */
  readonly exact: boolean;
}

function widen(predicate: Predicate, context: SearchContext): Widened {
  switch (predicate.kind) {
    case 'test':
      return predicate.test.toSearch?.(context) ?? { key: SEARCH_ALL, exact: false };
    case 'not': {
      const inner = widen(predicate.of, context);
      return inner.exact
        ? { key: { kind: 'not', key: inner.key }, exact: true }
        : { key: SEARCH_ALL, exact: false };
    }
    case 'all': {
      const branches = predicate.of.map((branch) => widen(branch, context));
      const of = branches.map((branch) => branch.key).filter((key) => key.kind !== 'all');
      const exact = branches.every((branch) => branch.exact);
      return { key: joinKeys('and', of), exact };
    }
    default: {
      const branches = predicate.of.map((branch) => widen(branch, context));
      const of = branches.map((branch) => branch.key);
      const key = of.some((each) => each.kind === 'all') ? SEARCH_ALL : joinKeys('or', of);
      return { key, exact: branches.every((branch) => branch.exact) };
    }
  }
}

function joinKeys(kind: 'and' | 'or', of: readonly SearchKey[]): SearchKey {
  const [only] = of;
  if (only === undefined) return SEARCH_ALL;
  return of.length === 1 ? only : { kind, of };
}
