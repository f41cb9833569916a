/**
 * A run with one of three memories: none that lasts (a journal in memory, no queue), the embedded
 * one, or Redis with BullMQ. Everything else is the engine's own.
 * `node overhead-program.js alone|embedded|redis` in the directory of a configuration; with `begin`
 * it only begins the journal, as the first start of an installation does.
 */
import { loadConfig } from '../../src/config/load-config.ts';
import { accountId } from '../../src/core/brand.ts';
import { systemClock } from '../../src/core/clock.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { openBudgets } from '../../src/engine/budgets.ts';
import { openParts } from '../../src/engine/compose.ts';
import type { EngineContext } from '../../src/engine/context.ts';
import { runAccounts } from '../../src/engine/run-accounts.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory-journal.ts';
import { createEmbeddedQueue } from '../../src/queue/embedded/embedded-queue.ts';
import type { JobQueue } from '../../src/queue/job-queue.ts';

const GRACE_MS = 10_000;
const kind = process.argv[2];
const { config } = await loadConfig({ cwd: process.cwd() });
const { signal } = new AbortController();
const emit = (): void => {};
const parts =
  kind === 'alone'
    ? { journal: openMemoryJournal(), shared: null }
    : await openParts(config, 'write', emit);
const budgets = openBudgets({ clock: systemClock, signal, directory: null });
const timing = { settleMs: LIMITS.settleMs, graceMs: LIMITS.graceMs };
const context: EngineContext = {
  ...{ config, budgets, emit, signal, timing, ...parts, clock: systemClock, trace: false },
};

if (kind === 'begin') {
  await context.journal.installation();
} else if (kind === 'alone') {
  await run(context.journal);
} else {
  const queue = await (context.shared?.openQueue() ?? createEmbeddedQueue({ clock: systemClock }));
  await throughQueue(queue);
  await queue.close({ graceMs: GRACE_MS });
}
budgets.close();
await context.journal.close();

async function run(journal: Journal): Promise<void> {
  const report = await runAccounts({ ...context, journal }, { scope: 'all' }, async () => true);
  const [outcome] = report.accounts;
  if (outcome?.kind !== 'done') throw new Error(`the run ended ${outcome?.kind ?? 'without work'}`);
}

/** The bell is kept by the queue, taken from it, and answered; as in `mailwright start`. */
async function throughQueue(queue: JobQueue): Promise<void> {
  const account = accountId('bench');
  await queue.enqueue({ kind: 'sweep', account, source: 'start', ruleFile: null, dueMs: null });
  await new Promise<void>((resolve, reject) => {
    queue.process(
      async (_, { lease }) => {
        const { journal, shared } = context;
        await run(lease === null || shared === null ? journal : shared.fenced([lease])).then(
          resolve,
          reject,
        );
        return { kind: 'done' };
      },
      { kinds: ['sweep'], concurrency: 1 },
    );
  });
}
