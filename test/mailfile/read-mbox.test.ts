/** mbox at its edges: separators, dates that lie, quotes, and files made to hurt. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { MailFile } from '../../src/mailfile/mail-file.ts';
import { openMailSource } from '../../src/mailfile/open-mail-source.ts';

const FROM = 'From ann@a.example Thu Jan  1 00:00:00 2026\n';
const NEW_YEAR = '2026-01-01T00:00:00.000Z';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'mbox-'));
});
afterEach(() => rmSync(place, { recursive: true }));

async function readAll(content: string | Buffer): Promise<readonly MailFile[]> {
  const path = join(place, 'box');
  writeFileSync(path, content);
  const found: MailFile[] = [];
  for await (const file of openMailSource(path)) found.push(file);
  return found;
}

const textOf = ({ raw }: MailFile) => (raw === null ? null : Buffer.from(raw).toString('latin1'));

describe('the date of a separator', () => {
  test.each<[string, string | null]>([
    ['From x Xyz Foo 99 00:00:00 2026', null],
    ['From x Thu Jan 99 00:00:00 2026', null],
    ['From MAILER-DAEMON', null],
    ['From x Thu Jan  1 00:00:00 2026', NEW_YEAR],
    ['From x Thu Jan 01 00:00 2026', NEW_YEAR],
    ['From x Thu Jan  1 01:00:00 +0100 2026', NEW_YEAR],
    ['From x Thu Jan  1 01:00:00 2026 +0100', NEW_YEAR],
    ['From x Wed Dec 31 19:00:00 EST 2025', NEW_YEAR],
    ['From x Thu Jan  1 00:00:00 QQQ 2026', NEW_YEAR],
    ['From a b@c (d) Thu Jan  1 00:00:00 2026', NEW_YEAR],
  ])('%s', async (line, expected) => {
    const [message] = await readAll(`${line}\n\nx\n`);
    const ms = message?.arrivedMs;
    expect(typeof ms === 'number' ? new Date(ms).toISOString() : ms).toBe(expected);
  });
});

describe('where messages begin and end', () => {
  test('an empty mbox holds no message', async () => {
    expect(await readAll('')).toEqual([]);
  });

  test('a separator that ends the file without a line break begins an empty message', async () => {
    expect((await readAll(`${FROM}\none\n\n${FROM.trim()}`)).map(textOf)).toEqual([
      '\r\none\r\n',
      '',
    ]);
  });

  test('a line like a separator in a text begins a message: nothing tells them apart', async () => {
    expect(await readAll(`${FROM}\none\n\n${FROM}still one\n`)).toHaveLength(2);
  });

  test('a line that begins with From and is longer than any separator is text', async () => {
    const long = `From ${'x'.repeat(5000)} Thu Jan  1 00:00:00 2026`;
    expect(await readAll(`${FROM}\none\n\n${long}\n`)).toHaveLength(1);
  });

  test('wherever the file is read in pieces', async () => {
    const chunk = 256 * 1024;
    for (const end of ['\n', '\r\n']) {
      const separator = FROM.trim() + end;
      const [first, second] = ['A: 1', 'B: 2'].map((line) => `${line}${end}${end}text${end}`);
      for (const offset of [-3, -2, -1, 0, 1, 2, 3, 4, 5, 40, 1023, 1024, 1025]) {
        const head = `${separator}${first}`;
        const filler = 'x'.repeat(chunk - head.length - end.length - offset);
        const all = `${head}${filler}${end}${end}${separator}${second}`;
        const found = (await readAll(all)).map(textOf);
        const crlf = (text = ''): string => text.replaceAll(/\r?\n/g, '\r\n');
        expect(found, `${offset}`).toEqual([crlf(`${first}${filler}${end}`), crlf(second)]);
      }
    }
  });

  test('octets that are not ASCII stay as they are', async () => {
    const body = Buffer.from([0xe9, 0xff, 0x00, 0x80, 0x0a]);
    const [message] = await readAll(Buffer.concat([Buffer.from(`${FROM}\n`), body]));
    expect([...(message?.raw ?? [])]).toEqual([13, 10, 0xe9, 0xff, 0x00, 0x80, 13, 10]);
  });
});

describe('quoted From lines', () => {
  test.each<[string, string]>([
    ['>From a\n', 'From a\n'],
    ['>>From a\n>>>From b\n', '>From a\n>>From b\n'],
    ['x >From a\n', 'x >From a\n'],
    ['> From a\n', '> From a\n'],
    ['>Fromage\n', '>Fromage\n'],
    ['>>\n>From a\n', '>>\nFrom a\n'],
  ])('%j becomes %j', async (quoted, plain) => {
    const [message] = await readAll(`${FROM}\n${quoted}`);
    expect(message === undefined ? '' : textOf(message)).toBe(
      `\n${plain}`.replaceAll('\n', '\r\n'),
    );
  });
});

/** Each is large, and read in time that grows with its size only. */
describe('files made to hurt', () => {
  const repeat = (text: string, bytes: number): Buffer => Buffer.alloc(bytes, text);
  test.each<[string, Buffer, boolean]>([
    ['nothing but line feeds, which would be over the limit on the wire', repeat('\n', 4e7), false],
    ['nothing but quotes', repeat('>', 2e7), true],
    ['nothing but quoted From lines', repeat('>From \n', 2e7), true],
    ['nothing but what may be separators', repeat('\n\nFrom ', 2e7), true],
  ])(
    '%s',
    async (_, body, isRead) => {
      const found = await readAll(Buffer.concat([Buffer.from(`${FROM}\n`), body]));
      expect(found.map(({ raw }) => raw !== null)).toEqual([isRead]);
    },
    30_000,
  );

  test('the limit is that of the octets on the wire', async () => {
    const atLimit = Buffer.alloc(LIMITS.literalBytes - 2, 'x');
    const head = Buffer.from(`${FROM}\n`);
    const [fits] = await readAll(Buffer.concat([head, atLimit]));
    expect(fits?.raw?.length).toBe(LIMITS.literalBytes);
    const [over] = await readAll(Buffer.concat([head, atLimit, Buffer.from('y')]));
    expect(over?.raw).toBeNull();
  });
});
