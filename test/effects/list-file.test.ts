import { execFile } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { manualClock } from '../../src/core/clock.ts';
import { addToList, readList, removeFromList } from '../../src/effects/list-file.ts';
import { compiled } from '../support/compiled.ts';

let base = '';
let path = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'mailwright-list-'));
  path = join(base, 'vip.txt');
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

const text = (): string => readFileSync(path, 'utf8');

describe('adding', () => {
  test.each([
    ['', 'a@x', 'a@x\n'],
    ['b@x\n', 'a@x', 'b@x\na@x\n'],
    ['b@x', 'a@x', 'b@x\na@x\n'],
    ['# head\r\n\r\nb@x\r\n', 'a@x', '# head\r\n\r\nb@x\r\na@x\r\n'],
    ['b@x\n\n# tail\n', ' a@x ', 'b@x\n\n# tail\na@x\n'],
    ['# a@x\n', 'a@x', '# a@x\na@x\n'],
    ['\ufeffb@x\n', 'a@x', '\ufeffb@x\na@x\n'],
    ['\ufeff', 'a@x', '\ufeffa@x\n'],
  ])('to %j the entry %j gives %j', async (before, entry, after) => {
    writeFileSync(path, before);
    expect((await addToList(path, entry)).kind).toBe('done');
    expect(text()).toBe(after);
    expect(readdirSync(base)).toEqual(['vip.txt']);
  });

  test.each([
    ['a@x\n', 'A@X'],
    ['  a@x  \r\n', 'a@x'],
    ['Ju\u0308rgen@x\n', 'jürgen@X'],
    ['\ufeffa@x', 'a@x'],
  ])('to %j the entry %j is done without a write', async (before, entry) => {
    writeFileSync(path, before);
    const inode = statSync(path).ino;
    expect((await addToList(path, entry)).kind).toBe('done');
    expect(text()).toBe(before);
    expect(statSync(path).ino).toBe(inode);
  });

  test.each([
    '',
    '  ',
    '# a@x',
    ' #x',
    'a@x\nb@x',
    'a@x\n',
    'a\rb',
    'a\u0000b',
    'a\u0085b',
    'a\u2028b',
    '\u001b[2J',
    'x'.repeat(1001),
  ])('the entry %j is refused', async (entry) => {
    writeFileSync(path, 'b@x\n');
    expect((await addToList(path, entry)).kind).toBe('refused');
    expect(text()).toBe('b@x\n');
  });

  test('makes a missing list for the owner alone, and keeps the mode of another', async () => {
    await addToList(path, 'a@x');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o664);
    await addToList(path, 'b@x');
    expect(statSync(path).mode & 0o777).toBe(0o664);
  });

  test('makes the directory of a missing list', async () => {
    const deep = join(base, 'lists', 'more', 'vip.txt');
    expect((await addToList(deep, 'a@x')).kind).toBe('done');
    expect(readFileSync(deep, 'utf8')).toBe('a@x\n');
  });

  test('keeps the line ends of a list that mixes them', async () => {
    writeFileSync(path, '# x\nb@x\r\nc@x\n');
    await addToList(path, 'a@x');
    expect(text()).toBe('# x\nb@x\r\nc@x\na@x\n');
  });

  test('leaves a link to the list a link', async () => {
    writeFileSync(join(base, 'real.txt'), 'b@x\n');
    symlinkSync('real.txt', path);
    await addToList(path, 'a@x');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(base, 'real.txt'), 'utf8')).toBe('b@x\na@x\n');
  });
});

describe('removing', () => {
  test.each([
    ['a@x\nb@x\n', 'A@x', 'b@x\n'],
    ['# a@x\r\na@x\r\n\r\nb@x', 'a@x', '# a@x\r\n\r\nb@x'],
    ['a@x\nb@x\na@X', 'a@x', 'b@x\n'],
    ['\ufeffa@x\nb@x\n', 'a@x', '\ufeffb@x\n'],
    ['b@x\n', 'a@x', 'b@x\n'],
    ['# a@x\n', '# a@x', '# a@x\n'],
  ])('from %j the entry %j leaves %j', async (before, entry, after) => {
    writeFileSync(path, before);
    expect((await removeFromList(path, entry)).kind).toBe('done');
    expect(text()).toBe(after);
  });

  test('from a list that is missing makes no file', async () => {
    expect((await removeFromList(path, 'a@x')).kind).toBe('done');
    expect(readdirSync(base)).toEqual([]);
  });
});

describe('reading', () => {
  test('gives the entries in order, without comments and empty lines', async () => {
    writeFileSync(path, '\ufeff# people\r\n a@x \r\n\r\nB@X\nlast # not a comment');
    expect(await readList(path)).toEqual({
      kind: 'list',
      entries: ['a@x', 'B@X', 'last # not a comment'],
    });
  });

  test('a missing list is empty', async () => {
    expect(await readList(path)).toEqual({ kind: 'list', entries: [] });
  });

  test.each([
    ['not UTF-8', Buffer.from([0x61, 0xff, 0x0a])],
    ['larger than', Buffer.alloc(8 * 1024 * 1024 + 1, 'a')],
  ])('a list that is %s is unreadable, and is not written', async (said, octets) => {
    writeFileSync(path, octets);
    expect(await readList(path)).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining(said),
    });
    expect((await addToList(path, 'a@x')).kind).toBe('refused');
    expect(readFileSync(path).equals(octets)).toBe(true);
  });

  test('a directory is unreadable', async () => {
    expect((await readList(base)).kind).toBe('unreadable');
  });
});

describe('the lock', () => {
  test('of a living process is waited for, then told', async () => {
    writeFileSync(`${path}.lock`, `${process.pid} 00ff\n`);
    const outcome = await addToList(path, 'a@x', manualClock(0));
    expect(outcome).toMatchObject({
      kind: 'failed',
      retry: true,
      reason: expect.stringContaining('vip.txt.lock is held'),
    });
    expect(readdirSync(base)).toEqual(['vip.txt.lock']);
  });

  test('of a process that is gone is taken over', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.pid']);
    writeFileSync(`${path}.lock`, `${stdout.trim()} 00ff\n`);
    expect((await addToList(path, 'a@x', manualClock(0))).kind).toBe('done');
    expect(readdirSync(base)).toEqual(['vip.txt']);
  });

  test('that is older than a minute is taken over, even when it is empty', async () => {
    writeFileSync(`${path}.lock`, '');
    utimesSync(`${path}.lock`, new Date(0), new Date(0));
    expect((await addToList(path, 'a@x', manualClock(0))).kind).toBe('done');
    expect(readdirSync(base)).toEqual(['vip.txt']);
  });
});

test('two processes that add a hundred entries each lose none', { timeout: 60_000 }, async () => {
  const module = compiled('src/effects/list-file.ts');
  const script = join(base, 'add.mjs');
  writeFileSync(
    script,
    `import { addToList } from ${JSON.stringify(module)};
     const [path, name] = process.argv.slice(2);
     for (let i = 0; i < 100; i += 1) {
       const outcome = await addToList(path, name + i + '@x');
       if (outcome.kind !== 'done') throw new Error(outcome.reason);
     }`,
  );
  writeFileSync(path, '# kept\n');
  // A lock that a killed process left behind, found by both at once.
  writeFileSync(`${path}.lock`, '999999999 dead\n');
  const run = promisify(execFile);
  await Promise.all(['a', 'b'].map((name) => run(process.execPath, [script, path, name])));
  const list = await readList(path);
  const expected = ['a', 'b'].flatMap((name) =>
    Array.from({ length: 100 }, (_, i) => `${name}${i}@x`),
  );
  expect(list.kind === 'list' && [...list.entries].sort()).toEqual(expected.sort());
  expect(text().startsWith('# kept\n')).toBe(true);
  expect(readdirSync(base).sort()).toEqual(['add.mjs', 'vip.txt']);
  rmSync(new URL('../../', module), { recursive: true, force: true });
});
