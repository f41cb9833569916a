/** Every rule on one message: its verdict, branch by branch, and whether it had a say. */
import type { Rule } from '../language/ast.ts';
import { explain, type Failure, firstFailure, type Trace } from '../language/explain.ts';
import type { MessageView } from '../mail/message-view.ts';
import { decide } from './decide.ts';
import type { DecideContext } from './decide-context.ts';
import { decideLater } from './decide-later.ts';
import type { Decision } from './decision.ts';
import { snoozeOf } from './snooze.ts';

/** What one rule says, and what that came to. */
export interface RuleExplanation {
  readonly rule: Rule;
  readonly trace: Trace;
  /** The first condition that failed, and the value that it saw; null where the rule matches. */
  readonly failure: Failure | null;
  readonly standing:
    | { readonly kind: 'acts' | 'observes' | 'no match' | 'off' }
    /** An earlier rule had ended the evaluation, or left the message for a person. */
    | { readonly kind: 'not reached'; readonly because: string }
    /** A person took back what this rule did to this message, by undo or by moving it back. */
    | { readonly kind: 'taken back' | 'moved back' }
    | { readonly kind: 'parks'; readonly reason: string }
    /** What it would put aside has come back, in milliseconds since the epoch. */
    | { readonly kind: 'snooze is over'; readonly untilMs: number }
    /** It is decided at that time, in milliseconds since the epoch. */
    | { readonly kind: 'waits'; readonly dueMs: number };
}

/** Explains the rules in their order; the decision is the very one that a run would take. */
export function explainRules(
  view: MessageView,
  rules: readonly Rule[],
  context: DecideContext,
): { readonly rules: readonly RuleExplanation[]; readonly decision: Decision | null } {
  const deciding = decide(view, rules, context);
  const decision = deciding.kind === 'decided' ? deciding : null;
  let ended: string | null = null;
  const explained = rules.map((rule): RuleExplanation => {
    const trace = explain(rule.when, view, context.evaluation);
    const standing = standingOf(rule, { trace, decision, ended, view, context });
    if (standing.kind === 'parks') ended = rule.name;
    if (standing.kind === 'acts' && endsEvaluation(rule)) ended = rule.name;
    const isLeftAlone = standing.kind === 'taken back' || standing.kind === 'moved back';
    if (isLeftAlone && endsEvaluation(rule)) ended = rule.name;
    return { rule, trace, failure: firstFailure(trace), standing };
  });
  return { rules: explained, decision };
}

function standingOf(
  rule: Rule,
  known: {
    trace: Trace;
    decision: Decision | null;
    ended: string | null;
    view: MessageView;
    context: DecideContext;
  },
): RuleExplanation['standing'] {
  const { trace, decision, ended, view, context } = known;
  if (!rule.enabled) return { kind: 'off' };
  const { verdict } = trace;
  if (ended !== null) return { kind: 'not reached', because: ended };
  const parked = decision?.parked ?? null;
  if (parked?.rule === rule.name) return { kind: 'parks', reason: parked.reason };
  const waiting = decision?.waiting.find((each) => each.rule === rule);
  if (waiting !== undefined) return { kind: 'waits', dueMs: waiting.dueMs };
  if (decideLater(rule, view, context) !== null) return { kind: 'no match' };
  if (verdict.kind === 'indeterminate') return { kind: 'parks', reason: verdict.reason };
  if (verdict.kind !== 'yes') return { kind: 'no match' };
  if (rule.mode === 'observe') return { kind: 'observes' };
  const isTakenBack =
    view.identity !== undefined && context.isSuppressed(view.identity, rule.revision);
  if (isTakenBack) return { kind: 'taken back' };
  const overMs = snoozeOver(rule, view, context);
  if (overMs !== null) return { kind: 'snooze is over', untilMs: overMs };
  const isMovedBack = context.isMovedBack?.(view, rule.revision) === true;
  return { kind: isMovedBack ? 'moved back' : 'acts' };
}

function snoozeOver(rule: Rule, view: MessageView, { evaluation }: DecideContext): number | null {
  const move = rule.actions.find(({ kind }) => kind === 'move');
  if (move?.kind !== 'move') return null;
  const snooze = snoozeOf(move, rule, view);
  return snooze.kind === 'snooze' && snooze.untilMs <= evaluation.nowMs ? snooze.untilMs : null;
}

function endsEvaluation({ actions, continues }: Rule): boolean {
  return actions.some(
    ({ kind }) =>
      kind === 'keep' || kind === 'stop' || ((kind === 'move' || kind === 'expunge') && !continues),
  );
}
