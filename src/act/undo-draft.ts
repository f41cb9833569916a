/** The steps of an undo as they come together, in the order in which they are carried out. */

import type { Suppression } from '../journal/journal.ts';
import { type FlagChange, flagKey } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import { batchesOf } from '../plan/build-plan.ts';
import type { Plan, PlannedMailbox, PlannedMessage } from '../plan/plan.ts';
import type { Step, StepTarget } from '../plan/step.ts';
import type { AccountPlace } from '../plan/transfer-key.ts';

/** A message as the run, or an earlier undo of it, left it. */
export interface Standing {
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly message: PlannedMessage;
}

/** The rule that did something, and where the run tells of it. */
export type Origin = Omit<StepTarget, 'uid'>;

type Unnumbered<S> = S extends Step ? Omit<S, 'id'> : never;

/** The inverse steps, what stays as it is, and what the rules must leave alone from now on. */
export interface UndoDraft {
  readonly steps: readonly Unnumbered<Step>[];
  readonly notes: Set<string>;
  readonly suppressions: Map<string, Suppression>;
  mailboxes(): readonly PlannedMailbox[];
  revive(at: Standing, from: Origin): void;
  store(at: Standing, change: FlagChange, from: Origin): void;
  moveBack(at: Standing, to: MailboxName, from: Origin): void;
  retract(at: Standing, from: Origin): void;
  /** Back to the account that it was sent from. */
  sendBack(at: Standing, to: AccountPlace, from: Origin): void;
  /** Puts it back from the backup that `from` names. */
  restore(at: Standing, from: Origin): void;
  suppress(plan: Plan, message: PlannedMessage, rule: number): void;
}

interface Group {
  readonly step: (targets: readonly StepTarget[]) => Unnumbered<Step>;
  readonly targets: StepTarget[];
}

/** Opens an empty draft; `trash` is the mailbox with that role, or null. */
export function openUndoDraft(trashMailbox: MailboxName | null): UndoDraft {
  // In the order in which they are carried out: a copy is retracted last, when its source stands.
  const phases = [0, 1, 2, 3].map(() => new Map<string, Group>());
  const known = new Map<MailboxName, { uidValidity: number; messages: Map<Uid, PlannedMessage> }>();
  const notes = new Set<string>();
  const suppressions = new Map<string, Suppression>();
  const add = (
    phase: number,
    item: { key: string; at: Standing; from: Origin; step: Group['step'] },
  ): void => {
    const { mailbox, uidValidity, message } = item.at;
    const place = known.get(mailbox) ?? { uidValidity, messages: new Map() };
    known.set(mailbox, place);
    if (place.uidValidity !== uidValidity) {
      notes.add(`the server numbered ${mailbox} anew during the run; some messages stay there`);
      return;
    }
    if (!place.messages.has(message.uid)) place.messages.set(message.uid, message);
    const groups = phases[phase];
    const group = groups?.get(item.key) ?? { step: item.step, targets: [] };
    group.targets.push({ uid: message.uid, ...item.from });
    groups?.set(item.key, group);
  };
  return {
    notes,
    suppressions,
    get steps() {
      return phases.flatMap((groups) =>
        [...groups.values()].flatMap(({ step, targets }) => batchesOf(targets).map(step)),
      );
    },
    mailboxes: () => [...known].map(([name, place]) => plannedMailbox(name, place)),
    revive: (at, from) => {
      const { mailbox } = at;
      const step: Group['step'] = (targets) => ({ kind: 'revive', mailbox, targets });
      add(0, { key: mailbox, at, from, step });
    },
    store: (at, change, from) => {
      const { mailbox } = at;
      const key = `${change.op} ${flagKey(change.flag)} ${mailbox}`;
      add(1, { key, at, from, step: (targets) => ({ kind: 'store', mailbox, change, targets }) });
    },
    moveBack: (at, destination, from) => {
      const { mailbox } = at;
      const key = JSON.stringify([mailbox, destination]);
      const step: Group['step'] = (targets) => ({ kind: 'move', mailbox, destination, targets });
      add(2, { key, at, from, step });
    },
    sendBack: (at, to, from) => {
      const { mailbox } = at;
      const step: Group['step'] = (targets) => ({
        ...{ kind: 'transfer', mailbox, to, create: true, removes: true, targets },
      });
      add(2, { key: JSON.stringify([mailbox, to]), at, from, step });
    },
    retract: (at, from) => {
      const { mailbox } = at;
      // A copy that lies in the trash cannot be moved there; it is marked where it lies.
      const trash = mailbox === trashMailbox ? null : trashMailbox;
      const step: Group['step'] = (targets) => ({ kind: 'retract', mailbox, trash, targets });
      add(3, { key: mailbox, at, from, step });
    },
    restore: (at, from) => {
      const { mailbox } = at;
      add(2, {
        key: `restore ${mailbox}`,
        at,
        from,
        step: (targets) => ({ kind: 'restore', mailbox, targets }),
      });
    },
    suppress: (plan, { identity }, rule) => {
      const ruleRevision = plan.rules[rule]?.revision;
      if (ruleRevision === undefined) return;
      const suppression = { account: plan.account, identity, ruleRevision };
      suppressions.set(`${identity} ${ruleRevision}`, suppression);
    },
  };
}

function plannedMailbox(
  name: MailboxName,
  place: { uidValidity: number; messages: ReadonlyMap<Uid, PlannedMessage> },
): PlannedMailbox {
  const messages = [...place.messages.values()].sort((a, b) => a.uid - b.uid);
  const uidNext = (messages.at(-1)?.uid ?? 0) + 1;
  return { name, uidValidity: place.uidValidity, uidNext, exists: messages.length, messages };
}
