/** `mailwright history [RUN]`: the journal. */
import { AppError } from '../../core/app-error.ts';
import { runId } from '../../core/brand.ts';
import { EXIT } from '../../core/exit-codes.ts';
import type { Engine } from '../../engine/api.ts';
import { messageIdOf } from '../../journal/history.ts';
import type { RunRecord } from '../../journal/journal.ts';
import type { Output } from '../output.ts';
import type { Command, CommandContext } from '../run-command.ts';
import { withEngine } from './open.ts';

/** Lists runs, newest first; with a run id, every message of that run. */
export const history: Command = async (context) =>
  await withEngine(context, 'read', async (engine) => {
    const [run] = context.arguments;
    if (run === undefined) await listRuns(engine, context);
    else await listMessages(engine, run, context.output);
    return EXIT.done;
  });

async function listRuns(engine: Engine, context: CommandContext): Promise<void> {
  const { output } = context;
  const limit = Number(context.options.limit ?? '20');
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new AppError('USAGE', `--limit wants a whole number, not "${context.options.limit}"`, {
      what: '--limit',
    });
  }
  const runs = await engine.runs(limit);
  if (runs.length === 0) output.print('The journal is empty: nothing has been run yet.');
  for (const run of runs) {
    output.print(`${run.id}  ${stamp(run.startedAtMs)}  ${run.kind.padEnd(8)}  ${stateOf(run)}`);
    output.printJson(run);
  }
}

async function listMessages(engine: Engine, run: string, output: Output): Promise<void> {
  for (const row of await engine.history(runId(run))) {
    output.printJson(row);
    const why = row.rule === null ? '' : `  by rule "${row.rule}"`;
    const reason = row.reason === undefined ? '' : `: ${row.reason}`;
    const subject = row.uid === null ? row.mailbox : messageIdOf(row.mailbox, row.uid);
    output.print(`${row.account} ${subject}  ${row.what}  ${row.result}${reason}${why}`);
  }
}

function stateOf(run: RunRecord): string {
  if (run.undoneBy !== null) return `undone by ${run.undoneBy}`;
  if (run.partlyUndoneBy.length > 0) return `partly taken back by ${run.partlyUndoneBy.join(', ')}`;
  if (run.undoes !== null) return `undoes ${run.undoes}`;
  return run.endedAtMs === null ? 'cut off; the next run finishes it' : 'done';
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
}
