/**
 * predicate × message → the verdict of every branch, with the values that were seen. The same
 * verdicts as evaluate() gives, but no branch is spared.
 */
import type { MessageView } from '../mail/message-view.ts';
import type { Predicate } from './ast.ts';
import type { EvaluationContext, Verdict } from './evaluation.ts';
import { joinVerdicts, negate } from './verdict.ts';

/** One branch of a condition. */
export interface Trace {
  readonly verdict: Verdict;
  /** `all`, `any`, `not`, or the condition in words. */
  readonly text: string;
  /** What a condition saw; null for branches. */
  readonly saw: string | null;
  readonly branches: readonly Trace[];
}

/** What kept a rule from matching. */
export interface Failure {
  /** The condition in words; under `not`, what should not have held. */
  readonly condition: string;
  readonly saw: string;
  /** What would have made it match. */
  readonly wanted: string;
}

/** Evaluates every branch. Pure; asks for facts by verdict `needs`, as evaluate() does. */
export function explain(
  predicate: Predicate,
  view: MessageView,
  context: EvaluationContext,
): Trace {
  switch (predicate.kind) {
    case 'test': {
      const { test } = predicate;
      return {
        verdict: test.evaluate(view, context),
        text: test.describe(),
        saw: test.saw(view, context),
        branches: [],
      };
    }
    case 'not': {
      const inner = explain(predicate.of, view, context);
      return { verdict: negate(inner.verdict), text: 'not', saw: null, branches: [inner] };
    }
    default: {
      const branches = predicate.of.map((branch) => explain(branch, view, context));
      const verdict = joinVerdicts(
        predicate.kind,
        branches.map((branch) => branch.verdict),
      );
      return { verdict, text: predicate.kind, saw: null, branches };
    }
  }
}

/** The first condition that kept a branch from holding; null where it holds. */
export function firstFailure(trace: Trace): Failure | null {
  return trace.verdict.kind === 'yes' ? null : failing(trace, true);
}

/** `wanted` is the verdict that the branch should have had: under `not` the other one. */
function failing(trace: Trace, wanted: boolean): Failure | null {
  const { verdict, text, saw, branches } = trace;
  if (verdict.kind === (wanted ? 'yes' : 'no')) return null;
  if (saw !== null) {
    return { condition: text, saw, wanted: wanted ? text : `not: ${text}` };
  }
  if (text === 'not') return first(branches, !wanted);
  return first(branches, wanted);
}

function first(branches: readonly Trace[], wanted: boolean): Failure | null {
  for (const branch of branches) {
    const failure = failing(branch, wanted);
    if (failure !== null) return failure;
  }
  return null;
}
