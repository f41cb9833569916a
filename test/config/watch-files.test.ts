import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchFiles } from '../../src/config/watch-files.ts';

let directory: string;
let changes: number;
let stop: () => void;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mailwright-files-'));
  writeFileSync(join(directory, 'a.yaml'), 'a');
  changes = 0;
});
afterEach(() => {
  stop();
  rmSync(directory, { recursive: true, force: true });
});

const NOTICES = { settleMs: 20, pollMs: 3_600_000 };
/** As where the system gives no notices. */
const POLLING = { settleMs: 3_600_000, pollMs: 20 };

test.each([
  ['an edit', NOTICES, () => writeFileSync(join(directory, 'a.yaml'), 'longer')],
  ['an edit without notices', POLLING, () => writeFileSync(join(directory, 'a.yaml'), 'longer')],
  ['a new file', NOTICES, () => writeFileSync(join(directory, 'b.yaml'), 'b')],
  ['a file that goes', POLLING, () => rmSync(join(directory, 'a.yaml'))],
  [
    'a file that an editor replaces',
    NOTICES,
    () => {
      writeFileSync(join(directory, 'a.yaml~'), 'other');
      renameSync(join(directory, 'a.yaml~'), join(directory, 'a.yaml'));
    },
  ],
])('%s is told', async (_, timing, change) => {
  const paths = [directory, join(directory, 'a.yaml')];
  stop = watchFiles({ paths, onChange: () => void changes++, ...timing });
  change();
  const endMs = Date.now() + 5000;
  while (changes === 0 && Date.now() < endMs) await delay(5);
  expect(changes).toBeGreaterThan(0);
});

test('what changes nothing is not told, and a path that is away is waited for', async () => {
  const away = join(directory, 'later', 'b.yaml');
  const paths = [join(directory, 'a.yaml'), away];
  stop = watchFiles({ paths, onChange: () => void changes++, settleMs: 5, pollMs: 5 });
  await delay(50);
  expect(changes).toBe(0);
  mkdirSync(join(directory, 'later'));
  writeFileSync(away, 'b');
  const endMs = Date.now() + 5000;
  while (changes === 0 && Date.now() < endMs) await delay(5);
  expect(changes).toBeGreaterThan(0);
});
