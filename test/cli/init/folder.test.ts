import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pathIn } from '../../../src/cli/init/answers.ts';
import { inspectFolder, writeFiles } from '../../../src/cli/init/folder.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mailwright-folder-'));
});
afterEach(() => {
  chmodSync(directory, 0o700);
  rmSync(directory, { recursive: true, force: true });
});

const file = (name: string, text: string, mode = 0o644) => ({
  ...{ path: join(directory, name), text, mode },
});

describe('writing files', () => {
  test('makes folders, and gives a secret to its owner alone', async () => {
    await writeFiles([file('secrets/a', 'x', 0o600), file('rules/b.yaml', 'y')], false);
    expect(statSync(join(directory, 'secrets')).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'secrets/a')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, 'rules/b.yaml'), 'utf8')).toBe('y');
    expect(await readdir(join(directory, 'rules'))).toEqual(['b.yaml']);
  });

  test('overwrites nothing that has come meanwhile, and takes the others away again', async () => {
    writeFileSync(join(directory, 'b'), 'mine');
    await expect(writeFiles([file('a', 'x'), file('b', 'y')], false)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/it is there already; nothing was changed$/),
    });
    expect(existsSync(join(directory, 'a'))).toBe(false);
    expect(readFileSync(join(directory, 'b'), 'utf8')).toBe('mine');
    expect(await readdir(directory)).toEqual(['b']);
  });

  test('keeps what it replaces, and puts it back when a later file cannot be written', async () => {
    writeFileSync(join(directory, 'a'), 'mine');
    mkdirSync(join(directory, 'b'));
    writeFileSync(join(directory, 'b/c'), '');
    await writeFiles([file('a', 'new')], true);
    expect(readFileSync(join(directory, 'a.old'), 'utf8')).toBe('mine');
    const blocked = file('a/below', 'z');
    await expect(writeFiles([file('a', 'newer'), blocked], true)).rejects.toMatchObject({
      code: 'USAGE',
    });
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('new');
  });
});

test('a folder is told by what init would write, and by other rule files', async () => {
  expect(await inspectFolder(join(directory, 'missing'))).toMatchObject({
    present: [],
    otherRules: [],
  });
  mkdirSync(join(directory, 'rules'));
  for (const name of ['mailwright.yaml', 'notes.txt', 'rules/10-first.yaml', 'rules/a.yml']) {
    writeFileSync(join(directory, name), '');
  }
  expect(await inspectFolder(directory)).toMatchObject({
    present: ['mailwright.yaml', 'rules/10-first.yaml'],
    otherRules: ['rules/a.yml'],
  });
  await expect(inspectFolder(join(directory, 'notes.txt'))).rejects.toMatchObject({
    code: 'USAGE',
  });
});

test.each([
  ['/srv/mail', '/srv/mail/secrets/a', 'secrets/a'],
  ['/srv/mail', '/etc/passwords/a', '/etc/passwords/a'],
  ['/srv/mail', '/srv/mailbox/a', '/srv/mailbox/a'],
  ['/srv/mail', '/srv/mail', '/srv/mail'],
])('in %s the path %s is written %s', (folder, path, expected) => {
  expect(pathIn(folder, path)).toBe(expected);
});
