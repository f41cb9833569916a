/** Mail in files: what is found, in which order, with which flags, dates and octets. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openMailSource } from '../../src/mailfile/open-mail-source.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'mailfile-'));
});
afterEach(() => rmSync(place, { recursive: true }));

function write(name: string, content: string | Buffer): string {
  const path = join(place, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function read(path: string) {
  const found: { name: string; text: string | null; flags: readonly string[]; arrived: unknown }[] =
    [];
  for await (const { name, raw, flags, arrivedMs } of openMailSource(path)) {
    found.push({
      name,
      text: raw === null ? null : Buffer.from(raw).toString('latin1'),
      flags,
      arrived: arrivedMs === null ? null : new Date(arrivedMs).toISOString(),
    });
  }
  return found;
}

const texts = async (path: string) => (await read(path)).map(({ text }) => text);

describe('.eml', () => {
  test('a single file, with LF made CRLF', async () => {
    const path = write('a.eml', 'Subject: x\n\nhi\r\nthere\n');
    expect(await read(path)).toEqual([
      { name: 'a.eml', text: 'Subject: x\r\n\r\nhi\r\nthere\r\n', flags: [], arrived: null },
    ]);
  });

  test('a directory, at any depth, by name; others are left out', async () => {
    for (const name of ['b/2.eml', 'b/1.EML', 'a.eml', 'c.txt', '.hidden.eml', 'ü.eml']) {
      write(name, 'x');
    }
    expect((await read(place)).map(({ name }) => name)).toEqual([
      'a.eml',
      'b/1.EML',
      'b/2.eml',
      'ü.eml',
    ]);
  });

  test('an empty .eml is an empty message', async () => {
    expect(await texts(write('a.eml', ''))).toEqual(['']);
  });

  test('a directory without mail is an error, so that a mistyped path is seen', async () => {
    write('none/readme.txt', 'x');
    await expect(read(join(place, 'none'))).rejects.toMatchObject({
      code: 'MAIL_FILE_UNREADABLE',
      message: expect.stringContaining('holds no .eml file'),
    });
  });

  test('a path that is not there is an error with its name', async () => {
    await expect(read(join(place, 'missing'))).rejects.toMatchObject({
      code: 'MAIL_FILE_UNREADABLE',
      message: expect.stringContaining('missing'),
    });
  });
});

describe('Maildir', () => {
  test('cur and new, flags from the name, and mailboxes below', async () => {
    write('cur/1767225600.M1P2.host,S=9:2,FS', 'a');
    write('cur/1767225601.M1P2.host:2,', 'b');
    write('new/1767225602.x.host', 'c');
    utimesSync(write('.Work/cur/plain:2,RDT', 'd'), 1_767_225_604, 1_767_225_604);
    mkdirSync(join(place, 'tmp'));
    write('tmp/1767225603.x', 'never');
    expect(await read(place)).toEqual([
      {
        name: 'cur/1767225600.M1P2.host,S=9:2,FS',
        text: 'a',
        flags: ['\\Flagged', '\\Seen'],
        arrived: '2026-01-01T00:00:00.000Z',
      },
      {
        name: 'cur/1767225601.M1P2.host:2,',
        text: 'b',
        flags: [],
        arrived: '2026-01-01T00:00:01.000Z',
      },
      {
        name: 'new/1767225602.x.host',
        text: 'c',
        flags: [],
        arrived: '2026-01-01T00:00:02.000Z',
      },
      {
        name: '.Work/cur/plain:2,RDT',
        text: 'd',
        flags: ['\\Answered', '\\Draft', '\\Deleted'],
        arrived: '2026-01-01T00:00:04.000Z',
      },
    ]);
  });
});

describe('mbox', () => {
  const FROM = 'From ann@a.example Thu Jan  1 00:00:00 2026\n';
  test.each<[string, string, readonly string[]]>([
    [
      'two messages',
      `${FROM}A: 1\n\none\n\n${FROM}A: 2\n\ntwo\n`,
      ['A: 1\r\n\r\none\r\n', 'A: 2\r\n\r\ntwo\r\n'],
    ],
    ['no line break at the end', `${FROM}A: 1\n\none`, ['A: 1\r\n\r\none']],
    [
      'CRLF',
      `${FROM}A: 1\n\none\n\n${FROM}\n`.replaceAll('\n', '\r\n'),
      ['A: 1\r\n\r\none\r\n', '\r\n'],
    ],
    [
      'quoted From',
      `${FROM}\n>From me\n>>From you\n> From\n`,
      ['\r\nFrom me\r\n>From you\r\n> From\r\n'],
    ],
    [
      'From in a text, after no empty line',
      `${FROM}\nx\n${FROM}y\n`,
      [`\r\nx\r\n${FROM.trim()}\r\ny\r\n`],
    ],
    [
      'From in a text, without a date',
      `${FROM}\nx\n\nFrom here on\n`,
      ['\r\nx\r\n\r\nFrom here on\r\n'],
    ],
    ['a zone in the separator', 'From a Thu Jan  1 00:00:00 +0100 2026\n\nx\n', ['\r\nx\r\n']],
    ['nothing after the separator', FROM, ['']],
  ])('%s', async (_, content, messages) => {
    expect(await texts(write('box', content))).toEqual(messages);
  });

  test('names, dates and flags', async () => {
    const path = write(
      'archive.mbox',
      `${FROM}Status: RO\nX-Status: AF\n\none\n\nFrom x Fri Feb 13 23:31:30 2026\n\ntwo\n`,
    );
    const found = await read(path);
    expect(found.map(({ name, flags, arrived }) => [name, flags, arrived])).toEqual([
      ['archive.mbox#1', ['\\Seen', '\\Answered', '\\Flagged'], '2026-01-01T00:00:00.000Z'],
      ['archive.mbox#2', [], '2026-02-13T23:31:30.000Z'],
    ]);
  });

  test('separators anywhere, also where pieces of the file meet', async () => {
    const pieces: string[] = [];
    const sizes = Array.from({ length: 400 }, (_, index) => (index * 7919) % 5000);
    for (const size of sizes) pieces.push(`${FROM}\n${'x'.repeat(size)}\n\n`);
    const found = await texts(write('box', pieces.join('')));
    expect(found.map((text) => (text?.length ?? 0) - 4)).toEqual(sizes);
  });

  test('a message over 64 MB is not read, the ones around it are', async () => {
    const large = Buffer.alloc(65 * 1024 * 1024, 'y');
    const content = Buffer.concat([
      Buffer.from(`${FROM}\none\n\n${FROM}\n`),
      large,
      Buffer.from(`\n\n${FROM}\nthree\n`),
    ]);
    expect(await texts(write('box', content))).toEqual(['\r\none\r\n', null, '\r\nthree\r\n']);
  });
});

test('file times are told for want of anything better', async () => {
  const path = write('a.eml', 'x');
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  for await (const file of openMailSource(path)) expect(file.fileMs).toBe(1_700_000_000_000);
});
