/**
 * The memory of the house. Every mutation is written here before its first byte is sent and after
 * its evidence is in; the mailboxes can be brought to the intended state from this alone.
 * Never holds subjects, addresses, bodies or credentials.
 */
import type { AccountId, RunId, StepId } from '../core/brand.ts';
import type { Cursor } from '../mail/cursor.ts';
import type { Flag } from '../mail/flags.ts';
import type { Identity } from '../mail/identity.ts';
import type { MemoryCursor, RememberedMessage } from '../mail/mail-memory.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { Plan } from '../plan/plan.ts';
import type { MovedMessage } from './moved.ts';
import type { PastWork } from './past-work.ts';

/** Why a run was started. */
export type RunKind = 'run' | 'arrival' | 'schedule' | 'apply' | 'undo' | 'probe';

/** One run; `endedAtMs` is null while it is open (or was cut off by a crash). */
export interface RunRecord {
  readonly id: RunId;
  readonly kind: RunKind;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly undoes: RunId | null;
  /** Set when later runs have taken back all of this one that could be; the last of them. */
  readonly undoneBy: RunId | null;
  /** Undos that have taken back parts of it, oldest first, as long as something is left. */
  readonly partlyUndoneBy: readonly RunId[];
}

/**
 * The command of a step that is about to be sent; `remove` is DELETE, of a scratch mailbox. A move without MOVE has several phases. Under the
 * shared-mailbox guard messages are claimed, yielded to another installation, and released at the end.
 */
export type Phase =
  | 'create'
  | 'remove'
  | 'store'
  | 'copy'
  | 'move'
  | 'delete'
  | 'expunge'
  | 'append'
  | 'effect'
  | 'claim'
  | 'yield'
  | 'release';

/** Intent, durable before the first byte (I5). `baseline` is STATUS of the destination. */
export interface Intent {
  readonly step: StepId;
  readonly phase: Phase;
  readonly atMs: number;
  readonly uids: readonly Uid[];
  readonly baseline: { readonly uidValidity: number; readonly uidNext: number } | null;
}

/** What became of one message of a step, with the evidence that undo needs. */
export interface TargetOutcome {
  readonly uid: Uid;
  readonly result: 'done' | 'parked' | 'superseded';
  /** For parked and superseded: why, in words a person can act on. */
  readonly reason?: string;
  /** For copy and move: where the message is now. */
  readonly destination?: { readonly uidValidity: number; readonly uid: Uid };
  /** In a proof: the source of this copy still stands, and is to be removed on its strength. */
  readonly stays?: boolean;
  /** The source stays, marked \Deleted, for want of UIDPLUS: "pending expunge". */
  readonly tombstone?: boolean;
  /** It may have been done outside, and is not to be repeated. */
  readonly uncertain?: boolean;
  /** For an undo that stopped before: nothing was tried, and a later undo goes on with it. */
  readonly untried?: boolean;
  /** For expunge: the file name of its backup in the state directory. */
  readonly backup?: string;
  /** For store: the flags before, so that undo takes back only what we changed. */
  readonly flagsBefore?: readonly Flag[];
}

/** Everything the journal knows of one step. */
export interface StepRecord {
  readonly id: StepId;
  readonly state: 'planned' | 'issued' | 'settled';
  /** Intents in the order they were written. */
  readonly intents: readonly Intent[];
  /** Proof of an intermediate phase: copies made, before the source is touched. */
  readonly proved: readonly TargetOutcome[];
  /** Final outcomes; empty unless settled. */
  readonly outcomes: readonly TargetOutcome[];
}

/** A stored plan with the state of its steps, by step id. */
export interface PlanRecord {
  readonly plan: Plan;
  readonly ended: boolean;
  readonly steps: ReadonlyMap<StepId, StepRecord>;
}

/** A rule revision that must leave a message alone, since a person took its work back. */
export interface Suppression {
  readonly account: AccountId;
  readonly identity: Identity;
  readonly ruleRevision: string;
}

/** A copy that was made and must not be made again while the original stays. */
export interface CopyKey extends Omit<PastWork, 'what'> {
  readonly account: AccountId;
  readonly mailbox: MailboxName;
  readonly destination: MailboxName;
}

/** A copy that a move made before it was stopped: the source stayed, or may have. */
export interface StrandedCopy {
  readonly account: AccountId;
  readonly identity: Identity;
  readonly internalDateMs: number;
  readonly destination: MailboxName;
  readonly uidValidity: number;
  readonly uid: Uid;
}

/** Every method throws JOURNAL_UNAVAILABLE when the store cannot do it; nothing is then mutated. */
export interface Journal {
  beginRun(run: {
    id: RunId;
    kind: RunKind;
    startedAtMs: number;
    undoes: RunId | null;
  }): Promise<void>;
  /** With `left: 'rest'` the run that this one undoes keeps something that can be taken back. */
  endRun(id: RunId, atMs: number, left?: 'nothing' | 'rest'): Promise<void>;
  /**
   * PLANNED: the whole plan, the suppressions and the cursors in one durable transaction. A plan that
   * waited for approval waits no longer.
   */
  savePlan(
    plan: Plan,
    cursors: readonly Cursor[],
    suppressions?: readonly Suppression[],
  ): Promise<void>;
  /** ISSUED, all together; durable when it resolves. */
  recordIntent(...intents: Intent[]): Promise<void>;
  /** OUTCOME of an intermediate phase; durable when it resolves. */
  recordProof(step: StepId, proved: readonly TargetOutcome[]): Promise<void>;
  /** DONE, PARKED or SUPERSEDED for each message of a step. */
  settleStep(step: StepId, outcomes: readonly TargetOutcome[]): Promise<void>;
  /** Every step of the plan is settled. */
  endPlan(run: RunId, account: AccountId): Promise<void>;
  /** Plans of an account that were cut off, oldest first. */
  openPlans(account: AccountId): Promise<readonly PlanRecord[]>;
  /** The plans of a run, one an account. */
  plansOf(run: RunId): Promise<readonly PlanRecord[]>;
  /** No plan of the run is still to be finished. */
  isWhole(run: RunId): Promise<boolean>;
  run(id: RunId): Promise<RunRecord | null>;
  /** The undos of a run, oldest first, also those that are cut off. */
  undosOf(run: RunId): Promise<readonly RunRecord[]>;
  /** Newest first. */
  runs(limit: number): Promise<readonly RunRecord[]>;
  cursor(account: AccountId, mailbox: MailboxName): Promise<Cursor | null>;
  saveCursors(cursors: readonly Cursor[]): Promise<void>;
  /** Copies of messages of a mailbox that were made and not taken back, by destination. */
  madeCopies(account: AccountId, mailbox: MailboxName): Promise<readonly PastWork[]>;
  /** Effects that were, or may have been, done for messages of a mailbox, by `effectKey`. */
  doneEffects(account: AccountId, mailbox: MailboxName): Promise<readonly PastWork[]>;
  /** Copies of an account that a later move of the same message adopts instead of making another. */
  strandedCopies(account: AccountId): Promise<readonly StrandedCopy[]>;
  /** Messages with these identities that rules moved, and that no undo moved back. */
  movedMessages(
    account: AccountId,
    identities: readonly Identity[],
  ): Promise<readonly MovedMessage[]>;
  /** Messages that rules moved into a mailbox before a time, and that no undo moved back. */
  movedInto(
    account: AccountId,
    mailbox: MailboxName,
    beforeMs: number,
  ): Promise<readonly MovedMessage[]>;
  /** Suppressions of an account, as `suppressionText`. */
  suppressions(account: AccountId): Promise<ReadonlySet<string>>;
  /**
   * Every message of these mailboxes has been looked at anew: nothing of what was parked there before
   * waits any longer. (A message that a step has dealt with stops waiting by itself.)
   */
  releaseParked(account: AccountId, mailboxes: readonly MailboxName[]): Promise<void>;
  /** These messages are looked at anew by themselves: they wait no longer. */
  releaseMessages(account: AccountId, mailbox: MailboxName, uids: readonly Uid[]): Promise<void>;
  /** Messages that wait for a person, newest run first. */
  parked(limit: number): Promise<readonly ParkedRecord[]>;
  /** What is remembered of an account's mailboxes: digests of senders and identifiers. */
  loadMemory(account: AccountId): Promise<MemoryRecord>;
  /** Adds to what is remembered; a message of the same place replaces the one before. */
  saveMemory(account: AccountId, changed: MemoryRecord): Promise<void>;
  /** The name of this installation among others on the same mailboxes: made once, then the same. */
  installation(): Promise<string>;
  /**
   * Remembers the claims of others that stood on messages when they had to be left, and forgets those
   * that stand no more. Gives since when each has been seen, by UID.
   */
  noteClaims(sighting: ClaimSighting): Promise<ReadonlyMap<Uid, number>>;
  /** The step that may have left claims of ours somewhere in the account; null: there is none. */
  claimsLeft(account: AccountId): Promise<StepId | null>;
  setClaimsLeft(account: AccountId, by: StepId | null): Promise<void>;
  /** Keeps plans for a person to approve, in place of older ones of the same accounts. */
  keepWaiting(
    plans: readonly Plan[],
    why: { readonly reason: string; readonly atMs: number },
  ): Promise<void>;
  /** Plans that wait for approval, oldest first. */
  waitingPlans(): Promise<readonly WaitingPlan[]>;
  /** The minute of the last tick of a rule file's schedule that was done for an account. */
  scheduleDone(account: AccountId, ruleFile: string): Promise<number | null>;
  noteSchedule(account: AccountId, ruleFile: string, atMs: number): Promise<void>;
  /** Remembers that rules are to be decided later; a later word on the same rule and message counts. */
  noteWaits(waits: readonly Wait[]): Promise<void>;
  /** Forgets those. */
  dropWaits(waits: readonly Wait[]): Promise<void>;
  /** What of an account is due by then, by mailbox and UID. */
  waits(account: AccountId, untilMs: number): Promise<readonly Wait[]>;
  /** The accounts of which something is due by then. */
  accountsDue(untilMs: number): Promise<readonly AccountId[]>;
  /** Forgets the details of old runs; gives how many. */
  prune(retention: Retention): Promise<number>;
  close(): Promise<void>;
}

/** A rule that is to be decided on a message later, or a message that comes back later. */
export interface Wait {
  readonly account: AccountId;
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly uid: Uid;
  /** The name of the rule, which is decided as it then is, or which put the message aside. */
  readonly rule: string;
  /** In milliseconds since the epoch. */
  readonly dueMs: number;
  /** Set where no rule is to be decided: the message is snoozed, and comes back. */
  readonly snoozed: SnoozedMessage | null;
}

/** A message that a rule put aside. */
export interface SnoozedMessage {
  /** The mailbox that it comes back to. */
  readonly back: MailboxName;
  readonly identity: Identity;
  readonly internalDateMs: number;
}

/** Which details of runs may be forgotten. */
export interface Retention {
  /** Only runs that began before. */
  readonly beforeMs: number;
  /** The newest runs stay whatever the clock says: it may be wrong. */
  readonly keepNewest: number;
  /** Runs a call. */
  readonly atMost: number;
}

/** A plan that a limit stopped before its first command. */
export interface WaitingPlan {
  readonly plan: Plan;
  readonly reason: string;
  readonly atMs: number;
}

/** Claims of others on messages of one mailbox; null where none stands. */
export interface ClaimSighting {
  readonly account: AccountId;
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly atMs: number;
  readonly claims: ReadonlyMap<Uid, Flag | null>;
}

/** Remembered messages, and how far each mailbox has been read. */
export interface MemoryRecord {
  readonly messages: readonly RememberedMessage[];
  readonly cursors: readonly MemoryCursor[];
}

/** A parked message: a plan's own, or one that the server refused to change. */
export interface ParkedRecord {
  readonly run: RunId;
  readonly account: AccountId;
  readonly mailbox: MailboxName;
  readonly uid: Uid;
  readonly rule: string | null;
  readonly reason: string;
}

/** The form in which `suppressions` answers. */
export function suppressionText(identity: Identity, ruleRevision: string): string {
  return `${identity} ${ruleRevision}`;
}
