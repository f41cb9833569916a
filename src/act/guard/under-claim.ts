/**
 * The shared-mailbox guard around a step: its messages are claimed, the step is carried out on those
 * that are held, what came of it is written down, and the claims are released. A crash anywhere
 * leaves the step open, so that recovery comes by here again and releases.
 */
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { MessageStep } from '../../plan/step.ts';
import type { PlanRun } from '../context.ts';
import { claimMessages, isClaimPhase } from './claim.ts';
import type { ClaimWork } from './claims.ts';
import { releaseClaims } from './release.ts';

/** Carries out a step on the messages that it is given. */
export type CarryOut = (
  step: MessageStep,
  past: StepRecord | null,
) => Promise<readonly TargetOutcome[]>;

/** Steps that two installations must not carry out on one message at the same time. */
const RELOCATING: ReadonlySet<MessageStep['kind']> = new Set([
  'copy',
  'move',
  'expunge',
  'retract',
]);

/** Carries out a step under claims, where the account is shared and the step needs it. */
export async function underClaim(
  run: PlanRun,
  { step, past }: { step: MessageStep; past: StepRecord | null },
  carryOut: CarryOut,
): Promise<readonly TargetOutcome[]> {
  const { guard, journal } = run.context;
  if (guard === undefined || !RELOCATING.has(step.kind)) {
    return await carryOut(step, past === null ? null : withoutGuard(past));
  }
  const work: ClaimWork = { run, step, guard };
  if (past?.intents.some(({ phase }) => phase === 'release') === true) {
    const marked = new Set(
      past.intents.flatMap(({ phase, uids }) => (phase === 'claim' ? uids : [])),
    );
    return await releaseClaims(work, { outcomes: past.proved, marked });
  }
  const { held, left, marked } = await claimMessages(work, past);
  const own = held.length === 0 ? [] : await carryOut(...narrowed(step, past, new Set(held)));
  const outcomes = [...left, ...own];
  if (marked.size > 0) await journal.recordProof(step.id, outcomes);
  return await releaseClaims(work, { outcomes, marked });
}

/** The step, and what is known of it, for some of its messages. */
function narrowed(
  step: MessageStep,
  past: StepRecord | null,
  held: ReadonlySet<Uid>,
): [MessageStep, StepRecord | null] {
  const targets = step.targets.filter(({ uid }) => held.has(uid));
  const known = past === null ? null : withoutGuard(past);
  if (known === null) return [{ ...step, targets }, null];
  const intents = known.intents
    .map((intent) => ({ ...intent, uids: intent.uids.filter((uid) => held.has(uid)) }))
    .filter(({ uids }) => uids.length > 0);
  const proved = known.proved.filter(({ uid }) => held.has(uid));
  if (intents.length === 0 && proved.length === 0) return [{ ...step, targets }, null];
  return [
    { ...step, targets },
    { ...known, intents, proved },
  ];
}

/** The past as the step itself made it; null when it had not begun. */
function withoutGuard(past: StepRecord): StepRecord | null {
  const intents = past.intents.filter(({ phase }) => !isClaimPhase(phase));
  return intents.length === 0 && past.proved.length === 0 ? null : { ...past, intents };
}
