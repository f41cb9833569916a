/** Plans, runs and outcomes for the tests of the journal. */
import { type AccountId, accountId, type RunId, runId, stepId } from '../../src/core/brand.ts';
import type { TargetOutcome } from '../../src/journal/journal.ts';
import { type Identity, identityFromJournal } from '../../src/mail/identity.ts';
import { type MailboxName, parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { Uid } from '../../src/mail/uid-set.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Step } from '../../src/plan/step.ts';

export const WORK: AccountId = accountId('work');
export const HOME: AccountId = accountId('home');
export const INBOX: MailboxName = parseMailboxName('INBOX');
export const LISTS: MailboxName = parseMailboxName('Lists/dev');
export const TRASH: MailboxName = parseMailboxName('Trash');

/** A run id that sorts by its number. */
export function runNumber(number: number): RunId {
  return runId(`20260101T00000${number}-abcdef`);
}

/** An identity with this number in it. */
export function identityNumber(number: number): Identity {
  return identityFromJournal(String(number).padStart(40, '0'));
}

/** A step without its id. */
export type Draft = Step extends infer S ? (S extends Step ? Omit<S, 'id'> : never) : never;

/** Targets of the first rule. */
export function targets(uids: readonly Uid[]): readonly { uid: Uid; rule: number }[] {
  return uids.map((uid) => ({ uid, rule: 0 }));
}

/** A copy of these messages of INBOX to Lists/dev. */
export function copyStep(uids: readonly Uid[]): Draft {
  return { kind: 'copy', mailbox: INBOX, destination: LISTS, targets: targets(uids) };
}

/** A plan whose steps are the drafts in order, and whose messages are all that the drafts name. */
export function planOf(
  drafts: readonly Draft[],
  more: Partial<Pick<Plan, 'run' | 'account' | 'undoes' | 'parked'>> = {},
): Plan {
  const run = more.run ?? runNumber(1);
  const account = more.account ?? WORK;
  const uids = new Map<MailboxName, Set<Uid>>();
  for (const draft of drafts) {
    if (draft.kind === 'create') continue;
    const known = uids.get(draft.mailbox) ?? new Set();
    for (const { uid } of draft.targets) known.add(uid);
    uids.set(draft.mailbox, known);
  }
  return {
    version: 1,
    run,
    account,
    createdAtMs: 1_000,
    ruleSetDigest: 'digest',
    undoes: more.undoes ?? null,
    rules: [{ name: 'lists', file: 'rules/lists.yaml', revision: 'r1' }],
    mailboxes: [...uids].map(([name, known]) => ({
      name,
      uidValidity: 7,
      uidNext: 1_000,
      exists: 900,
      messages: [...known].map((uid) => ({
        uid,
        identity: identityNumber(uid),
        basic: { flags: ['\\Seen'], internalDateMs: -5, sizeBytes: 2_048 },
      })),
    })),
    steps: drafts.map((draft, index) => ({ ...draft, id: stepId(run, account, index + 1) })),
    parked: more.parked ?? [],
    observed: [],
  };
}

/** Messages that were copied or moved, each to its UID plus 100. */
export function doneOutcomes(uids: readonly Uid[]): readonly TargetOutcome[] {
  return uids.map((uid) => ({
    uid,
    result: 'done',
    destination: { uidValidity: 9, uid: uid + 100 },
  }));
}
