/**
 * `npm run fuzz -- --seconds N --seed S [--target NAME]`: feeds readers what no honest program writes.
 * Each find (a crash, a hang, memory run out) is printed and kept in test/fuzz/corpus, where a unit
 * test reads it again from then on. Ends with 1 when there was one.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import type { FuzzNews, FuzzOrder } from './fuzz-thread.ts';
import { TARGETS } from './targets.ts';
import { createWindow, look } from './watch.ts';

const CORPUS = join(PACKAGE_ROOT, 'test/fuzz/corpus');
/** A thread that shows the same input for so long does not come back: time of the processor, and of the clock. */
const LOST = { cpuMs: 30_000, ms: 300_000 };
const MEGABYTES = 1024;

interface Tally {
  finds: number;
  readonly counts: Map<string, number>;
  readonly slowest: Map<string, number>;
  readonly seen: Set<string>;
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
  },
});
const only = values.target ?? null;
if (only !== null && !TARGETS.some(({ name }) => name === only)) {
  console.error(
    `there is no target "${only}"; there are: ${TARGETS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const startMs = Date.now();
const endMs = startMs + Number(values.seconds) * 1000;
const tally: Tally = { finds: 0, counts: new Map(), slowest: new Map(), seen: new Set() };
// A thread that was lost is followed by another, with the seed after its own.
for (let seed = Number(values.seed); Date.now() < endMs; seed += 1_000_000) {
  await runThread({ seed, endMs, only, window: createWindow() }, tally);
}
const total = [...tally.counts.values()].reduce((sum, count) => sum + count, 0);
for (const [name, count] of tally.counts) {
  console.log(
    `${name.padEnd(20)} ${String(count).padStart(9)} inputs, slowest ${tally.slowest.get(name)} ms`,
  );
}
const seconds = Math.round((Date.now() - startMs) / 1000);
console.log(`seed ${values.seed}: ${total} inputs in ${seconds} s, ${tally.finds} finds`);
process.exit(tally.finds === 0 ? 0 : 1);

function runThread(order: FuzzOrder, into: Tally): Promise<void> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./fuzz-thread.js', import.meta.url), {
      workerData: order,
      // The stack of a thread is four times that of a program, in which these readers run.
      resourceLimits: { maxOldGenerationSizeMb: MEGABYTES, stackSizeMb: 1 },
    });
    let last = { run: -1, sinceMs: Date.now(), cpu: process.cpuUsage() };
    const keepShown = (what: 'crash' | 'hang', text: string): void => {
      const { target, input } = look(order.window);
      keep({ kind: 'find', target: TARGETS[target]?.name ?? 'unknown', what, input, text }, into);
    };
    const guard = setInterval(() => {
      const { run } = look(order.window);
      if (run !== last.run) last = { run, sinceMs: Date.now(), cpu: process.cpuUsage() };
      const { user, system } = process.cpuUsage(last.cpu);
      const isSpinning = (user + system) / 1000 > LOST.cpuMs;
      if (!isSpinning && Date.now() - last.sinceMs < LOST.ms) return;
      keepShown('hang', 'it did not come back');
      void worker.terminate();
    }, 1000);
    worker.on('message', (news: FuzzNews) => {
      if (news.kind === 'find') keep(news, into);
      else count(news, into);
    });
    worker.on('error', (error) => keepShown('crash', error.stack ?? error.message));
    worker.on('exit', () => {
      clearInterval(guard);
      resolve();
    });
  });
}

function count(news: Extract<FuzzNews, { kind: 'done' }>, into: Tally): void {
  for (const [name, times] of Object.entries(news.counts)) {
    into.counts.set(name, (into.counts.get(name) ?? 0) + times);
    into.slowest.set(name, Math.max(into.slowest.get(name) ?? 0, news.slowest[name] ?? 0));
  }
}

/** One input of each kind of find is enough: where it was thrown tells the kind. */
function keep(find: Extract<FuzzNews, { kind: 'find' }>, into: Tally): void {
  into.finds += 1;
  const lines = find.text.split('\n');
  const place = lines.find((line) => line.includes('/src/')) ?? lines[0]?.slice(0, 60) ?? '';
  const kind = `${find.target} ${place.trim()}`;
  if (into.seen.has(kind)) return;
  into.seen.add(kind);
  const digest = createHash('sha256').update(find.input).digest('hex').slice(0, 12);
  const folder = join(CORPUS, find.target);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${find.what}-${digest}`), find.input);
  console.log(`${find.what} in ${find.target} (kept as ${find.what}-${digest}): ${find.text}\n`);
}
