/** The thread that makes inputs and feeds them to the readers. */
import { parentPort, workerData } from 'node:worker_threads';
import { makeInput } from './make-input.ts';
import { createRandom } from './random.ts';
import { findIn, type Target } from './target.ts';
import { TARGETS } from './targets.ts';
import { show } from './watch.ts';

/** What the thread is told. */
export interface FuzzOrder {
  readonly seed: number;
  readonly endMs: number;
  /** The only reader, or null for all in turn. */
  readonly only: string | null;
  readonly window: SharedArrayBuffer;
}

/** What the thread tells. */
export type FuzzNews =
  | {
      readonly kind: 'find';
      readonly target: string;
      readonly what: 'crash' | 'hang';
      readonly input: Uint8Array;
      readonly text: string;
    }
  | {
      readonly kind: 'done';
      readonly counts: Readonly<Record<string, number>>;
      readonly slowest: Readonly<Record<string, number>>;
    };

/** Longer than this is a hang. */
const HANG_MS = 1000;
/** A reader keeps its turn for so long. */
const TURN_MS = 100;

const order: FuzzOrder = workerData;
const tell = (news: FuzzNews): void => parentPort?.postMessage(news);
await fuzz();

async function fuzz(): Promise<void> {
  const random = createRandom(order.seed);
  const counts: Record<string, number> = {};
  const slowest: Record<string, number> = {};
  const targets = TARGETS.filter(({ name }) => order.only === null || name === order.only);
  while (Date.now() < order.endMs) {
    for (const target of targets) {
      const endMs = Math.min(order.endMs, Date.now() + TURN_MS);
      while (Date.now() < endMs) {
        const tookMs = await feed(target, makeInput(target.recipe, random));
        counts[target.name] = (counts[target.name] ?? 0) + 1;
        slowest[target.name] = Math.max(slowest[target.name] ?? 0, Math.round(tookMs));
      }
      // Lets messages out, and timers of what was read run.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  tell({ kind: 'done', counts, slowest });
}

async function feed(target: Target, input: Buffer): Promise<number> {
  show(order.window, { target: TARGETS.indexOf(target), input });
  const before = process.cpuUsage();
  const found = await findIn(target, input);
  let tookMs = cpuMsSince(before);
  if (found !== null) {
    const text = found instanceof Error ? (found.stack ?? found.message) : String(found);
    tell({ kind: 'find', target: target.name, what: 'crash', input, text });
  }
  // Neither a collection of garbage that was others' nor a crowded machine is a hang: slow it must be every time.
  for (let tries = 0; tries < 5 && tookMs > HANG_MS; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const again = process.cpuUsage();
    await findIn(target, input);
    tookMs = Math.min(tookMs, cpuMsSince(again));
  }
  if (tookMs > HANG_MS) {
    const text = `it took ${Math.round(tookMs)} ms`;
    tell({ kind: 'find', target: target.name, what: 'hang', input, text });
  }
  return tookMs;
}

/** Time of the processor, not of the clock: other programs on this machine are none of our business. */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
