/** A decision as it grows rule by rule, and what is left of it when no-ops are dropped. */
import type { ExternalEffect } from '../core/external-effect.ts';
import type { Rule } from '../language/ast.ts';
import { type FlagChange, hasFlag, isStorable, SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { MessageView } from '../mail/message-view.ts';
import type { DecideContext } from './decide-context.ts';
import {
  type Decision,
  destinationWords,
  idleDecision,
  type Relocation,
  type ResolvedDestination,
  type Waiting,
} from './decision.ts';
import { transferKey } from './transfer-key.ts';

/** What the rules have asked for so far. What is null has not been asked for: most drafts are moves. */
export interface Draft {
  readonly view: MessageView;
  readonly matched: Rule[];
  flags: Map<string, Changing> | null;
  /** By `placeText`. */
  copies: Map<string, { to: ResolvedDestination; rule: Rule }> | null;
  creates: { mailbox: MailboxName; rule: Rule }[] | null;
  observed: { rule: Rule; what: string }[] | null;
  waiting: Waiting[] | null;
  effects: Map<string, { effect: ExternalEffect; rule: Rule }> | null;
  expunge: { backup: boolean; rule: Rule } | null;
  move: (Relocation & { readonly rule: Rule }) | null;
  relocated: boolean;
}

interface Changing {
  readonly change: FlagChange;
  readonly rule: Rule;
}

/** Nothing asked for yet. */
export function newDraft(view: MessageView): Draft {
  return {
    view,
    matched: [],
    flags: null,
    copies: null,
    creates: null,
    observed: null,
    waiting: null,
    effects: null,
    expunge: null,
    move: null,
    relocated: false,
  };
}

const CIRCLES =
  'it was moved in circles: 3 times within 24 hours; look which rules, or which other program, pass it on';

/** Drops what is already so, which is what makes a second run empty. */
export function finishDraft(draft: Draft, context: DecideContext): Decision {
  const { view, matched } = draft;
  const flags = changesOf(draft);
  const unstorable = flags?.find(({ change }) => !isStorable(change.flag, context.permanentFlags));
  if (unstorable !== undefined) {
    const kept = context.permanentFlags.join(' ') || 'none';
    return park(
      view,
      unstorable.rule,
      `the flag ${unstorable.change.flag} cannot be stored in ${view.ref.mailbox}: the server keeps only ${kept}`,
    );
  }
  const move = isThereAlready(draft, context) ? null : draft.move;
  if (move !== null && isSent(view, move.to, context)) {
    const words = destinationWords(move.to);
    return park(view, move.rule, `it may lie in ${words} already; look there, then remove one`);
  }
  if (move !== null && context.isCircling?.(view) === true) {
    return park(view, move.rule, CIRCLES);
  }
  const idle = idleDecision(view);
  // Where it goes, other rules may look at it.
  const waits = move === null && draft.expunge === null;
  return {
    kind: 'decided',
    view,
    matched,
    flags: flags ?? idle.flags,
    copies: copiesOf(draft, context) ?? idle.copies,
    creates: draft.creates ?? idle.creates,
    effects: effectsOf(draft, context) ?? idle.effects,
    expunge: draft.expunge,
    observed: draft.observed ?? idle.observed,
    waiting: (waits ? draft.waiting : null) ?? idle.waiting,
    move,
    parked: null,
  };
}

function changesOf({ flags, view }: Draft): readonly Changing[] | undefined {
  if (flags === null) return undefined;
  const current = view.basic?.flags ?? [];
  return [...flags.values()].filter(
    ({ change }) => hasFlag(current, change.flag) !== (change.op === 'add'),
  );
}

function copiesOf({ copies, view }: Draft, context: DecideContext): Decision['copies'] | undefined {
  if (copies === null) return undefined;
  return [...copies.values()].filter(
    ({ to }) =>
      !isSent(view, to, context) &&
      (to.account !== null ||
        (to.mailbox !== view.ref.mailbox && !context.isCopyMade(view, to.mailbox))),
  );
}

function effectsOf(
  { effects, view }: Draft,
  context: DecideContext,
): Decision['effects'] | undefined {
  if (effects === null) return undefined;
  return [...effects]
    .filter(([key]) => context.isEffectDone?.(view, key) !== true)
    .map(([, each]) => each);
}

/** In place, or a tombstone of ours: its copy lies at the destination. */
function isThereAlready({ move, view }: Draft, context: DecideContext): boolean {
  if (move === null) return false;
  const { account, mailbox } = move.to;
  if (account === null && mailbox === view.ref.mailbox) return true;
  const isDeleted = hasFlag(view.basic?.flags ?? [], SYSTEM_FLAGS.deleted);
  if (account !== null) return isDeleted && isSent(view, move.to, context);
  return isDeleted && context.isCopyMade(view, mailbox);
}

/** It was sent to that place of another account, or may have been, and stays there. */
function isSent(view: MessageView, to: ResolvedDestination, context: DecideContext): boolean {
  const { account, mailbox } = to;
  return (
    account !== null && context.isEffectDone?.(view, transferKey({ account, mailbox })) === true
  );
}

/** The same for the same destination. */
export function placeText({ account, mailbox }: ResolvedDestination): string {
  return JSON.stringify([account, mailbox]);
}

/** The message stays, whatever was asked for before. */
export function park(view: MessageView, rule: Rule, reason: string): Decision {
  return { ...idleDecision(view), matched: [rule], parked: { rule: rule.name, reason } };
}
