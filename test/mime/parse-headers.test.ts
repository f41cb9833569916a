import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { createHeaders } from '../../src/mime/parse-headers.ts';

function subject(value: string | Buffer): unknown {
  const block = Buffer.concat([
    Buffer.from('Subject: '),
    Buffer.from(value),
    Buffer.from('\r\n\r\n'),
  ]);
  return createHeaders(block, ['subject']).text('subject');
}

function values(...texts: string[]): unknown {
  return { kind: 'values', values: texts };
}

describe('the text of a header field', () => {
  test.each([
    ['plain', 'plain'],
    ['=?utf-8?Q?caf=C3=A9?=', 'café'],
    ['=?UTF-8?b?Y2Fmw6k=?= today', 'café today'],
    ['=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=', '日本'],
    ['=?shift_jis?B?k/qWew==?=', '日本'],
    ['=?gb18030?B?1tDOxA==?=', '中文'],
    ['=?koi8-r?B?8NLJ18XU?=', 'Привет'],
    ['=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=', 'café'],
    ['=?utf-8?Q?one?= =?utf-8?Q?two?=', 'onetwo'],
    ['folded\r\n\tvalue', 'folded value'],
  ])('%j reads as %j', (raw, text) => {
    expect(subject(raw)).toEqual(values(text));
  });

  // TextDecoder of Node 20 reads windows-1252 as Latin-1, so 0x80 to 0x9f come out as controls.
  test.each(['windows-1252', 'iso-8859-1', 'us-ascii', 'Latin1', 'x-unknown'])(
    '%s has letters where Latin-1 has controls',
    (label) => {
      expect(subject(`=?${label}?Q?=80_5?=`)).toEqual(values('€ 5'));
      expect(subject(`=?${label}?B?gCA1IJPhlA==?=`)).toEqual(values('€ 5 “á”'));
    },
  );
  test('decoded line breaks and NUL do not survive', () => {
    expect(subject('=?utf-8?Q?a=0D=0ABcc:_x=00y?=')).toEqual(values('a Bcc: x y'));
  });
  test('raw octets are UTF-8, or else Latin-1', () => {
    expect(subject(Buffer.from('café'))).toEqual(values('café'));
    expect(subject(Buffer.from('café', 'latin1'))).toEqual(values('café'));
  });
  test('every occurrence is kept, in order; lines that are no field are skipped', () => {
    const block = Buffer.from('X-A: 1\r\nnonsense\r\nx-a : 2\r\n\r\nX-A: 3\r\n');
    expect(createHeaders(block, 'all').text('x-a')).toEqual(values('1', '2'));
  });
  test('a name ends at its colon, blanks before it left out', () => {
    const block = Buffer.from('X-Ab: 1\r\nX-A\t : 2\r\nx a: 3\r\n X-A: 4\r\nX-A\r\nX-A:5');
    const headers = createHeaders(block, 'all');
    expect(headers.text('x-a')).toEqual(values('2', '5'));
    expect(headers.text('x a')).toEqual(values());
    expect(headers.text('')).toEqual(values());
  });
  test.each(['\r\n', '\n'])(
    'lines end with %j; what comes after the empty one is no header',
    (end) => {
      const lines = ['A: 1', ' 2', '\t', '\t3 ', 'B:', '', 'A: 4', ''];
      const headers = createHeaders(Buffer.from(lines.join(end)), 'all');
      expect(headers.text('a')).toEqual(values('1 2  3'));
      expect(headers.text('b')).toEqual(values(''));
    },
  );
  test('a block that is given by a function is asked for once, and only when it is needed', () => {
    let asked = 0;
    const headers = createHeaders(() => {
      asked += 1;
      return Buffer.from('A: 1\r\n\r\n');
    }, 'all');
    expect([headers.isLoaded('a'), asked]).toEqual([true, 0]);
    expect([headers.text('a'), headers.text('b'), asked]).toEqual([values('1'), values(), 1]);
  });
  test('only what was asked for counts as loaded', () => {
    const headers = createHeaders(Buffer.from('\r\n'), ['From']);
    expect([headers.isLoaded('from'), headers.isLoaded('to')]).toEqual([true, false]);
    expect(headers.text('from')).toEqual(values());
  });
  test('a value and a block beyond the limits are unreadable', () => {
    expect(subject('x'.repeat(LIMITS.headerValueChars + 1))).toMatchObject({ kind: 'unreadable' });
    expect(subject('x'.repeat(LIMITS.headerBlockBytes))).toMatchObject({ kind: 'unreadable' });
  });
});

describe('the addresses of a header field', () => {
  const from = (value: string): unknown =>
    createHeaders(Buffer.from(`From: ${value}\r\n\r\n`), ['from']).addresses('from');

  test.each([
    ['ann@x.example', [['', 'ann@x.example']]],
    ['Ann <ann@x.example>', [['Ann', 'ann@x.example']]],
    [
      '"Doe, Ann" <ann@x.example>, bob@y.example',
      [
        ['Doe, Ann', 'ann@x.example'],
        ['', 'bob@y.example'],
      ],
    ],
    ['ann@x.example (Ann (nested))', [['Ann nested', 'ann@x.example']]],
    [
      'Friends: ann@x.example, bob@y.example;',
      [
        ['', 'ann@x.example'],
        ['', 'bob@y.example'],
      ],
    ],
    ['undisclosed-recipients:;', []],
    ['"boss@corp.example" <evil@x.example>', [['boss@corp.example', 'evil@x.example']]],
    [
      '=?utf-8?Q?boss=40corp.example=2C_?= <evil@x.example>',
      [['boss@corp.example,', 'evil@x.example']],
    ],
    [
      '=?utf-8?Q?=3Cboss=40corp.example=3E?= <evil@x.example>',
      [['<boss@corp.example>', 'evil@x.example']],
    ],
    ['"ann doe"@x.example (Ann)', [['Ann', '"ann doe"@x.example']]],
    ['"a\\"b"@x.example', [['', '"a\\"b"@x.example']]],
    ['<"boss@corp.example>"@evil.example>', [['', '"boss@corp.example>"@evil.example']]],
    ['"boss@corp.example"', [['boss@corp.example', '']]],
    ['"boss@corp.example" evil', [['boss@corp.example evil', '']]],
    ['ann@"corp.example"', [['ann@corp.example', '']]],
    ['ann@[IPv6:2001:db8::1]', [['', 'ann@[IPv6:2001:db8::1]']]],
    ['<@a.example,@b.example:ann@x.example>', [['', 'ann@x.example']]],
  ])('%j', (raw, pairs) => {
    const expected = pairs.map(([name, address]) => ({ name, address }));
    expect(from(raw)).toEqual({ kind: 'values', values: expected });
  });

  test.each([
    ['50,000 addresses', 'a@x.example,'.repeat(50_000)],
    ['20,000 open comments', '('.repeat(20_000)],
    ['an open quote of 1 MB', `"${'x'.repeat(1_000_000)}`],
    ['nested groups', 'g:'.repeat(30_000)],
    ['333,000 lines that may begin it', '\r\nf'.repeat(333_000)],
    ['at signs and a space', `${'@'.repeat(60_000)} x`],
    ['quoted words and at signs', `${'"a"@'.repeat(12_000)} x`],
    ['quotes in angle brackets', '<"'.repeat(30_000)],
    ['open angle brackets', '<'.repeat(60_000)],
  ])('%s are read or refused within two seconds', (_, hostile) => {
    const began = performance.now();
    expect(from(hostile)).toHaveProperty('kind');
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test('a quoted string alone is a name, never an address', () => {
    expect(from('"boss@corp.example"')).not.toMatchObject({
      values: [{ address: 'boss@corp.example' }],
    });
  });
  test('a quoted local part keeps its address', () => {
    expect(from('"ann doe"@x.example')).toMatchObject({
      values: [{ address: '"ann doe"@x.example' }],
    });
  });
});
