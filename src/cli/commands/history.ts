/** `mailwright history [RUN]`: the journal. */
import { AppError } from '../../core/app-error.ts';
import { runId } from '../../core/brand.ts';
import { EXIT } from '../../core/exit-codes.ts';
import type { Engine } from '../../engine/api.ts';
import type { HistoryEntry } from '../../engine/run-history.ts';
import type { RunRecord } from '../../journal/journal.ts';
import type { Output } from '../output.ts';
import type { Command, CommandContext } from '../run-command.ts';
import { withEngine } from './open.ts';

/** Digits of a rule's revision that are shown; `--json` has all. */
const REVISION_SHOWN = 8;

/** Lists runs, newest first; with a run id, every message of that run; or one message. */
export const history: Command = async (context) =>
  await withEngine(context, 'read', async (engine) => {
    const [run] = context.arguments;
    const [message] = context.options.message ?? [];
    if (run === undefined && message === undefined) await listRuns(engine, context);
    else await listMessages(engine, { run, message }, context.output);
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

async function listMessages(
  engine: Engine,
  query: { readonly run: string | undefined; readonly message: string | undefined },
  output: Output,
): Promise<void> {
  const { run, message = null } = query;
  const entries = await engine.history(run === undefined ? null : runId(run), message);
  if (entries.length === 0 && message !== null) {
    output.print(`Nothing is remembered of message "${message}".`);
  }
  for (const entry of entries) {
    output.printJson(entry);
    const reason = entry.reason === undefined ? '' : `: ${entry.reason}`;
    const when = run === undefined ? `${entry.run}  ` : '';
    const back = entry.takenBackBy === null ? '' : `  taken back by ${entry.takenBackBy}`;
    const subject = entry.message ?? entry.mailbox;
    output.print(
      `${when}${entry.account} ${subject}  ${entry.what}  ${entry.result}${reason}${back}${whyOf(entry)}`,
    );
  }
}

/** The rule, where it stands, and what it asks for: the reason of a change. */
function whyOf({ rule, file, revision, why }: HistoryEntry): string {
  if (rule === null) return '';
  if (file === null || revision === null) return `  by rule "${rule}"`;
  const asks = why === null ? 'edited since' : why;
  return `  by rule "${rule}" (${file}, ${revision.slice(0, REVISION_SHOWN)}): ${asks}`;
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
