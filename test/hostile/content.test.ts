/**
 * Messages made to hurt, whose harm is in what they hold: right or undecided, soon, in little memory
 * (the numbers are those of the list of hostile messages).
 */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import { viewOfFile } from '../../src/engine/file-view.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { decide } from '../../src/plan/decide.ts';
import { creatingAll, serverlessContext } from '../../src/plan/serverless.ts';
import { NOW_MS, oneRule, ruleOf } from '../language/support.ts';

const MAX_MS = 2000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Decides a message, within the time and memory that one message may cost. */
function outcome(raw: Buffer, when: string, then = '[{ move: Elsewhere }]'): string {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const started = performance.now();
  const file = { name: 'x', raw, flags: [], arrivedMs: NOW_MS, fileMs: NOW_MS };
  const ref = {
    ...{ account: accountId('a'), mailbox: parseMailboxName('INBOX') },
    ...{ uidValidity: 1, uid: 1 },
  };
  const view = viewOfFile(file, { ref, queries: [] });
  if (view === null) return 'too large';
  const rule = creatingAll(ruleOf(oneRule(when, then)));
  const decision = decide(view, [rule], serverlessContext({ nowMs: NOW_MS }));
  expect(performance.now() - started).toBeLessThan(MAX_MS);
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.external - before.heapUsed - before.external;
  expect(grown).toBeLessThan(MAX_BYTES);
  if (decision.kind === 'needs') return `needs ${decision.fields.join(' ')}`;
  if (decision.parked !== null) return 'parked';
  return decision.move === null ? 'stays' : `moves to ${decision.move.to.mailbox}`;
}

const mail = (header: string, body: string | Buffer = 'hi'): Buffer =>
  Buffer.concat([Buffer.from(`${header.replaceAll('\n', '\r\n')}\r\n\r\n`), Buffer.from(body)]);

describe('structure', () => {
  const deep = (levels: number): Buffer => {
    let text = '';
    for (let level = 0; level < levels; level++) {
      text += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`;
    }
    return Buffer.from(text);
  };
  const parts = (count: number): Buffer =>
    mail('Content-Type: multipart/mixed; boundary=b', `${'--b\r\n\r\nx\r\n'.repeat(count)}--b--`);
  test.each<[string, Buffer, string, string]>([
    ['1 nested a thousand deep', deep(1000), '{ attachment: false }', 'parked'],
    ['1 nested a thousand deep, for its text', deep(1000), '{ not: { body: x } }', 'parked'],
    [
      '2 a hundred thousand parts',
      parts(100_000),
      '{ attachment: { count: { under: 9 } } }',
      'parked',
    ],
    [
      '3 messages in messages',
      Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(1000)),
      '{ attachment: { count: 1 } }',
      'moves to Elsewhere',
    ],
    [
      '4 no boundary',
      mail('Content-Type: multipart/mixed; boundary=b', 'text'),
      '{ body: text }',
      'stays',
    ],
    [
      '4 a boundary twice',
      mail(
        'Content-Type: multipart/mixed; boundary=b; boundary=c',
        '--b\r\n\r\nin b\r\n--c\r\n\r\nin c\r\n--b--',
      ),
      '{ body: in b }',
      'moves to Elsewhere',
    ],
    [
      '4 a boundary that begins another',
      mail(
        'Content-Type: multipart/mixed; boundary=b',
        '--bb\r\n\r\nhidden\r\n--b\r\n\r\nshown\r\n--b--',
      ),
      '{ body: hidden }',
      'stays',
    ],
    [
      '5 a header of ten megabytes',
      mail(`X: ${'y'.repeat(10_000_000)}\nSubject: x`),
      '{ subject: x }',
      'parked',
    ],
    [
      '12 utf-7',
      mail('Content-Type: text/plain; charset=utf-7', Buffer.from('+AGE-\xff', 'latin1')),
      '{ body: a }',
      'parked',
    ],
    [
      '12 utf-16 that is none',
      mail('Content-Type: text/plain; charset=utf-16', 'ab'),
      '{ body: ab }',
      'stays',
    ],
    [
      '12 ISO-2022 escapes without end',
      mail('Content-Type: text/plain; charset=iso-2022-jp', '\u001b$B'.repeat(10_000)),
      '{ body: x }',
      'stays',
    ],
    [
      '13 base64 with garbage',
      mail('Content-Transfer-Encoding: base64', '!!aW52\u0000b2lj*ZQ==%%'),
      '{ body: invoice }',
      'moves to Elsewhere',
    ],
    [
      '13 text of ten megabytes',
      mail('Subject: x', 'y'.repeat(10_000_000)),
      '{ not: { body: x } }',
      'parked',
    ],
    [
      '14 NUL, bare CR, a lone dot',
      mail('Subject: a\u0000b', 'x\u0000y\rz\r\n.\r\nend'),
      '{ body: end }',
      'moves to Elsewhere',
    ],
    ['16 no Message-ID', mail('Subject: x'), '{ duplicate: true }', 'stays'],
    [
      '19 a date in year 0',
      mail('Date: Mon, 1 Jan 0000 00:00:00 +0000'),
      '{ date: { header: Date, before: 2020-01-01 } }',
      'parked',
    ],
    [
      '19 a date in year 9999',
      mail('Date: Fri, 31 Dec 9999 23:59:59 +0000'),
      '{ date: { header: Date, after: 2020-01-01 } }',
      'moves to Elsewhere',
    ],
    [
      '19 no date at all',
      mail('Date: soon'),
      '{ not: { date: { header: Date, after: 2020-01-01 } } }',
      'parked',
    ],
    [
      '20 a gzip bomb is told by its name',
      mail(
        'Content-Type: application/gzip; name=bomb.gz\nContent-Transfer-Encoding: base64',
        gzipSync(Buffer.alloc(20_000_000)).toString('base64'),
      ),
      '{ attachment: { name: { ends: .gz } } }',
      'moves to Elsewhere',
    ],
    [
      '21 a pattern that others take years for',
      mail('Subject: x', `${'a'.repeat(100_000)}!`),
      '{ body: { regex: "(a+)+$" } }',
      'stays',
    ],
    [
      'tags that never close',
      mail('Content-Type: text/html', '<b>'.repeat(600_000)),
      '{ body: x }',
      'stays',
    ],
    [
      'quoted-printable of nothing but signs',
      mail('Content-Transfer-Encoding: quoted-printable', '='.repeat(1_000_000)),
      '{ body: nothing }',
      'stays',
    ],
    [
      'a parameter in a thousand pieces',
      mail(
        `Content-Type: application/pdf; ${Array.from({ length: 1000 }, (_, n) => `name*${n}=a`).join('; ')}`,
      ),
      '{ attachment: true }',
      'moves to Elsewhere',
    ],
  ])('%s', (_, raw, when, wanted) => {
    expect(outcome(raw, when)).toBe(wanted);
  });
});

describe('names', () => {
  test.each<[string, string]>([
    ['Mon, 1 Jan 0000 00:00:00 +0000', 'parked'],
    ['Fri, 31 Dec 9999 23:59:59 +0000', 'moves to Y/9999'],
    ['Thu, 31 Feb 2026 00:00:00 +0000', 'parked'],
    ['nonsense 2026', 'parked'],
    ['Thu, 1 Jan 2026 00:00:00 +0000 (a comment)', 'moves to Y/2026'],
  ])('19 a mailbox by the date %s', (date, wanted) => {
    const then = '[{ move: "Y/{{ date.year }}", create: true }]';
    expect(outcome(mail(`Date: ${date}`), '{ size: { over: 0 } }', then)).toBe(wanted);
  });

  test('37 a value of 300 characters becomes a name that servers take', () => {
    const then = '[{ move: "S/{{ subject }}", create: true }]';
    const moved = outcome(mail(`Subject: ${'x'.repeat(300)}`), '{ size: { over: 0 } }', then);
    expect(moved).toBe(`moves to S/${'x'.repeat(60)}`);
  });
});
