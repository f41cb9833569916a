/** A whole message → parts and texts: encodings, charsets, HTML, and messages made to hurt. */
import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../src/mime/parse-message.ts';

const crlf = (text: string): string => text.replaceAll(/\r?\n/g, '\r\n');
const octets = (header: string, body: Buffer | string): Buffer =>
  Buffer.concat([
    Buffer.from(crlf(`${header}\n\n`), 'utf8'),
    typeof body === 'string' ? Buffer.from(crlf(body), 'utf8') : body,
  ]);

function bodyOf(raw: Uint8Array): readonly string[] | string {
  const { body } = parseMessage(raw);
  return body.kind === 'values' ? body.values : body.reason;
}

function partsOf(raw: Uint8Array): readonly string[] | string {
  const { structure } = parseMessage(raw);
  if (structure.kind === 'unreadable') return structure.reason;
  return structure.values.map(
    (part) => `${part.path} ${part.type}${part.isAttachment ? ` [${part.name}]` : ''}`,
  );
}

describe('texts of one part', () => {
  const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
  test.each<[string, string, Buffer | string, string]>([
    ['nothing said', 'Subject: x', 'Grüße', 'Grüße'],
    ['nothing said, Latin-1', 'Subject: x', hex('47 72 fc df 65'), 'Grüße'],
    ['UTF-8', 'Content-Type: text/plain; charset=UTF-8', 'naïve — ok', 'naïve — ok'],
    ['quoted charset', 'Content-Type: text/plain; charset="utf-8"', 'ä', 'ä'],
    [
      'windows-1252',
      'Content-Type: text/plain; charset=windows-1252',
      hex('80 31 93 61 94'),
      '€1“a”',
    ],
    [
      'windows-1251',
      'Content-Type: text/plain; charset=windows-1251',
      hex('cf f0 e8 e2 e5 f2'),
      'Привет',
    ],
    ['KOI8-R', 'Content-Type: text/plain; charset=KOI8-R', hex('f0 d2 c9 d7 c5 d4'), 'Привет'],
    ['Shift_JIS', 'Content-Type: text/plain; charset=Shift_JIS', hex('93 fa 96 7b'), '日本'],
    [
      'ISO-2022-JP',
      'Content-Type: text/plain; charset=ISO-2022-JP',
      hex('1b 24 42 46 7c 4b 5c 1b 28 42'),
      '日本',
    ],
    ['GB18030', 'Content-Type: text/plain; charset=GB18030', hex('c4 e3 ba c3'), '你好'],
    ['gb2312', 'Content-Type: text/plain; charset=gb2312', hex('c4 e3 ba c3'), '你好'],
    ['EUC-KR', 'Content-Type: text/plain; charset=euc-kr', hex('c7 d1 b1 db'), '한글'],
    ['iso-8859-15', 'Content-Type: text/plain; charset=iso-8859-15', hex('a4'), '€'],
    [
      'quoted-printable',
      'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable',
      'inv=6Fice =C3=BCber=\n morgen',
      'invoice über morgen',
    ],
    [
      'base64 over lines',
      'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: BASE64',
      'R3LD\nvMOf\nZQ==',
      'Grüße',
    ],
    ['flowed', 'Content-Type: text/plain; format=flowed', 'past \ndue\nnext', 'past due\nnext'],
    [
      'flowed, delsp',
      'Content-Type: text/plain; format=flowed; delsp=yes',
      'exam \nple',
      'example',
    ],
    [
      'folded content type with a comment',
      'Content-Type: text/html (not really);\n charset=utf-8',
      '<p>a</p>',
      'a',
    ],
  ])('%s', (_, header, body, text) => {
    expect(bodyOf(octets(header, body))).toEqual([text]);
  });

  test('an unknown charset or transfer encoding is unreadable, but ASCII in it is not', () => {
    const header = 'Content-Type: text/plain; charset=x-klingon';
    expect(bodyOf(octets(header, Buffer.from([0xc0, 0x41])))).toBe(
      'the charset "x-klingon" is unknown',
    );
    expect(bodyOf(octets(header, 'plain'))).toEqual(['plain']);
    expect(bodyOf(octets('Content-Transfer-Encoding: x-uuencode', 'begin'))).toBe(
      'the transfer encoding "x-uuencode" is unknown',
    );
  });

  test('HTML is read as a reader sees it', () => {
    const html = `<html><head><title>no</title><style>p{color:red}</style></head>
      <body><p>Your&nbsp;<b>in</b>voice &amp; <a href="x">receipt</a></p>
      <script>alert("no")</script><table><tr><td>Total</td><td>5&euro;</td></tr></table><br>Bye
      <!-- secret --></body></html>`;
    expect(bodyOf(octets('Content-Type: text/html; charset=utf-8', html))).toEqual([
      'Your invoice & receipt\nTotal\n5€\nBye',
    ]);
  });
});

describe('multiparts', () => {
  const nested = octets(
    'Content-Type: multipart/mixed; boundary="out er"',
    `preamble
--out er
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain

plain words
--inner
Content-Type: text/html

<i>html words</i>
--inner--
--out er
Content-Type: image/png; name="=?utf-8?B?YmlsZC5wbmc=?="
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--out er
Content-Type: application/pdf
Content-Disposition: attachment;
 filename*0*=utf-8''Rechnung%20M%C3%A4rz;
 filename*1=.pdf

x
--out er
Content-Type: message/rfc822

Subject: inner
Content-Type: text/plain

inner text
--out er--
epilogue`,
  );

  test('leaf parts have the specifiers of RFC 9051, names are decoded', () => {
    expect(partsOf(nested)).toEqual([
      '1.1 text/plain',
      '1.2 text/html',
      '2 image/png [bild.png]',
      '3 application/pdf [Rechnung März.pdf]',
      '4 message/rfc822 []',
    ]);
  });

  test('the body is what a reader is shown, and not what an attached message says', () => {
    expect(bodyOf(nested)).toEqual(['plain words', 'html words']);
  });

  test('signatures, pictures of a page and reports are no attachments', () => {
    const raw = octets(
      'Content-Type: multipart/signed; boundary=s',
      `--s
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

<img src="cid:a">
--r
Content-Type: image/png; name=a.png
Content-ID: <a>

x
--r--
--s
Content-Type: application/pgp-signature; name=signature.asc

x
--s--`,
    );
    expect(partsOf(raw)).toEqual(['1.1 text/html', '1.2 image/png', '2 application/pgp-signature']);
  });

  test.each<[string, string, readonly string[]]>([
    ['no closing boundary', '--b\n\none\n--b\n\ntwo', ['one', 'two']],
    [
      'a boundary that is the prefix of a line',
      '--b\n\none\n--bb\nstill one\n--b--',
      ['one\n--bb\nstill one'],
    ],
    ['the boundary twice', '--b\n--b\n\none\n--b--', ['', 'one']],
    ['no boundary at all', 'just text', []],
    ['text after the end', '--b\n\none\n--b--\n--b\n\ntwo', ['one']],
    ['blanks after the boundary', '--b  \t\n\none\n--b--', ['one']],
  ])('%s', (_, body, texts) => {
    expect(bodyOf(octets('Content-Type: multipart/mixed; boundary=b', body))).toEqual(texts);
  });

  test('a multipart without a boundary parameter is read as text', () => {
    expect(bodyOf(octets('Content-Type: multipart/mixed', '--b\n\none'))).toEqual(['--b\n\none']);
  });
});

describe('hostile messages end soon, and are unreadable where a limit is hit', () => {
  const within = (raw: Uint8Array): readonly [readonly string[] | string, number] => {
    const start = performance.now();
    partsOf(raw);
    return [bodyOf(raw), performance.now() - start];
  };

  test('1: multiparts nested a thousand deep', () => {
    let text = '';
    for (let depth = 0; depth < 1000; depth++) {
      text += `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n`;
    }
    const [body, ms] = within(Buffer.from(crlf(text)));
    expect(body).toContain('nested more than 100 levels');
    expect(ms).toBeLessThan(2000);
  });

  test('2: a hundred thousand parts', () => {
    const [body, ms] = within(
      octets('Content-Type: multipart/mixed; boundary=b', `${'--b\n\nx\n'.repeat(100_000)}--b--`),
    );
    expect(body).toContain('more than 5000 parts');
    expect(ms).toBeLessThan(2000);
  });

  test('3: attached messages in attached messages are one leaf', () => {
    const text = 'Content-Type: message/rfc822\n\n'.repeat(1000);
    expect(partsOf(Buffer.from(crlf(text)))).toEqual(['1 message/rfc822 []']);
  });

  test('13: a body of ten megabytes, and one line of it', () => {
    const [body, ms] = within(octets('Content-Type: text/plain', 'x'.repeat(10_000_000)));
    expect(body).toContain('too long');
    expect(ms).toBeLessThan(2000);
  });

  test('a thousand boundaries that never come', () => {
    const parts = `--b\nContent-Type: multipart/mixed; boundary="${'-'.repeat(60)}"\n\n`;
    const [, ms] = within(
      octets('Content-Type: multipart/mixed; boundary=b', `${parts}${'-'.repeat(1_000_000)}`),
    );
    expect(ms).toBeLessThan(2000);
  });

  test('HTML of tags that never close', () => {
    const [, ms] = within(octets('Content-Type: text/html', '<div '.repeat(300_000)));
    expect(ms).toBeLessThan(2000);
    const [, more] = within(octets('Content-Type: text/html', '<b>'.repeat(500_000)));
    expect(more).toBeLessThan(2000);
  });
});
