/** Directories as they are met: names that are not UTF-8, Maildirs that lost their empty parts. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { openMailSource } from '../../src/mailfile/open-mail-source.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'directory-'));
});
afterEach(() => rmSync(place, { recursive: true }));

function write(name: string): string {
  const path = join(place, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'Subject: x\n\n');
  return path;
}

async function namesIn(path = place): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of openMailSource(path)) names.push(name);
  return names;
}

describe('what a directory is', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['a Maildir', ['cur/1', 'new/2'], ['cur/1', 'new/2']],
    ['a Maildir that lost its empty new', ['cur/1'], ['cur/1']],
    [
      'Maildir++ without an INBOX',
      ['.Work/cur/1', '.Work.Old/cur/2'],
      ['.Work/cur/1', '.Work.Old/cur/2'],
    ],
    [
      'a Maildir with files of its server',
      ['cur/1', 'new/2', 'dovecot-uidlist'],
      ['cur/1', 'new/2'],
    ],
    ['messages beside a directory called cur', ['a.eml', 'cur/b.eml'], ['a.eml', 'cur/b.eml']],
    ['a hidden directory without mail', ['.git/HEAD', 'a.eml'], ['a.eml']],
  ])('%s', async (_, files, expected) => {
    for (const file of files) write(file);
    expect(await namesIn()).toEqual(expected);
  });

  test('an empty Maildir holds no message', async () => {
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(place, part));
    expect(await namesIn()).toEqual([]);
  });
});

describe('names', () => {
  // Only Linux keeps any octets as a name.
  test.runIf(process.platform === 'linux')('need not be UTF-8', async () => {
    const latin = Buffer.concat([
      Buffer.from(`${place}/caf`),
      Buffer.from([0xe9]),
      Buffer.from('.eml'),
    ]);
    writeFileSync(latin, 'x');
    write('z/é.eml');
    expect(await namesIn()).toEqual(['caf\ufffd.eml', 'z/é.eml']);
  });

  test('stand in the order of code points, not of a language', async () => {
    for (const name of ['b.eml', 'B.eml', 'ä.eml', '😀.eml', '\uffe0.eml', '10.eml', '9.eml'])
      write(name);
    expect(await namesIn()).toEqual(
      ['10', '9', 'B', 'b', 'ä', '\uffe0', '😀'].map((name) => `${name}.eml`),
    );
  });

  test('of links are not followed, so that no circle is walked', async () => {
    write('a.eml');
    symlinkSync(place, join(place, 'again'));
    symlinkSync(join(place, 'a.eml'), join(place, 'b.eml'));
    expect(await namesIn()).toEqual(['a.eml']);
  });
});

test('a file over 64 MB is told of without being read', async () => {
  truncateSync(write('a.eml'), LIMITS.literalBytes + 1);
  for await (const { raw } of openMailSource(place)) expect(raw).toBeNull();
});

test('a device is refused: it may never end', async () => {
  await expect(namesIn('/dev/zero')).rejects.toMatchObject({ code: 'MAIL_FILE_UNREADABLE' });
});
