/**
 * The shared-mailbox guard around a step: what the step claims right before it acts is released when
 * it is over. What came of the step is written down first, and a crash anywhere leaves the step open,
 * so that recovery comes by here again and releases.
 */
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { MessageStep } from '../../plan/step.ts';
import type { PlanRun, StepClaims } from '../context.ts';
import { waitOutGrace } from '../settle.ts';
import type { ClaimWork } from './claims.ts';
import { releaseClaims } from './release.ts';

/** Steps that two installations must not carry out on one message at the same time. */
const RELOCATING: ReadonlySet<MessageStep['kind']> = new Set([
  'copy',
  'move',
  'expunge',
  'retract',
  'transfer',
]);

/**
 * Carries out a step under claims, where the account is shared and the step needs it. `carryOut` is
 * given the past as the step itself made it.
 */
export async function underClaim(
  run: PlanRun,
  { step, past }: { step: MessageStep; past: StepRecord | null },
  carryOut: (past: StepRecord | null) => Promise<readonly TargetOutcome[]>,
): Promise<readonly TargetOutcome[]> {
  const { guard, journal } = run.context;
  if (guard === undefined || !RELOCATING.has(step.kind)) return await carryOut(withoutGuard(past));
  const claims: StepClaims = {
    begun: begunBy(past),
    held: new Set(),
    marked: new Set(past?.intents.flatMap(({ phase, uids }) => (phase === 'claim' ? uids : []))),
  };
  run.claims.set(step.id, claims);
  const work: ClaimWork = { run, step, guard, claims };
  await waitForLate(run, past);
  if (past?.intents.some(({ phase }) => phase === 'release') === true) {
    await releaseClaims(work, past.proved);
    return past.proved;
  }
  const outcomes = await carryOut(withoutGuard(past));
  if (claims.marked.size > 0) await journal.recordProof(step.id, outcomes);
  await releaseClaims(work, outcomes);
  return outcomes;
}

/** A STORE whose answer was lost may still come, and set or clear our claim behind our back. */
async function waitForLate(run: PlanRun, past: StepRecord | null): Promise<void> {
  const last = past?.intents.at(-1);
  if (last !== undefined && isClaimPhase(last.phase)) await waitOutGrace(run, [last]);
}

function isClaimPhase(phase: string): boolean {
  return phase === 'claim' || phase === 'yield' || phase === 'release';
}

/** Messages that were acted on under a claim; one that had to be claimed again since is not held. */
function begunBy(past: StepRecord | null): ReadonlySet<Uid> {
  const begun = new Set<Uid>();
  for (const { phase, uids } of past?.intents ?? []) {
    for (const uid of uids) {
      if (!isClaimPhase(phase)) begun.add(uid);
      else if (phase === 'claim') begun.delete(uid);
    }
  }
  return begun;
}

/** The past as the step itself made it; null when it had not begun. */
function withoutGuard(past: StepRecord | null): StepRecord | null {
  if (past === null) return null;
  const intents = past.intents.filter(({ phase }) => !isClaimPhase(phase));
  return intents.length === 0 && past.proved.length === 0 ? null : { ...past, intents };
}
