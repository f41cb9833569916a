import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { manualClock } from '../../src/core/clock.ts';
import { lockFile } from '../../src/disk/file-lock.ts';
import { createWholeFile, writeWholeFile } from '../../src/disk/write-whole-file.ts';

const base = mkdtempSync(join(tmpdir(), 'mailwright-disk-'));
let path = '';
let files = 0;

beforeEach(() => {
  path = join(base, `file-${++files}`);
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

test('a file is replaced whole, with the mode that was asked for, and nothing is left beside it', async () => {
  writeFileSync(path, 'before', { mode: 0o644 });
  await writeWholeFile(path, Buffer.from('after'), 0o600);
  expect(readFileSync(path, 'utf8')).toBe('after');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(base).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('of two that create a file one wins, and the other changes nothing', async () => {
  const tries = ['first', 'second'].map((text) => createWholeFile(path, Buffer.from(text), 0o600));
  const ended = await Promise.allSettled(tries);
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const lost = ended.find((end) => end.status === 'rejected');
  expect(lost?.status === 'rejected' && lost.reason).toMatchObject({ code: 'EEXIST' });
  expect(readdirSync(base).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('who waits for a lock waits as long as it said', async () => {
  const clock = manualClock(0);
  const first = await lockFile(path, clock);
  expect((await lockFile(path, clock, 30_000)).kind).toBe('busy');
  expect(clock.nowMs()).toBeGreaterThanOrEqual(30_000);
  if (first.kind === 'locked') await first.lock.release();
  expect((await lockFile(path, clock)).kind).toBe('locked');
});
