/** What a probe works with, and how each of its commands is written down before it is sent. */
import { AppError } from '../../core/app-error.ts';
import type { Phase } from '../../journal/journal.ts';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { BasicFacts, Headers } from '../../mail/message-view.ts';
import { scratchTimeMs } from '../../mail/scratch-name.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { Step } from '../../plan/step.ts';
import { type ActContext, connectionLost } from '../context.ts';
import { letterIn } from './letters.ts';

/** A probe step and the world around it. The journal holds its plan already. */
export interface ProbeBench extends Pick<ActContext, 'session' | 'journal' | 'clock'> {
  readonly step: Extract<Step, { kind: 'probe' }>;
}

/** A message of the probe as it lies in a mailbox. */
export interface Found {
  readonly uid: Uid;
  readonly basic: BasicFacts;
}

/** What lies in a scratch mailbox. */
export interface Sight {
  readonly uidValidity: number;
  /** By the name of the letter; a copy lies beside its original only where a server errs. */
  readonly letters: ReadonlyMap<string, readonly Found[]>;
}

/** Written down, durably, before the first byte of a command that changes something (I5). */
export async function intend(
  bench: ProbeBench,
  phase: Phase,
  uids: readonly Uid[] = [],
): Promise<void> {
  const { journal, clock, step } = bench;
  await journal.recordIntent({ step: step.id, phase, atMs: clock.nowMs(), uids, baseline: null });
}

/** Null when it was done, else what the server said. Throws CONNECTION_LOST. */
export function refusalOf(
  { session }: ProbeBench,
  command: string,
  outcome: MailOutcome<unknown>,
): string | null {
  if (outcome.kind === 'unknown') throw connectionLost({ session }, command, outcome.reason);
  if (outcome.kind === 'done') return null;
  const { status, code, serverText } = outcome;
  return `${command} was refused: ${status}${code === null ? '' : ` [${code}]`} ${serverText}`;
}

/** Opens a scratch mailbox for reading and gives what lies there. */
export async function lookInto({ session }: ProbeBench, mailbox: MailboxName): Promise<Sight> {
  assertScratchName(mailbox);
  const reader = await session.examine(mailbox);
  const uids = await reader.search({ kind: 'all' });
  const rows =
    uids.length === 0 ? [] : await reader.fetch(uids, { basic: true, headers: ['message-id'] });
  await reader.leave();
  const letters = new Map<string, Found[]>();
  for (const { uid, basic, headers } of rows) {
    const name = letterIn(textsOf(headers, 'message-id')[0] ?? '');
    if (name === undefined || basic === undefined) continue;
    letters.set(name, [...(letters.get(name) ?? []), { uid, basic }]);
  }
  return { uidValidity: reader.info.uidValidity, letters };
}

/** The texts of a header field; none where they cannot be read. */
export function textsOf(headers: Headers | undefined, field: string): readonly string[] {
  const reading = headers?.text(field);
  return reading?.kind === 'values' ? reading.values : [];
}

/** A plan from a file could name any mailbox; a probe has nothing to do with others than its own. */
export function assertScratchName(mailbox: MailboxName): void {
  if (scratchTimeMs(mailbox) !== undefined) return;
  const reason = 'it is not the name of a scratch mailbox';
  throw new AppError('MAILBOX_NAME_INVALID', `mailbox name "${mailbox}": ${reason}`, {
    mailbox,
    reason,
  });
}
