import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileSource } from '../../../src/accounts/sources/file.ts';
import { accountId } from '../../../src/core/brand.ts';

function fileOf(content: string, mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailwright-password-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'password');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}
const source = (path: string) => fileSource(accountId('home'), path);

test.each([
  ['one line', 'hunter2\n', 'hunter2'],
  ['one line of Windows', 'hunter2\r\n', 'hunter2'],
  ['no line break', 'hunter2', 'hunter2'],
  ['blanks belong to it', ' a b \n', ' a b '],
  ['only the last line break goes', 'a\n\n', 'a\n'],
  ['letters of any script', 'Grüße\n', 'Grüße'],
])('%s', async (_, content, password) => {
  expect((await source(fileOf(content, 0o600)).read()).reveal()).toBe(password);
});

test('a file that its owner may only read will do', async () => {
  expect((await source(fileOf('x\n', 0o400)).read()).reveal()).toBe('x');
});

describe('what is refused', () => {
  test.each([
    ['readable by the group', 'x', 0o640],
    ['readable by all', 'x', 0o604],
    ['writable by the group', 'x', 0o620],
    ['runnable by all', 'x', 0o601],
  ])('a file %s, with the command that mends it', async (_, content, mode) => {
    const path = fileOf(content, mode);
    await expect(source(path).read()).rejects.toMatchObject({
      code: 'CREDENTIAL_UNAVAILABLE',
      message: `account "home": the file ${path} can be read by others; run: chmod 600 ${path}`,
    });
  });

  test.each([
    ['an empty file', '', 'is empty'],
    ['a line break alone', '\n', 'is empty'],
    ['a large file', 'x'.repeat(70_000), 'is too large for a password'],
  ])('%s', async (_, content, reason) => {
    await expect(source(fileOf(content, 0o600)).read()).rejects.toThrow(reason);
  });

  test('a file that is not there, with its cause', async () => {
    await expect(source('/nonexistent/password').read()).rejects.toMatchObject({
      message: 'account "home": the file /nonexistent/password cannot be read',
      cause: { code: 'ENOENT' },
    });
  });

  test('a folder, and a named pipe, which nobody waits for', async () => {
    const folder = dirname(fileOf('x', 0o600));
    await expect(source(folder).read()).rejects.toThrow('is no regular file');
    execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe')]);
    await expect(source(join(folder, 'pipe')).read()).rejects.toThrow('is no regular file');
  });

  test('a file in a folder where everybody may write, also behind a link', async () => {
    const folder = dirname(fileOf('', 0o600));
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    writeFileSync(join(open, 'password'), 'x', { mode: 0o600 });
    symlinkSync(join(open, 'password'), join(folder, 'link'));
    for (const path of [join(open, 'password'), join(folder, 'link')]) {
      await expect(source(path).read()).rejects.toThrow(
        `lies in ${open}, where everybody may replace it; run: chmod o-w ${open}`,
      );
    }
    chmodSync(open, 0o1777);
    expect((await source(join(folder, 'link')).read()).reveal()).toBe('x');
  });

  test('a file of another user, who could read it', async () => {
    const path = fileOf('x', 0o600);
    const owner = process.geteuid?.() ?? 0;
    const other = fileSource(accountId('home'), path, 54_321);
    // What belongs to root is root's to read anyway.
    if (owner === 0) expect((await other.read()).reveal()).toBe('x');
    else await expect(other.read()).rejects.toThrow(`belongs to user ${owner}, who can read it`);
  });
});
