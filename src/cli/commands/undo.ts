/** `mailwright undo RUN`: take a run back. */
import { runId } from '../../core/brand.ts';
import type { Command } from '../run-command.ts';
import { approver } from './approve.ts';
import { withEngine } from './open.ts';
import { finish } from './outcome.ts';

/**
 * Moves messages back and takes flags off that the run put on, wherever a message still is as the
 * run left it: all of the run, or what `--message`, `--rule` and `--account` leave of it. The
 * restored mail is not filed again by the same rules.
 */
export const undo: Command = async (context) =>
  await withEngine(context, 'write', async (engine) => {
    const { account, rule, message = [] } = context.options;
    const run = runId(context.arguments[0] ?? '');
    const approve = approver(context, 'proceed');
    const report = await engine.undo(run, approve, { account, rule, messages: message });
    return finish(report, context.output, 'undo');
  });
