import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileNameOf, saveMessage } from '../../src/effects/save-message.ts';
import { compiled } from '../support/compiled.ts';

const raw = Buffer.from('Subject: hello\r\n\r\nBody\r\n');
const digest = createHash('sha256').update(raw).digest('hex').slice(0, 32);

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'mailwright-save-'));
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

describe('the name of a saved message', () => {
  test.each([
    ['', ''],
    ['..', ''],
    ['.', ''],
    ['../../.ssh/authorized_keys', '-ssh-authorized-keys'],
    ['/etc/passwd', '-etc-passwd'],
    ['C:\\Windows\\x', '-C-Windows-x'],
    ['a\u0000b\nc\u001b[31m', '-a-b-c-31m'],
    ['invoice\u202Efdp.exe', '-invoice-fdp-exe'],
    ['CON', '-CON-'],
    ['lpt1', '-lpt1-'],
    ['com¹', '-com¹-'],
    ['Rechnung für Jürgen', '-Rechnung-für-Jürgen'],
    ['Jürgen', '-Jürgen'],
    ['Счёт № 5', '-Счёт-5'],
    ['請求書 2026', '-請求書-2026'],
    ['हिन्दी', '-हिन्दी'],
    ['\u0301x', '-x'],
    ['x'.repeat(400), `-${'x'.repeat(40)}`],
    ['𝒳'.repeat(400), `-${'𝒳'.repeat(40)}`],
    ['---', ''],
    ['\ud800', ''],
  ])('subject %j ends it as %j', (subject, suffix) => {
    const name = fileNameOf({ raw, subject });
    expect(name).toBe(`${digest}${suffix.normalize('NFC')}.eml`);
    expect(basename(name)).toBe(name);
    expect(Buffer.byteLength(name)).toBeLessThan(255);
  });
});

test('a message is saved whole, for the owner alone, in a directory for the owner alone', async () => {
  const directory = join(base, 'mail', 'saved');
  const outcome = await saveMessage({ directory, raw, subject: 'hello' });
  const path = join(directory, `${digest}-hello.eml`);
  expect(outcome).toEqual({ kind: 'done', evidence: path });
  expect(readFileSync(path)).toEqual(raw);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test('the same octets again are done, at the same path, without a second file', async () => {
  const first = await saveMessage({ directory: base, raw, subject: 'hello' });
  const before = statSync(join(base, `${digest}-hello.eml`));
  const again = await saveMessage({ directory: base, raw, subject: 'hello' });
  expect(again).toEqual(first);
  expect(readdirSync(base)).toEqual([`${digest}-hello.eml`]);
  expect(statSync(join(base, `${digest}-hello.eml`)).ino).toBe(before.ino);
});

test('saving at the same time leaves one whole file', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => saveMessage({ directory: base, raw, subject: 'hello' })),
  );
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['done']));
  expect(readdirSync(base)).toEqual([`${digest}-hello.eml`]);
});

test('a link in the way is neither followed nor replaced', async () => {
  const victim = join(base, 'victim');
  const directory = join(base, 'saved');
  mkdirSync(directory);
  writeFileSync(victim, 'precious');
  symlinkSync(victim, join(directory, `${digest}-hello.eml`));
  const outcome = await saveMessage({ directory, raw, subject: 'hello' });
  expect(outcome.kind).toBe('refused');
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  expect(readdirSync(directory)).toEqual([`${digest}-hello.eml`]);
});

test('a saved message that somebody edited is left alone', async () => {
  writeFileSync(join(base, `${digest}-hello.eml`), 'edited');
  const outcome = await saveMessage({ directory: base, raw, subject: 'hello' });
  expect(outcome).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('other contents'),
  });
  expect(readFileSync(join(base, `${digest}-hello.eml`), 'utf8')).toBe('edited');
});

test('a file where the directory should be is refused', async () => {
  writeFileSync(join(base, 'file'), '');
  const outcome = await saveMessage({ directory: join(base, 'file'), raw, subject: '' });
  expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/EEXIST/) });
});

test('no room left is a failure to retry, and leaves no part of a file', {
  timeout: 30_000,
}, () => {
  const module = compiled('src/effects/save-message.ts');
  const script = join(base, 'save.mjs');
  const directory = join(base, 'saved');
  writeFileSync(
    script,
    `import { saveMessage } from ${JSON.stringify(module)};
     const raw = Buffer.alloc(1024 * 1024, 'x');
     const outcome = await saveMessage({ directory: ${JSON.stringify(directory)}, raw, subject: 'big' });
     process.stdout.write(JSON.stringify(outcome));`,
  );
  // A limit on the size of files makes the system refuse in the middle of the writing.
  const command = 'ulimit -f 64; exec "$0" "$1"';
  const printed = execFileSync('sh', ['-c', command, process.execPath, script], {
    encoding: 'utf8',
  });
  rmSync(new URL('../../', module), { recursive: true, force: true });
  expect(JSON.parse(printed)).toMatchObject({
    kind: 'failed',
    retry: true,
    reason: expect.stringContaining('EFBIG'),
  });
  expect(readdirSync(directory)).toEqual([]);
});
