/** `mailwright start` and `mailwright worker`: the daemon, whole or one part of it. */
import { AppError } from '../../core/app-error.ts';
import type { Emit } from '../../core/events.ts';
import { EXIT, type ExitCode } from '../../core/exit-codes.ts';
import type { Engine, Role } from '../../engine/api.ts';
import type { Command, CommandContext } from '../run-command.ts';
import { withEngine } from './open.ts';

/** For the output to be written. */
const LAST_WORDS_MS = 1000;

/**
 * Watches every account and runs schedules until SIGINT or SIGTERM, then stops in order; exit 3 where
 * a job would not end. SIGHUP reads the configuration again.
 */
export const start: Command = async (context) => await watchAs(context, undefined);

/** The same for one role; any number of processes of each role share the work through Redis. */
export const worker: Command = async (context) => {
  const [name] = context.arguments;
  const role = ROLES.find((each) => each === name);
  if (role === undefined) {
    const what = `"${name}" is no worker; there are ${ROLES.join(', ')}`;
    throw new AppError('USAGE', what, { what });
  }
  return await watchAs(context, [role]);
};

const ROLES: readonly Role[] = ['trigger', 'scan', 'act'];

async function watchAs(
  context: CommandContext,
  roles: readonly Role[] | undefined,
): Promise<ExitCode> {
  const work = (engine: Engine): Promise<ExitCode> => watch(context, engine, roles);
  return await withEngine(context, 'write', work, await emitFor(context));
}

async function watch(
  { output }: CommandContext,
  engine: Engine,
  roles: readonly Role[] | undefined,
): Promise<ExitCode> {
  output.note(
    `Mailwright ${roles?.join() ?? ''} is running; stop it with Ctrl-C.`.replace('  ', ' '),
  );
  const { unfinished } = await engine.watch((reload) => {
    process.on('SIGHUP', reload);
    return () => process.off('SIGHUP', reload);
  }, roles);
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
