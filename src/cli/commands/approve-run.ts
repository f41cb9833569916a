/** `mailwright approve RUN`: carry out a plan that a limit had stopped. */
import { runId } from '../../core/brand.ts';
import type { Command } from '../run-command.ts';
import { approver } from './approve.ts';
import { withEngine } from './open.ts';
import { finish } from './outcome.ts';

/** Shows the plan as it was made, asks, and carries it out; what changed since is left alone. */
export const approveRun: Command = async (context) =>
  await withEngine(context, 'write', async (engine) => {
    const run = runId(context.arguments[0] ?? '');
    return finish(await engine.approve(run, approver(context, 'refuse')), context.output);
  });
