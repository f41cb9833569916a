/**
 * Headers made to break readers. Each is read right or not at all: the time limit is that of a hang,
 * and what cannot be read makes a condition indeterminate, so that the message stays (safety.md §15).
 */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { evaluate } from '../../src/language/evaluate.ts';
import { createHeaders } from '../../src/mime/parse-headers.ts';
import { CONTEXT, messageOf, oneRule, ruleOf } from '../language/support.ts';

const HANG_MS = 2000;

/** The verdict on a message with this header block. */
function verdict(when: string, block: string | Uint8Array): string {
  const raw = typeof block === 'string' ? Buffer.from(`${block}\r\n\r\n`, 'utf8') : block;
  const view = { ...messageOf(), headers: createHeaders(raw, 'all') };
  return evaluate(ruleOf(oneRule(when)).when, view, CONTEXT).kind;
}

const encoded = (text: string): string =>
  `=?utf-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;

describe('size and number', () => {
  test.each<[string, () => string, string, string]>([
    [
      'a header block of 10 MB',
      () => `X: ${'x'.repeat(10_000_000)}\r\nSubject: a`,
      '{ subject: a }',
      'indeterminate',
    ],
    [
      '100,000 header lines',
      () => `${'X: y\r\n'.repeat(100_000)}Subject: a`,
      '{ subject: a }',
      'yes',
    ],
    [
      'one folded header of a megabyte',
      () => `Subject: a\r\n${' b\r\n'.repeat(200_000)}X: y`,
      '{ subject: a }',
      'indeterminate',
    ],
    [
      'a subject of 1 MB less a little',
      () => `Subject: ${'a'.repeat(900_000)}`,
      '{ subject: a }',
      'indeterminate',
    ],
    [
      '5,000 addresses in To',
      () => `To: ${Array.from({ length: 5000 }, (_, i) => `a${i}@x`).join(',')}`,
      '{ to: a4999@x }',
      'yes',
    ],
    [
      '4,000 encoded words',
      () => `Subject: ${Array.from({ length: 4000 }, () => '=?utf-8?Q?a?=').join(' ')}`,
      '{ subject: aaaa }',
      'yes',
    ],
    [
      'nested groups',
      () => `To: ${'g:'.repeat(20_000)}a@x${';'.repeat(20_000)}`,
      '{ to: a@x }',
      'yes',
    ],
    [
      'comments that nest and never close',
      () => `From: ${'('.repeat(60_000)}a@x`,
      '{ from: b@x }',
      'no',
    ],
    [
      'a quoted string that never closes',
      () => `From: "${'q'.repeat(60_000)}`,
      '{ from: a@x }',
      'no',
    ],
    [
      'an angle bracket that never closes',
      () => `From: ${'<'.repeat(60_000)}`,
      '{ from: a@x }',
      'no',
    ],
  ])(
    '%s',
    (_, block, when, expected) => {
      expect(verdict(when, block())).toBe(expected);
    },
    HANG_MS,
  );

  test('what is larger than the limits says so', () => {
    const headers = createHeaders(Buffer.alloc(LIMITS.headerBlockBytes + 1, 'x'), 'all');
    expect(headers.text('subject')).toMatchObject({ kind: 'unreadable' });
  });
});

describe('structure', () => {
  test.each<[string, string, string, string]>([
    ['NUL octets in a value', 'Subject: a\u0000b', '{ subject: { is: "a b" } }', 'yes'],
    ['a bare LF between fields', 'From: a@x\nSubject: b', '{ subject: b, from: a@x }', 'yes'],
    ['a bare CR inside a value', 'Subject: a\rBcc: evil@x', '{ bcc: evil@x }', 'no'],
    ['a line that is no field', 'nonsense\r\nSubject: a', '{ subject: a }', 'yes'],
    ['two From fields: any occurrence counts', 'From: a@x\r\nFrom: b@x', '{ from: b@x }', 'yes'],
    [
      'two From fields: under not, no occurrence',
      'From: a@x\r\nFrom: b@x',
      '{ not: { from: b@x } }',
      'no',
    ],
    ['no Message-ID', 'Subject: a', '{ header: { Message-ID: { exists: false } } }', 'yes'],
    [
      'a header named like a property of objects',
      '__proto__: a\r\nSubject: b',
      '{ subject: b }',
      'yes',
    ],
    ['a constructor', 'Subject: a', '{ header: { constructor: { exists: true } } }', 'no'],
  ])('%s', (_, block, when, expected) => {
    expect(verdict(when, block)).toBe(expected);
  });
});

describe('who it claims to be', () => {
  test.each<[string, string, string, string]>([
    [
      'an address as the display name',
      '"boss@corp.example" <evil@x.example>',
      '{ from: boss@corp.example }',
      'no',
    ],
    [
      'the same without quotes',
      'boss@corp.example <evil@x.example>',
      '{ from: boss@corp.example }',
      'no',
    ],
    [
      'an encoded word that holds an address',
      `${encoded('boss@corp.example')} <evil@x.example>`,
      '{ from: boss@corp.example }',
      'no',
    ],
    [
      'an encoded word with a comma and brackets',
      `${encoded('a, <boss@corp.example>')} <evil@x.example>`,
      '{ from: boss@corp.example }',
      'no',
    ],
    [
      'an encoded word instead of an address',
      encoded('boss@corp.example'),
      '{ from: "@corp.example" }',
      'no',
    ],
    [
      'a comment that holds an address',
      'evil@x.example (boss@corp.example)',
      '{ from: boss@corp.example }',
      'no',
    ],
    [
      'a domain as the local part of another',
      '<boss@corp.example@x.example>',
      '{ from: "@corp.example" }',
      'no',
    ],
    ['a domain that only ends like ours', '<a@notcorp.example>', '{ from: "@corp.example" }', 'no'],
    ['a sub-domain is not the domain', '<a@sub.corp.example>', '{ from: "@corp.example" }', 'no'],
    [
      'a sub-domain by the pattern for them',
      '<a@sub.corp.example>',
      '{ from: "@*.corp.example" }',
      'yes',
    ],
    ['letters that look alike', '<boss@c\u043erp.example>', '{ from: "@corp.example" }', 'no'],
    ['zero-width letters', '<boss@corp\u200b.example>', '{ from: "@corp.example" }', 'no'],
    ['letter case', '<BOSS@Corp.Example>', '{ from: boss@corp.example }', 'yes'],
  ])('%s', (_, from, when, expected) => {
    expect(verdict(when, `From: ${from}`)).toBe(expected);
  });

  test('a decoded line break makes no header field', () => {
    const block = `Subject: ${encoded('hi\r\nBcc: evil@x.example')}`;
    expect(verdict('{ bcc: evil@x.example }', block)).toBe('no');
    expect(verdict('{ subject: "hi Bcc: evil@x.example" }', block)).toBe('yes');
  });
});

describe('text', () => {
  test.each<[string, string, string, string]>([
    ['ß and SS', 'Subject: STRASSE', '{ subject: straße }', 'yes'],
    ['composed and decomposed', 'Subject: cafe\u0301', '{ subject: café }', 'yes'],
    ['a charset that nobody knows', 'Subject: =?x-none?Q?abc?=', '{ subject: zzz }', 'no'],
    [
      'utf-7 is not decoded into markup',
      'Subject: =?utf-7?Q?+ADw-a+AD4-?=',
      '{ subject: "<a>" }',
      'no',
    ],
    ['KOI8-R', 'Subject: =?koi8-r?B?8NLJ18XU?=', '{ subject: Привет }', 'yes'],
    ['Shift_JIS', 'Subject: =?shift_jis?B?k/qWew==?=', '{ subject: 日本 }', 'yes'],
    ['ISO-2022-JP', 'Subject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=', '{ subject: 日本 }', 'yes'],
    ['GB18030', 'Subject: =?gb18030?B?1tDOxA==?=', '{ subject: 中文 }', 'yes'],
    ['windows-1252', 'Subject: =?windows-1252?Q?=80_5?=', '{ subject: "€ 5" }', 'yes'],
  ])('%s', (_, block, when, expected) => {
    expect(verdict(when, block)).toBe(expected);
  });

  test(
    'a pattern that backtracking engines die of',
    () => {
      const when = '{ subject: { regex: "(a+)+$" } }';
      expect(verdict(when, `Subject: ${'a'.repeat(60_000)}!`)).toBe('no');
    },
    HANG_MS,
  );

  test(
    'octets that are no text of any kind',
    () => {
      const noise = Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * 7919) % 256));
      const raw = Buffer.concat([Buffer.from('Subject: '), noise, Buffer.from('\r\n\r\n')]);
      expect(['no', 'indeterminate']).toContain(verdict('{ subject: never-there }', raw));
    },
    HANG_MS,
  );
});
