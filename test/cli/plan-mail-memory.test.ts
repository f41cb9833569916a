/** `plan --mail` streams: its memory grows with the largest message, not with their number. */
import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compiled } from '../support/compiled.ts';

const RULES = `
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ { move: "CI/{{ subject }}" } ]
  - name: Words
    when: { body: no such word }
    then: [ junk ]
`;
const CONFIG =
  'accounts: { home: { host: mail.example, user: ann, auth: { password: { env: NO_SUCH } } } }\n';

/** Does what the command does, and tells its heap after a tenth of the messages and after all. */
const probeOf = (modules: URL): string => `
import { loadConfig } from '${new URL('config/load-config.js', modules)}';
import { planMail } from '${new URL('engine/plan-mail.js', modules)}';
import { openTally } from '${new URL('plan/file-plan.js', modules)}';
const [cwd, path, total] = process.argv.slice(2);
const { config } = await loadConfig({ cwd });
const heap = () => {
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const [tally, signal] = [openTally(), new AbortController().signal];
let [count, moves, early] = [0, 0, 0];
for await (const { message, decision } of planMail(config, { path, nowMs: 0, signal })) {
  tally.add(message, decision);
  if (decision.move !== null) moves += 1;
  count += 1;
  if (count === Number(total) / 10) early = heap();
}
console.log(JSON.stringify({ count, moves, grownBytes: heap() - early }));
`;

let place: string;
let modules: URL;
beforeAll(() => {
  modules = new URL('../../', compiled('src/cli/commands/plan-mail-files.ts'));
  place = mkdtempSync(join(tmpdir(), 'plan-mail-memory-'));
  mkdirSync(join(place, 'rules'));
  writeFileSync(join(place, 'rules/a.yaml'), RULES);
  writeFileSync(join(place, 'mailwright.yaml'), CONFIG);
  writeFileSync(join(place, 'probe.mjs'), probeOf(modules));
});
afterAll(() => {
  rmSync(place, { recursive: true });
  rmSync(new URL('../', modules), { recursive: true });
});

/** Every tenth is of a build, each with a subject of its own. */
function messageOf(number: number): string {
  const from = number % 10 === 0 ? 'ci@build.example' : `u${number}@a.example`;
  return `From: ${from}\nSubject: number ${number}\n\n${'word '.repeat(30)}\n`;
}

async function probe(path: string, total: number) {
  const args = ['--expose-gc', join(place, 'probe.mjs'), place, path, String(total)];
  const child = spawn(process.execPath, args);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect([code, err]).toEqual([0, '']);
  const told: { count: number; moves: number; grownBytes: number } = JSON.parse(out);
  return told;
}

test('a hundred thousand messages of an mbox need no more than ten thousand', async () => {
  const path = join(place, 'large.mbox');
  const file = openSync(path, 'w');
  for (let batch = 0; batch < 100; batch++) {
    const pieces = Array.from(
      { length: 1000 },
      (_, index) => `From x Thu Jan  1 00:00:00 2026\n${messageOf(batch * 1000 + index)}\n`,
    );
    writeSync(file, pieces.join(''));
  }
  closeSync(file);
  const { count, moves, grownBytes } = await probe(path, 100_000);
  expect([count, moves]).toEqual([100_000, 10_000]);
  expect(grownBytes).toBeLessThan(8_000_000);
}, 60_000);

test('twenty thousand messages of a Maildir need no more than two thousand', async () => {
  const path = join(place, 'Maildir');
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(path, part), { recursive: true });
  for (let number = 0; number < 20_000; number++) {
    writeFileSync(
      join(path, 'cur', `${1_767_225_600 + number}.M${number}.host:2,S`),
      messageOf(number),
    );
  }
  const { count, moves, grownBytes } = await probe(path, 20_000);
  expect([count, moves]).toEqual([20_000, 2_000]);
  expect(grownBytes).toBeLessThan(8_000_000);
}, 60_000);
