/** Decisions about mail in files, by the whole program: .eml files, and mbox files of two lengths. */

import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCorpus } from '../corpus/messages.ts';
import { headerRules } from '../corpus/rule-set.ts';
import { megabytes, ratio, runsText } from '../laps.ts';
import { measure } from '../measure.ts';
import { configure } from '../peers/mailwright.ts';
import type { BenchOptions, Figure } from './scenario.ts';

const FILES = 100_000;
const [SHORT, LONG] = [100_000, 1_000_000];
const RULES = headerRules(500);
const SHARE = 0.5;

/** 100,000 .eml by 500 rules. */
export async function* offline({ divisor, note }: BenchOptions): AsyncGenerator<Figure> {
  const count = Math.round(FILES / divisor);
  yield* inDirectory(async function* (directory) {
    note(`writing ${count} files`);
    mkdirSync(join(directory, 'mail'));
    for (const { id, raw } of generateCorpus({ count, rules: RULES, share: SHARE })) {
      writeFileSync(join(directory, 'mail', `${String(id).padStart(7, '0')}.eml`), raw);
    }
    note('deciding');
    const run = await measure(offlineRun(directory)('plan', '--mail', 'mail', '--json'));
    const rate = Math.round((count / run.wallMs) * 1000).toLocaleString('en');
    yield {
      what: `plan --mail, ${count} .eml, 500 rules`,
      value: `${runsText([run])}; ${rate} a second`,
    };
  });
}

/** Whether memory grows with the number of messages: 100,000 and 1,000,000 in an mbox. */
export async function* memoryFlat({ divisor, note }: BenchOptions): AsyncGenerator<Figure> {
  const peaks: number[] = [];
  for (const full of [SHORT, LONG]) {
    const count = Math.round(full / divisor);
    yield* inDirectory(async function* (directory) {
      note(`writing an mbox of ${count} messages`);
      await writeMbox(join(directory, 'mail.mbox'), count);
      note('deciding');
      const run = await measure(offlineRun(directory)('plan', '--mail', 'mail.mbox', '--json'));
      peaks.push(run.peakRssBytes);
      yield { what: `plan --mail, an mbox of ${count}`, value: runsText([run]) };
    });
  }
  const growth = (peaks[1] ?? Number.NaN) / (peaks[0] ?? Number.NaN);
  yield {
    what: 'peak memory, ten times the messages',
    value: `${megabytes(peaks[1] ?? Number.NaN)}; ${ratio(growth)}`,
    target: { words: 'at most 1.2 times', measured: growth, bound: 1.2 },
  };
}

function offlineRun(directory: string): ReturnType<typeof configure> {
  const nowhere = { port: 9, user: 'nobody', password: 'none' };
  return configure(directory, { ...nowhere, rules: RULES });
}

async function* inDirectory<T>(work: (directory: string) => AsyncIterable<T>): AsyncGenerator<T> {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
  try {
    yield* work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Small messages: what is looked for is whether anything of them stays in memory. */
async function writeMbox(file: string, count: number): Promise<void> {
  const out = createWriteStream(file);
  for (let id = 0; id < count; id++) {
    const shop = String(id % 1000).padStart(5, '0');
    const text = [
      'From sender@example Thu Jan  1 00:00:00 2026',
      `From: Sender <sender-${shop}@shop-${shop}.example>`,
      'To: me@example.org',
      `Subject: message ${id}`,
      `Message-ID: <${id}@bench.example>`,
      'Date: Thu, 01 Jan 2026 00:00:00 +0000',
      '',
      'A line of text.',
      '',
      '',
    ].join('\n');
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}
