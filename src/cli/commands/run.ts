/** `mailwright run`: plan, ask, carry out. */
import type { Command } from '../run-command.ts';
import { approver } from './approve.ts';
import { withEngine } from './open.ts';
import { finish, selectionFrom } from './outcome.ts';

/** Runs the rules once over all mail in scope, or with `--new` over what arrived since. */
export const run: Command = async (context) =>
  await withEngine(context, 'write', async (engine) =>
    finish(await engine.run(selectionFrom(context), approver(context, 'refuse')), context.output),
  );
