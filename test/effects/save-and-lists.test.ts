/** Files that rules write: whole or not there, inside their directory, nobody's entries lost. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addToList, removeFromList } from '../../src/effects/list-file.ts';
import { fileNameOf, saveMessage } from '../../src/effects/save-message.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'effects-'));
});
afterEach(() => rmSync(place, { recursive: true }));

describe('save', () => {
  const raw = Buffer.from('Subject: x\r\n\r\nhi\r\n');
  test.each<[string, string]>([
    ['Invoice 7/2026', '-Invoice-7-2026.eml'],
    ['../../etc/passwd', '-etc-passwd.eml'],
    ['Grüße', '-Grüße.eml'],
    ['日本', '-日本.eml'],
    ['\u202egpj.exe', '-gpj-exe.eml'],
    ['..', '.eml'],
    ['', '.eml'],
    ['x'.repeat(300), `-${'x'.repeat(40)}.eml`],
    ['a\u0000b\r\nc', '-a-b-c.eml'],
  ])('a file for %j', (subject, suffix) => {
    expect(fileNameOf({ raw, subject })).toMatch(/^[0-9a-f]{32}/);
    expect(fileNameOf({ raw, subject }).slice(32)).toBe(suffix);
  });

  test('the same message twice is one file, written for its owner only', async () => {
    const directory = join(place, 'a/b');
    const [first, second] = [
      await saveMessage({ directory, raw, subject: 's' }),
      await saveMessage({ directory, raw, subject: 's' }),
    ];
    expect(first).toEqual(second);
    expect(readdirSync(directory)).toHaveLength(1);
    if (first.kind !== 'done') throw new Error('it was saved');
    expect(readFileSync(first.evidence)).toEqual(raw);
    expect(statSync(first.evidence).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test('what cannot be written leaves nothing behind', async () => {
    writeFileSync(join(place, 'file'), '');
    expect(await saveMessage({ directory: join(place, 'file'), raw, subject: '' })).toMatchObject({
      kind: 'failed',
    });
    expect(readdirSync(place)).toEqual(['file']);
  });
});

describe('lists', () => {
  const path = () => join(place, 'list.txt');
  const text = () => readFileSync(path(), 'utf8');
  test.each<[string, string, string, string]>([
    ['an entry at the end', '# mine\na@x\n', 'b@x', '# mine\na@x\nb@x\n'],
    ['an end without a line break', 'a@x', 'b@x', 'a@x\nb@x\n'],
    ['CRLF', 'a@x\r\n', 'b@x', 'a@x\r\nb@x\r\n'],
    ['what is there in other letters', 'A@X\n', 'a@x', 'A@X\n'],
    ['an empty list', '', 'a@x', 'a@x\n'],
  ])('adds %s', async (_, before, entry, after) => {
    writeFileSync(path(), before);
    expect((await addToList(path(), entry)).kind).toBe('done');
    expect(text()).toBe(after);
  });

  test('takes an entry out and keeps the rest', async () => {
    writeFileSync(path(), '# a@x\nA@x\n\nb@x\n');
    expect((await removeFromList(path(), 'a@x')).kind).toBe('done');
    expect(text()).toBe('# a@x\n\nb@x\n');
    expect((await removeFromList(path(), 'nobody')).kind).toBe('done');
  });

  test('makes a list that is missing; keeps its mode; follows a link to it', async () => {
    expect((await addToList(path(), 'a@x')).kind).toBe('done');
    chmodSync(path(), 0o640);
    symlinkSync(path(), join(place, 'link'));
    await addToList(join(place, 'link'), 'b@x');
    expect(text()).toBe('a@x\nb@x\n');
    expect(statSync(path()).mode & 0o777).toBe(0o640);
  });

  test.each(['', '  ', '# no', 'a\nb'])('refuses %j', async (entry) => {
    expect((await addToList(path(), entry)).kind).toBe('refused');
  });

  test('two processes lose none of their entries', async () => {
    const module = new URL('../../dist/src/effects/list-file.js', import.meta.url).href;
    const script = `import { addToList } from ${JSON.stringify(module)};
      const [path, name] = process.argv.slice(2);
      for (let n = 0; n < 60; n++) { const r = await addToList(path, name + n); if (r.kind !== 'done') throw new Error(r.reason); }`;
    writeFileSync(join(place, 'add.mjs'), script);
    const run = async (name: string) =>
      await new Promise((resolve) =>
        spawn(process.execPath, [join(place, 'add.mjs'), path(), name]).on('close', resolve),
      );
    expect(await Promise.all([run('a'), run('b')])).toEqual([0, 0]);
    expect(text().trim().split('\n')).toHaveLength(120);
    expect(readdirSync(place).sort()).toEqual(['add.mjs', 'list.txt']);
  });
});
