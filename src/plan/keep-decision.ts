/** A decision as it is kept until the plan is made. */
import type { Rule } from '../language/ast.ts';
import type { MessageView } from '../mail/message-view.ts';
import type { Decision, Relocation } from './decision.ts';
import { placeText } from './draft.ts';
import type { PlannedRule } from './plan.ts';

/** What a decision was made from is not needed any more, and would fill the memory. */
export function withoutContent(decision: Decision): Decision {
  const { ref, basic, identity } = decision.view;
  const view = {
    ref,
    ...(basic === undefined ? {} : { basic }),
    ...(identity === undefined ? {} : { identity }),
  };
  return slim(decision, view);
}

/** There may be a hundred thousand: what most have in common is there once. */
function slim(decision: Decision, view: MessageView): Decision {
  const { matched, move } = decision;
  const [only] = matched;
  return {
    kind: 'decided',
    view,
    matched: matched.length === 1 && only !== undefined ? listOf(only) : matched,
    flags: shared(decision.flags),
    copies: shared(decision.copies),
    creates: shared(decision.creates),
    move: move === null ? null : sharedMove(move),
    effects: shared(decision.effects),
    expunge: decision.expunge,
    observed: shared(decision.observed),
    waiting: shared(decision.waiting),
    parked: decision.parked,
  };
}

function shared<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? NONE : list;
}

const NONE: readonly never[] = [];

function listOf(rule: Rule): readonly Rule[] {
  const known = LISTS.get(rule) ?? [rule];
  LISTS.set(rule, known);
  return known;
}

const LISTS = new WeakMap<Rule, readonly Rule[]>();

/** A rule moves to few mailboxes; a snooze has a time of its own for each message. */
function sharedMove(move: Relocation): Relocation {
  if (move.untilMs !== undefined || move.isWake !== undefined) return move;
  const known = MOVES.get(move.rule) ?? new Map<string, Relocation>();
  MOVES.set(move.rule, known);
  const place = `${move.to.create} ${placeText(move.to)}`;
  const before = known.get(place);
  if (before !== undefined) return before;
  known.set(place, move);
  return move;
}

const MOVES = new WeakMap<PlannedRule, Map<string, Relocation>>();
