/** The readers of mail: header blocks, MIME, HTML, addresses, mailboxes in files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMailSource } from '../../src/mailfile/open-mail-source.ts';
import { decodeText } from '../../src/mime/decode-text.ts';
import { htmlToText } from '../../src/mime/html-to-text.ts';
import { parseAddresses } from '../../src/mime/parse-addresses.ts';
import { createHeaders } from '../../src/mime/parse-headers.ts';
import { parseMessage, readRawBody } from '../../src/mime/parse-message.ts';
import { parseStructuredValue } from '../../src/mime/structured-value.ts';
import { recipe, type Target } from './target.ts';

const MESSAGES = [
  'From: "Ann B" <ann@x.example>, g: a@b, c@d;\r\nTo: =?utf-8?Q?J=C3=B6rg?= <j@x>\r\nSubject: =?utf-8?B?aMOkbGxv?=\r\n\r\nbody\r\n',
  'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>a=E4b</p>\r\n--b\r\nContent-Type: application/pdf; name*0*=utf-8\'\'a%20; name*1=b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n',
  'Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+AOQ-\r\n',
  'Received: by x; Thu, 1 Jan 2026 00:00:00 +0000\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <a@b>\r\nList-Id: "L" <l.x.example>\r\n folded\r\n\r\n',
];

const GRAMMAR = {
  start: ['<headers>\r\n<body>', '<headers>'],
  headers: ['<header>', '<header><headers>'],
  header: [
    '<name>: <value>\r\n',
    '<name>:<value>\n',
    '<name>: <value>\r\n <value>\r\n',
    ' <value>\r\n',
  ],
  name: [
    'From',
    'To',
    'Cc',
    'Subject',
    'Content-Type',
    'Content-Disposition',
    'Content-Transfer-Encoding',
    'Date',
    'List-Id',
    'Authentication-Results',
    'X',
    '__proto__',
  ],
  value: ['<address>', '<address>, <value>', '<encoded>', '<type>', '<text>', '<params>'],
  address: [
    'a@x',
    '"q" <a@x>',
    '<<>a@x>',
    'g: <address>;',
    '(c(c)) a@x',
    '"unclosed <a@x>',
    'a@[1.2.3.4]',
    '<encoded> <a@x>',
    '"a\\"b"@x',
  ],
  encoded: [
    '=?utf-8?Q?a=20b?=',
    '=?utf-8?B?8J+YgA==?=',
    '=?x?Q??=',
    '=?utf-16?B?//4=?=',
    '=?iso-2022-jp?B?GyRC?=',
    '=?utf-8*en?q?=0D=0A?=',
  ],
  type: [
    'text/plain<params>',
    'multipart/mixed<params>',
    'message/rfc822',
    'text/html<params>',
    '/',
    'multipart/alternative',
  ],
  params: [
    '',
    '; boundary=b',
    '; charset=<charset>',
    '; name="a;b"',
    "; name*=utf-8''%41%",
    '; name*0=a; name*1*=b',
    ';;;',
    '<params><params>',
  ],
  charset: ['utf-8', 'utf-7', 'utf-16', 'x-unknown', 'iso-2022-jp', 'gb18030', '"', 'latin1'],
  body: [
    '<text>',
    '--b\r\n<start>\r\n<body>',
    '--b--\r\n',
    '<html>',
    'From <text>\n',
    '<body><body>',
  ],
  text: ['hello', 'äöü', '\0', '=E4=', 'AAAA', '\x1b$B', '<>', ''],
  html: [
    '<<>p><text><</p>',
    '<<>style><text>',
    '<<>!--',
    '&amp;&#x110000;&#0;',
    '<<>a href="javascript:x"><html><</a>',
    '<<>table><<>tr><<>td><html>',
    '<html><html>',
  ],
};

const RECIPE = recipe(MESSAGES, GRAMMAR);
const HEADERS = [
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'list-id',
  'content-type',
  'x',
  '__proto__',
];

const headers: Target = {
  name: 'headers',
  recipe: RECIPE,
  run: (input) => {
    const read = createHeaders(input, 'all');
    for (const name of HEADERS) [read.isLoaded(name), read.text(name), read.addresses(name)];
  },
};

const message: Target = {
  name: 'message',
  recipe: RECIPE,
  run: (input) => {
    const facts = parseMessage(input);
    [facts.structure, facts.body, facts.rawBody, facts.headers.text('subject'), readRawBody(input)];
  },
};

const text: Target = {
  name: 'header-values',
  recipe: recipe(
    ['"Ann" <a@x>, b@y', 'text/plain; charset="utf-8"; name*=utf-8\'\'a%20b', '=?utf-8?Q?a?='],
    {
      ...GRAMMAR,
      start: ['<value>'],
    },
  ),
  run: (input) => {
    const value = input.toString('utf8');
    decodeText(value);
    parseAddresses(value);
    parseStructuredValue(value);
  },
};

const html: Target = {
  name: 'html',
  recipe: recipe(['<p>a<br>b &amp; c</p><style>x</style><a href="x">y</a>'], {
    ...GRAMMAR,
    start: ['<html>'],
  }),
  run: (input) => {
    htmlToText(input.toString('utf8'));
  },
};

const mbox: Target = {
  name: 'mbox',
  recipe: recipe(
    [
      'From a@x Thu Jan  1 00:00:00 2026\nSubject: a\nStatus: RO\nX-Status: F\n\n>From x\nbody\n\nFrom b Fri Jan 2 00:00:00 2026\nSubject: b\n\nx\n',
    ],
    {
      ...GRAMMAR,
      start: ['From a@x Thu Jan  1 00:00:00 2026\n<headers>\n<body>', '<start><start>'],
    },
  ),
  run: async (input) => {
    const directory = mkdtempSync(join(tmpdir(), 'mailwright-fuzz-'));
    try {
      const path = join(directory, 'mail.mbox');
      writeFileSync(path, input);
      for await (const { raw } of openMailSource(path)) if (raw !== null) parseMessage(raw).headers;
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};

/** All of them. */
export const MAIL_TARGETS: readonly Target[] = [headers, message, text, html, mbox];
