/** What carrying out a plan works with, and the words for commands that a server does not carry out. */
import { AppError, isAppError } from '../core/app-error.ts';
import type { AccountId, StepId } from '../core/brand.ts';
import type { Clock } from '../core/clock.ts';
import type { Emit } from '../core/events.ts';
import type { Journal, TargetOutcome } from '../journal/journal.ts';
import type { Flag, FlagChange } from '../mail/flags.ts';
import type { Refusal } from '../mail/mail-outcome.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { Plan, PlannedMessage } from '../plan/plan.ts';
import type { MessageStep } from '../plan/step.ts';
import type { Desk } from './desk.ts';
import type { Outside } from './outside.ts';

/** The world as act sees it. The journal holds the plan already. */
export interface ActContext {
  readonly session: MailSession;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly outside: Outside;
  /**
   * The session of another account, opened when it is first needed, for `transfer` steps. Throws
   * ACCOUNT_UNKNOWN and what logging in throws.
   */
  readonly abroad: (account: AccountId) => Promise<MailSession>;
  readonly timing: { readonly settleMs: number; readonly graceMs: number };
  /** True when this very session evaluated the messages: their header identity is then known. */
  readonly sameSession: boolean;
  /** Mailboxes as this session began to look at their messages. */
  readonly seen?: ReadonlyMap<MailboxName, SeenMailbox>;
  /** Set where other installations work on the same mailboxes. */
  readonly guard?: ClaimGuard;
}

/** A mailbox at one moment: its numbering, and HIGHESTMODSEQ (RFC 7162 §3.1.2.1). */
export interface SeenMailbox {
  readonly uidValidity: number;
  readonly modseq: bigint;
}

/** The claims of one step. */
export interface StepClaims {
  /** An interrupted attempt had begun with them: its command may have been carried out. */
  readonly begun: ReadonlySet<Uid>;
  /** Ours, and nobody else's. */
  readonly held: Set<Uid>;
  /** Bear our claim, or bore it. */
  readonly marked: Set<Uid>;
}

/** How this installation claims messages before it moves them. */
export interface ClaimGuard {
  readonly own: Flag;
  /** Claims of installations that the owner says are no more. */
  readonly gone: readonly Flag[];
  /** Jitter: a number in [0, 1). */
  readonly random: () => number;
}

/** Looks up what the plan knows of a message. */
export type PlannedIndex = ReadonlyMap<MailboxName, ReadonlyMap<Uid, PlannedMessage>>;

/** One plan on its way. `outcomes` grows as steps settle. */
export interface PlanRun {
  readonly context: ActContext;
  readonly plan: Plan;
  readonly desk: Desk;
  readonly outcomes: Map<StepId, readonly TargetOutcome[]>;
  /** The plan's messages, by mailbox and UID. */
  readonly planned: PlannedIndex;
  /** Flag changes of settled steps that were done, by `messageKey`, in their order. */
  readonly changes: Map<string, FlagChange[]>;
  /** The mailboxes of the last LIST; null before the first. */
  readonly listing: { mailboxes: ReadonlySet<MailboxName> | null };
  /** What became of the steps that make mailboxes. */
  readonly created: Map<StepId, readonly TargetOutcome[]>;
  /** Under the guard, by step: which messages are claimed. */
  readonly claims: Map<StepId, StepClaims>;
  /** Messages whose header identity this session has compared, as `messageKey`. */
  readonly identified: Set<string>;
  /** No command of ours from an earlier connection was sent after this. */
  readonly startedAtMs: number;
}

/** A step on messages, in its plan. */
export interface StepRun<S extends MessageStep = MessageStep> {
  readonly run: PlanRun;
  readonly step: S;
}

/** A message of a run as one text. */
export function messageKey(mailbox: MailboxName, uid: Uid): string {
  return `${uid} ${mailbox}`;
}

/** The error that leaves a step open in the journal, for recovery to read what happened. */
export function connectionLost(
  context: Pick<ActContext, 'session'>,
  command: string,
  reason: string,
): AppError {
  const { account } = context.session;
  const message = `the connection of account "${account}" was lost during ${command}: ${reason}`;
  return new AppError('CONNECTION_LOST', message, { account, command });
}

/** An error that concerns what was asked for, and not the connection: its messages are parked (I20). */
export function isPoison(error: unknown): error is Error {
  return (
    isAppError(error, 'COMMAND_REFUSED') ||
    isAppError(error, 'MAILBOX_NAME_INVALID') ||
    isAppError(error, 'SERVER_LIED')
  );
}

/** The same outcome for each of these messages. */
export function outcomesFor(
  uids: readonly Uid[],
  result: 'parked' | 'superseded',
  reason: string,
): readonly TargetOutcome[] {
  return uids.map((uid) => ({ uid, result, reason }));
}

/** Why messages wait after a refusal, with what a person can do about it. */
export function reasonFor(refusal: Refusal, command: string, mailbox: MailboxName): string {
  const { status, code, serverText } = refusal;
  const said = `the server refused ${command} (${status}${code === null ? '' : ` [${code}]`} ${serverText})`;
  const advice = code === null ? undefined : ADVICE.get(code);
  if (advice !== undefined) return `${said}: ${advice.replaceAll('{mailbox}', mailbox)}`;
  return /throttl/i.test(serverText) ? `${said}: the server asks for a pause; run later` : said;
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['OVERQUOTA', 'the account is full; make room, then run again'],
  ['TRYCREATE', '"{mailbox}" does not exist; create it, or let the rule do it with create: true'],
  ['NONEXISTENT', '"{mailbox}" does not exist; create it, or let the rule do it with create: true'],
  ['NOPERM', 'this login has no right to do it in "{mailbox}"; ask its owner'],
  ['READ-ONLY', '"{mailbox}" can only be read by this login'],
  ['LIMIT', 'a limit of the server is reached'],
  ['INUSE', 'another client holds the mailbox; run again later'],
  ['UNAVAILABLE', 'the server cannot do it now; run again later'],
  ['SERVERBUG', 'the server has a defect; run again later, then ask its operator'],
  ['CORRUPTION', 'the mailbox is damaged on the server; ask its operator'],
  ['EXPUNGEISSUED', 'another client removed messages meanwhile; run again'],
  ['CANNOT', 'the server cannot do this at all'],
]);
