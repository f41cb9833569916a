/**
 * rules × one message → what should become of it. Pure: the same facts give the same decision, live,
 * from a file, today or in a replay.
 */

import { describeEffect, effectKey } from '../core/external-effect.ts';
import type { Action, Destination, Rule } from '../language/ast.ts';
import { evaluate } from '../language/evaluate.ts';
import type { Rendered, RenderInput } from '../language/evaluation.ts';
import { renderLabel, renderMailbox } from '../language/template.ts';
import { type Flag, flagKey } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Field, MessageView } from '../mail/message-view.ts';
import type { DecideContext } from './decide-context.ts';
import { decideLater } from './decide-later.ts';
import { type Deciding, type Decision, destinationWords, idleDecision } from './decision.ts';
import { type Draft, finishDraft, newDraft, park, placeText } from './draft.ts';
import { type Resolution, resolveAbroad, resolveName, resolveRole } from './resolve-destination.ts';
import { snoozeOf } from './snooze.ts';

/**
 * Decides one message, or names the facts that are missing. A rule that cannot be decided parks the
 * message: nothing is done to it, and no later rule sees it.
 */
export function decide(
  view: MessageView,
  rules: readonly Rule[],
  context: DecideContext,
): Deciding {
  if (rules.length === 0) return idleDecision(view);
  const draft = newDraft(view);
  for (const rule of rules) {
    if (!rule.enabled) continue;
    const later = decideLater(rule, view, context);
    if (later !== null) {
      if (later.kind === 'needs') return later;
      if (later.kind === 'waits') {
        draft.waiting ??= [];
        draft.waiting.push({ rule, dueMs: later.dueMs });
      }
      continue;
    }
    const verdict = evaluate(rule.when, view, context.evaluation);
    if (verdict.kind === 'no') continue;
    if (verdict.kind === 'needs') return verdict;
    if (verdict.kind === 'indeterminate')
      return park(view, rule, `cannot be decided: ${verdict.reason}`);
    if (rule.mode === 'observe') {
      if (view.basic === undefined) return { kind: 'needs', fields: ['basic'] };
      const seen = observe(rule, { draft, context, captures: verdict.captures });
      if (seen.kind === 'needs') return seen;
      continue;
    }
    // Flags, date and size come with the identity, in one answer.
    if (view.identity === undefined) return { kind: 'needs', fields: ['identity'] };
    if (view.basic === undefined) return { kind: 'needs', fields: ['basic'] };
    if (
      context.isSuppressed(view.identity, rule.revision) ||
      context.isMovedBack?.(view, rule.revision) === true
    ) {
      const ended = endWithoutEffect(rule, { draft, context, captures: verdict.captures });
      if (ended.kind === 'needs') return ended;
      if (ended.kind === 'ends') break;
      continue;
    }
    draft.matched.push(rule);
    const result = applyRule(rule, { draft, context, captures: verdict.captures });
    if (result.kind === 'needs') return result;
    if (result.kind === 'problem') return park(view, rule, result.reason);
    if (result.kind === 'ends') break;
  }
  return finishDraft(draft, context);
}

/** True when a decision asks for nothing, so that nobody needs to keep it. */
export function isIdle(decision: Decision): boolean {
  return (
    decision.parked === null &&
    decision.move === null &&
    decision.observed.length === 0 &&
    decision.waiting.length === 0 &&
    decision.expunge === null &&
    decision.effects.length === 0 &&
    decision.flags.length + decision.copies.length + decision.creates.length === 0
  );
}

type Applied =
  | { readonly kind: 'goes-on' }
  | { readonly kind: 'ends' }
  | { readonly kind: 'needs'; readonly fields: readonly Field[] }
  | { readonly kind: 'problem'; readonly reason: string };

interface Work {
  readonly draft: Draft;
  readonly context: DecideContext;
  readonly captures: readonly string[];
}

/** What the rule would do now, on a draft of its own: the message's evaluation goes on without it. */
function observe(rule: Rule, work: Work): Applied {
  const { draft } = work;
  const alone = newDraft(draft.view);
  const applied = applyRule(rule, { ...work, draft: alone });
  if (applied.kind === 'needs') return applied;
  draft.matched.push(rule);
  const words =
    applied.kind === 'problem'
      ? [`would be left for you: ${applied.reason}`]
      : wordsOf(alone, work);
  draft.observed ??= [];
  for (const what of words) draft.observed.push({ rule, what });
  return GOES_ON;
}

function wordsOf(alone: Draft, { context }: Work): readonly string[] {
  const { flags, copies, creates, effects, expunge, move, parked } = finishDraft(alone, context);
  if (parked !== null) return [`would be left for you: ${parked.reason}`];
  return [
    ...flags.map(({ change }) => `${change.op === 'add' ? 'flag' : 'unflag'} ${change.flag}`),
    ...creates.map(({ mailbox }) => `create ${mailbox}`),
    ...copies.map(({ to }) => `copy to ${destinationWords(to)}`),
    ...effects.map(({ effect }) => describeEffect(effect)),
    ...(move === null ? [] : [`move to ${destinationWords(move.to)}`]),
    ...(expunge === null ? [] : ['delete for good']),
  ];
}

function applyRule(rule: Rule, work: Work): Applied {
  let ends = false;
  for (const action of rule.actions) {
    const applied = applyAction(action, rule, work);
    if (applied.kind === 'needs' || applied.kind === 'problem') return applied;
    if (applied.kind === 'ends') ends = true;
  }
  return ends ? ENDS : GOES_ON;
}

const ENDS = { kind: 'ends' } as const;
const GOES_ON = { kind: 'goes-on' } as const;

/**
 * A rule whose work a person took back has none of its effects, but it still ends what it ended and
 * overrules what it overruled: else an earlier or later rule would now act on what was just restored.
 */
function endWithoutEffect(rule: Rule, work: Work): Applied {
  const { draft } = work;
  const { actions, continues } = rule;
  const alone: Work = { ...work, draft: newDraft(draft.view) };
  const applied = applyRule(rule, alone);
  if (applied.kind === 'needs') return applied;
  for (const key of alone.draft.flags?.keys() ?? []) draft.flags?.delete(key);
  for (const place of alone.draft.copies?.keys() ?? []) draft.copies?.delete(place);
  const relocates =
    alone.draft.relocated ||
    actions.some(
      (each) => each.kind === 'expunge' || (each.kind === 'move' && each.until === undefined),
    );
  if (relocates) draft.relocated = true;
  const stops = actions.some(({ kind }) => kind === 'keep' || kind === 'stop');
  return stops || (relocates && !continues) ? ENDS : GOES_ON;
}

function applyAction(action: Action, rule: Rule, work: Work): Applied {
  const { draft } = work;
  switch (action.kind) {
    case 'flag':
      return setFlag(draft, rule, { op: action.op, flag: action.flag });
    case 'label': {
      const label = renderLabel(action.label, renderInput(work));
      return label.kind === 'text'
        ? setFlag(draft, rule, { op: action.op, flag: label.text })
        : failedRender(label);
    }
    case 'create': {
      const name = renderMailbox(action.mailbox, renderInput(work));
      if (name.kind !== 'text') return failedRender(name);
      const resolution = resolveName(work.context.mailboxes, name.text, true);
      if (resolution.kind === 'problem') return resolution;
      if (!resolution.to.create) return GOES_ON;
      draft.creates ??= [];
      draft.creates.push({ mailbox: name.text, rule });
      return GOES_ON;
    }
    case 'copy': {
      const found = findDestination(action.to, work);
      if (found.kind !== 'resolved') return found;
      draft.copies ??= new Map();
      draft.copies.set(placeText(found.to), { to: found.to, rule });
      return GOES_ON;
    }
    case 'external':
      draft.effects ??= new Map();
      draft.effects.set(effectKey(action.effect), { effect: action.effect, rule });
      return GOES_ON;
    case 'move':
      return relocate(action, rule, work);
    case 'expunge':
      if (draft.relocated) return ENDS;
      return expunge(action, rule, work);
    default:
      return ENDS;
  }
}

/** Deletes for good, or where deletions are held, moves there first. */
function expunge(
  action: Extract<Action, { kind: 'expunge' }>,
  rule: Rule,
  { draft, context }: Work,
): Applied {
  const { hold, mailboxes } = context;
  if (hold === undefined) draft.expunge = { backup: action.backup, rule };
  else {
    const found = resolveName(mailboxes, hold, true);
    if (found.kind !== 'resolved') return found;
    draft.move = { to: found.to, rule };
  }
  draft.relocated = true;
  return rule.continues ? GOES_ON : ENDS;
}

/** The first relocation wins; a rule that `continue` let through cannot move the message again. */
function relocate(action: Extract<Action, { kind: 'move' }>, rule: Rule, work: Work): Applied {
  const { draft, context } = work;
  if (draft.relocated) return ENDS;
  const snooze = snoozeOf(action, rule, draft.view);
  if (snooze.kind === 'needs') return snooze;
  if (snooze.kind === 'snooze' && snooze.untilMs <= context.evaluation.nowMs) {
    return GOES_ON;
  }
  const found = findDestination(action.to, work);
  if (found.kind !== 'resolved') return found;
  draft.relocated = true;
  draft.move =
    snooze.kind === 'snooze'
      ? { to: found.to, rule, untilMs: snooze.untilMs }
      : { to: found.to, rule };
  return rule.continues ? GOES_ON : ENDS;
}

function setFlag(draft: Draft, rule: Rule, change: { op: 'add' | 'remove'; flag: Flag }): Applied {
  draft.flags ??= new Map();
  draft.flags.set(flagKey(change.flag), { change, rule });
  return GOES_ON;
}

function findDestination(
  destination: Destination,
  work: Work,
): Resolution | Exclude<Applied, { kind: 'goes-on' | 'ends' }> {
  if (destination.kind === 'role') return resolveRole(work.context.mailboxes, destination.role);
  const { template, otherwise } = destination;
  const name = template.fixed ?? renderMailbox(template, renderInput(work));
  if (name.kind === 'text') return resolveNamed(destination, name.text, work);
  return name.kind === 'empty' && otherwise !== null
    ? resolveNamed(destination, otherwise, work)
    : failedRender(name);
}

function resolveNamed(
  destination: Exclude<Destination, { kind: 'role' }>,
  name: MailboxName,
  { context, draft }: Work,
): Resolution {
  return destination.kind === 'of-account' && destination.account !== draft.view.ref.account
    ? resolveAbroad(destination.account, name, destination.create)
    : resolveName(context.mailboxes, name, destination.create);
}

function failedRender(
  rendered: Exclude<Rendered<unknown>, { kind: 'text' }>,
): Exclude<Applied, { kind: 'goes-on' | 'ends' }> {
  if (rendered.kind === 'needs') return rendered;
  return rendered.kind === 'indeterminate'
    ? { kind: 'problem', reason: rendered.reason }
    : {
        kind: 'problem',
        reason: `the message has no value for {{ ${rendered.field} }}; add "else: MAILBOX" to the action`,
      };
}

function renderInput(work: Work): RenderInput {
  return { view: work.draft.view, context: work.context.evaluation, captures: work.captures };
}
