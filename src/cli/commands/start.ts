/** `mailwright start`: the daemon. */
import type { Emit } from '../../core/events.ts';
import { EXIT, type ExitCode } from '../../core/exit-codes.ts';
import type { Engine } from '../../engine/api.ts';
import type { Command, CommandContext } from '../run-command.ts';
import { withEngine } from './open.ts';

/** For the output to be written. */
const LAST_WORDS_MS = 1000;

/**
 * Watches every account and runs schedules until SIGINT or SIGTERM, then stops in order; exit 3 where
 * a job would not end. SIGHUP reads the configuration again.
 */
export const start: Command = async (context) =>
  await withEngine(context, 'write', (engine) => watch(context, engine), await emitFor(context));

async function watch({ output }: CommandContext, engine: Engine): Promise<ExitCode> {
  output.note('Mailwright is running; stop it with Ctrl-C.');
  const { unfinished } = await engine.watch((reload) => {
    process.on('SIGHUP', reload);
    return () => process.off('SIGHUP', reload);
  });
  if (unfinished.length > 0) {
    // What hangs must not keep the process: the journal is closed, and the next start goes on.
    setTimeout(() => process.exit(EXIT.partlyDone), LAST_WORDS_MS).unref();
    return EXIT.partlyDone;
  }
  output.note('Stopped in order.');
  return EXIT.done;
}

/** Words for a terminal, or with `--log json` one JSON object a line on standard output. */
async function emitFor({ options, output, streams }: CommandContext): Promise<Emit> {
  if (options.log !== 'json') return output.emit;
  const { createLog, LOG_LEVELS } = await import('../../observe/log.ts');
  const level = LOG_LEVELS.find((each) => each === options.logLevel) ?? 'info';
  const log = createLog({ level, destination: streams.stdout });
  return (event) => {
    log(event);
    if (event.kind === 'trace') output.emit(event);
  };
}
