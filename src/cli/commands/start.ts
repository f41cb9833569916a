/** `mailwright start`: the daemon. */
import { EXIT } from '../../core/exit-codes.ts';
import type { Command } from '../run-command.ts';
import { withEngine } from './open.ts';

/** For the output to be written. */
const LAST_WORDS_MS = 1000;

/**
 * Watches every account and runs schedules until SIGINT or SIGTERM, then stops in order; exit 3 where
 * a job would not end. SIGHUP reads the configuration again.
 */
export const start: Command = async (context) =>
  await withEngine(context, 'write', async (engine) => {
    context.output.note('Mailwright is running; stop it with Ctrl-C.');
    const { unfinished } = await engine.watch((reload) => {
      process.on('SIGHUP', reload);
      return () => process.off('SIGHUP', reload);
    });
    if (unfinished.length > 0) {
      // What hangs must not keep the process: the journal is closed, and the next start goes on.
      setTimeout(() => process.exit(EXIT.partlyDone), LAST_WORDS_MS).unref();
      return EXIT.partlyDone;
    }
    context.output.note('Stopped in order.');
    return EXIT.done;
  });
