/** `mailwright retry`: put parked messages before the rules as they are today. */
import type { Command } from '../run-command.ts';
import { approver } from './approve.ts';
import { withEngine } from './open.ts';
import { finish, selectionFrom } from './outcome.ts';

/** Looks at parked messages, and at no others. */
export const retry: Command = async (context) =>
  await withEngine(context, 'write', async (engine) => {
    const selection = { ...selectionFrom(context), scope: 'parked' } as const;
    return finish(await engine.run(selection, approver(context, 'refuse')), context.output);
  });
