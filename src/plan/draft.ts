/** A decision as it grows rule by rule, and what is left of it when no-ops are dropped. */
import type { ExternalEffect } from '../core/external-effect.ts';
import type { Rule } from '../language/ast.ts';
import { type Flag, hasFlag, isStorable, SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { MessageView } from '../mail/message-view.ts';
import type { DecideContext } from './decide-context.ts';
import {
  type Decision,
  destinationWords,
  type Relocation,
  type ResolvedDestination,
  type Waiting,
} from './decision.ts';
import { transferKey } from './transfer-key.ts';

/** What the rules have asked for so far. */
export interface Draft {
  readonly view: MessageView;
  readonly matched: Rule[];
  readonly flags: Map<string, { change: { op: 'add' | 'remove'; flag: Flag }; rule: Rule }>;
  /** By `placeText`. */
  readonly copies: Map<string, { to: ResolvedDestination; rule: Rule }>;
  readonly creates: { mailbox: MailboxName; rule: Rule }[];
  readonly observed: { rule: Rule; what: string }[];
  readonly waiting: Waiting[];
  readonly effects: Map<string, { effect: ExternalEffect; rule: Rule }>;
  expunge: { backup: boolean; rule: Rule } | null;
  move: (Relocation & { readonly rule: Rule }) | null;
  relocated: boolean;
}

/** Nothing asked for yet. */
export function newDraft(view: MessageView): Draft {
  return {
    view,
    matched: [],
    flags: new Map(),
    copies: new Map(),
    creates: [],
    observed: [],
    waiting: [],
    effects: new Map(),
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
  const here = view.ref.mailbox;
  const current = view.basic?.flags ?? [];
  const flags = valuesOf(draft.flags).filter(
    ({ change }) => hasFlag(current, change.flag) !== (change.op === 'add'),
  );
  const unstorable = flags.find(({ change }) => !isStorable(change.flag, context.permanentFlags));
  if (unstorable !== undefined) {
    const kept = context.permanentFlags.join(' ') || 'none';
    return park(
      view,
      unstorable.rule,
      `the flag ${unstorable.change.flag} cannot be stored in ${here}: the server keeps only ${kept}`,
    );
  }
  const copies = valuesOf(draft.copies).filter(
    ({ to }) =>
      !isSent(view, to, context) &&
      (to.account !== null || (to.mailbox !== here && !context.isCopyMade(view, to.mailbox))),
  );
  const move = isThereAlready(draft, context) ? null : draft.move;
  if (move !== null && isSent(view, move.to, context)) {
    const words = destinationWords(move.to);
    return park(view, move.rule, `it may lie in ${words} already; look there, then remove one`);
  }
  if (move !== null && context.isCircling?.(view) === true) {
    return park(view, move.rule, CIRCLES);
  }
  return {
    kind: 'decided',
    view,
    matched,
    flags,
    copies,
    creates: draft.creates,
    effects:
      draft.effects.size === 0
        ? []
        : [...draft.effects]
            .filter(([key]) => context.isEffectDone?.(view, key) !== true)
            .map(([, each]) => each),
    expunge: draft.expunge,
    observed: draft.observed,
    // Where it goes, other rules may look at it.
    waiting: move === null && draft.expunge === null ? draft.waiting : [],
    move,
    parked: null,
  };
}

/** Most drafts are moves and nothing else. */
function valuesOf<T>(map: ReadonlyMap<string, T>): readonly T[] {
  return map.size === 0 ? [] : [...map.values()];
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
  const parked = { rule: rule.name, reason };
  return {
    kind: 'decided',
    view,
    matched: [rule],
    flags: [],
    copies: [],
    creates: [],
    effects: [],
    expunge: null,
    observed: [],
    waiting: [],
    move: null,
    parked,
  };
}
