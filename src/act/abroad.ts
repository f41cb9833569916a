/** The far end of a transfer: a mailbox of another account, made ready to take messages. */
import { isAppError } from '../core/app-error.ts';
import type { Flag } from '../mail/flags.ts';
import type { Step } from '../plan/step.ts';
import type { PlanRun, StepRun } from './context.ts';
import { openDesk } from './desk.ts';
import { type Baseline, readBaseline } from './find-copies.ts';
import { createMailbox } from './steps/create-mailbox.ts';

/** A transfer step in its plan. */
export type TransferWork = StepRun & { readonly step: Extract<Step, { kind: 'transfer' }> };

/** The other account as this plan works in it. Its desk only reads. */
export interface FarEnd {
  readonly kind: 'open';
  readonly run: PlanRun;
  readonly baseline: Baseline;
  readonly permanentFlags: readonly Flag[];
}

/** Why nothing can be sent there, in words that say what to do. */
export interface FarEndClosed {
  readonly kind: 'closed';
  readonly reason: string;
}

/**
 * Opens the session of the other account and its mailbox, which is created where the step says so.
 * With `mustOpen`, an account that cannot be reached is an error that leaves the step open: something
 * may have been sent there, and only looking tells.
 */
export async function openFarEnd(
  work: TransferWork,
  options: { readonly mustOpen: boolean },
): Promise<FarEnd | FarEndClosed> {
  const { to } = work.step;
  try {
    const session = await work.run.context.abroad(to.account);
    const run: PlanRun = {
      ...work.run,
      context: { ...work.run.context, session },
      desk: openDesk(session, work.run.plan),
      listing: { mailboxes: null },
      created: new Map(),
    };
    return await openMailbox(work, run);
  } catch (error) {
    if (options.mustOpen || !isAppError(error)) throw error;
    if (!UNREACHABLE.has(error.code)) throw error;
    return closed(`account "${to.account}" cannot be worked with now: ${error.message}`);
  }
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  ...['ACCOUNT_UNKNOWN', 'CREDENTIAL_UNAVAILABLE', 'LOGIN_REFUSED'],
  ...['SERVER_UNREACHABLE', 'TLS_REFUSED'],
]);

async function openMailbox(work: TransferWork, run: PlanRun): Promise<FarEnd | FarEndClosed> {
  const { step } = work;
  const { mailbox, account } = step.to;
  if (step.create) {
    const [problem] = await createMailbox(run, { kind: 'create', id: step.id, mailbox, rule: 0 });
    if (problem !== undefined) return closed(`account "${account}": ${problem.reason ?? ''}`);
  }
  const baseline = await readBaseline(run, mailbox);
  if (baseline === null) {
    return closed(
      `"${mailbox}" does not exist in account "${account}"; create it, or let the rule do it with create: true`,
    );
  }
  try {
    const box = await run.context.session.select(mailbox);
    const { permanentFlags } = box.info;
    await box.leave();
    return { kind: 'open', run, baseline, permanentFlags };
  } catch (error) {
    if (!isAppError(error, 'MAILBOX_READ_ONLY') && !isAppError(error, 'MAILBOX_MISSING')) {
      throw error;
    }
    return closed(`"${mailbox}" of account "${account}" cannot be written to by this login`);
  }
}

function closed(reason: string): FarEndClosed {
  return { kind: 'closed', reason };
}
