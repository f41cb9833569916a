/** Messages of many shapes, to be read twice: by a server's BODYSTRUCTURE and by our own splitting. */
import fc from 'fast-check';

const crlf = (text: string): string => text.replaceAll(/\r?\n/g, '\r\n');

const word = fc.constantFrom(
  'invoice',
  'Grüße',
  'unsubscribe',
  'total',
  '日本',
  '5 < 6',
  '=3D',
  '--',
);
const words = fc.array(word, { minLength: 1, maxLength: 8 }).map((list) => list.join(' '));
const lines = fc.array(words, { minLength: 1, maxLength: 4 }).map((list) => list.join('\n'));

interface Leaf {
  readonly header: string;
  readonly body: string;
}

const plain = lines.map(
  (text): Leaf => ({
    header: 'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit',
    body: text,
  }),
);
const encoded = lines.map(
  (text): Leaf => ({
    header: 'Content-Type: text/plain; charset="UTF-8"\nContent-Transfer-Encoding: base64',
    body: Buffer.from(text, 'utf8').toString('base64').replaceAll(/.{60}/g, '$&\n'),
  }),
);
const quoted = words.map(
  (text): Leaf => ({
    header:
      'Content-Type: text/html; charset=ISO-8859-1\nContent-Transfer-Encoding: quoted-printable',
    body: `<p>${text.replaceAll(/[^\u0020-\u007e]|=/g, '=E4')}<br>=\nend</p>`,
  }),
);
const bare = words.map((text): Leaf => ({ header: '', body: text }));
const attached = fc
  .record({
    type: fc.constantFrom('application/pdf', 'image/png', 'text/csv', 'application/octet-stream'),
    name: fc.constantFrom(
      'name="a b.pdf"',
      'name=plain.txt',
      "name*=utf-8''R%C3%A9sum%C3%A9.pdf",
      'name="=?utf-8?B?csOpc3Vtw6kucGRm?="',
      'name="quo\\"te.pdf"',
    ),
    disposition: fc.constantFrom(
      '',
      '\nContent-Disposition: attachment',
      '\nContent-Disposition: inline; filename=in.png',
      "\nContent-Disposition: attachment; filename*0*=utf-8''two%20; filename*1=parts.pdf",
    ),
    id: fc.constantFrom('', '\nContent-ID: <a@b>'),
  })
  .map(
    ({ type, name, disposition, id }): Leaf => ({
      header: `Content-Type: ${type};\n ${name}${disposition}${id}\nContent-Transfer-Encoding: base64`,
      body: 'AAECAwQF',
    }),
  );
const forwarded = words.map(
  (text): Leaf => ({
    header: 'Content-Type: message/rfc822',
    body: `Subject: inner\nContent-Type: text/plain\n\n${text}`,
  }),
);

const leaf = fc.oneof(plain, encoded, quoted, bare, attached, forwarded);

const { entity } = fc.letrec<{ entity: Leaf; multipart: Leaf }>((tie) => ({
  entity: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('multipart')),
  multipart: fc
    .record({
      subtype: fc.constantFrom('mixed', 'alternative', 'related', 'signed'),
      boundary: fc.integer({ min: 0, max: 1_000_000_000 }).map((number) => `b_${number}=x`),
      parts: fc.array(tie('entity'), { minLength: 1, maxLength: 3 }),
      preamble: fc.constantFrom('', 'This is a multipart message.\n'),
    })
    .map(({ subtype, boundary, parts, preamble }) => ({
      header: `Content-Type: multipart/${subtype};\n boundary="${boundary}"`,
      body: `${preamble}${parts
        .map(
          (part) =>
            `--${boundary}\n${part.header === '' ? '' : `${part.header}\n`}\n${part.body}\n`,
        )
        .join('')}--${boundary}--\n`,
    })),
}));

/** A message with a subject and any structure, of CRLF lines. */
export const mimeMail: fc.Arbitrary<Buffer> = entity.map(({ header, body }) =>
  Buffer.from(
    crlf(
      `From: ann@a.example\nSubject: x\nMIME-Version: 1.0\n${header === '' ? '' : `${header}\n`}\n${body}\n`,
    ),
    'utf8',
  ),
);
