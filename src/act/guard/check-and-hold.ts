/** Right before a step acts: are they the messages of the plan, and does nobody else act on them? */
import type { Flag } from '../../mail/flags.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { StepRun } from '../context.ts';
import { type Checked, checkMessages } from '../verify.ts';
import { claimMessages } from './claim.ts';

/**
 * `checkMessages`; under the guard what passes is claimed as well, once a step, and looked at again,
 * since claiming may have to wait. Throws CONNECTION_LOST.
 */
export async function checkAndHold(
  work: StepRun,
  box: WritableMailbox,
  request: { uids: readonly Uid[]; except?: Flag },
): Promise<Checked> {
  const checked = await checkMessages(work, box, request);
  const { guard } = work.run.context;
  const claims = work.run.claims.get(work.step.id);
  if (guard === undefined || claims === undefined) return checked;
  const wanted = checked.live.filter((uid) => !claims.held.has(uid));
  if (wanted.length === 0) return checked;
  const refused = await claimMessages({ ...work, guard, claims }, box, wanted);
  const uids = checked.live.filter((uid) => claims.held.has(uid));
  const again = await checkMessages(work, box, { ...request, uids });
  return { live: again.live, left: [...checked.left, ...refused, ...again.left] };
}
