/** `mailwright undo RUN`: take a run back. */
import { runId } from '../../core/brand.ts';
import type { Command } from '../run-command.ts';
import { approver } from './approve.ts';
import { withEngine } from './open.ts';
import { finish } from './outcome.ts';

/**
 * Moves messages back and takes flags off that the run put on, wherever a message still is as the
 * run left it. The restored mail is not filed again by the same rules.
 */
export const undo: Command = async (context) =>
  await withEngine(context, 'write', async (engine) =>
    finish(
      await engine.undo(runId(context.arguments[0] ?? ''), approver(context, 'proceed')),
      context.output,
    ),
  );
