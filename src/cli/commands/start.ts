/** `mailwright start`: the daemon. */
import { EXIT } from '../../core/exit-codes.ts';
import type { Command } from '../run-command.ts';
import { withEngine } from './open.ts';

/** Watches every account and runs schedules until SIGINT or SIGTERM, then stops in order. */
export const start: Command = async (context) =>
  await withEngine(context, 'write', async (engine) => {
    context.output.note('Mailwright is running; stop it with Ctrl-C.');
    await engine.watch();
    context.output.note('Stopped in order.');
    return EXIT.done;
  });
