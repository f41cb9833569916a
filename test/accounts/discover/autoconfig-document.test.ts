import { describe, expect, test } from 'vitest';
import { readAutoconfig } from '../../../src/accounts/discover/autoconfig-document.ts';

const ADDRESS = 'me@example.org';

const incoming = (inner: string, type = 'imap'): string =>
  `<incomingServer type="${type}">${inner}</incomingServer>`;
const GOOD =
  '<hostname>imap.example.org</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication>';
const document = (inner: string): string =>
  `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="example.org">${inner}</emailProvider></clientConfig>`;

function imapOf(text: string) {
  const read = readAutoconfig(text, ADDRESS);
  return typeof read === 'string' ? read : read.imap;
}

test('a document as providers write them', () => {
  const text = document(`
    <!-- ours --><domain>example.org</domain>
    <displayName>Example</displayName>
    ${incoming('<hostname>pop.example.org</hostname><port>995</port>', 'pop3')}
    ${incoming(GOOD)}
    ${incoming(GOOD.replace('993', '143').replace('SSL', 'STARTTLS'))}
    <outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>465</port>
      <socketType>SSL</socketType><username>%EMAILLOCALPART%</username>
      <authentication>OAuth2</authentication><authentication>password-cleartext</authentication>
    </outgoingServer>`);
  expect(readAutoconfig(text, ADDRESS)).toEqual({
    imap: [
      {
        address: { host: 'imap.example.org', port: 993, tls: 'implicit' },
        user: ADDRESS,
        signIn: ['password'],
      },
      {
        address: { host: 'imap.example.org', port: 143, tls: 'starttls' },
        user: ADDRESS,
        signIn: ['password'],
      },
    ],
    smtp: [
      {
        address: { host: 'smtp.example.org', port: 465, tls: 'implicit' },
        user: 'me',
        signIn: ['oauth2', 'password'],
      },
    ],
  });
});

test.each([
  ['%EMAILADDRESS%', ADDRESS],
  ['%EMAILLOCALPART%', 'me'],
  ['%EMAILLOCALPART%.%EMAILDOMAIN%', 'me.example.org'],
  ['fixed', 'fixed'],
])('the user %s is %s', (placeholder, user) => {
  const text = document(incoming(GOOD.replace('%EMAILADDRESS%', placeholder)));
  expect(imapOf(text)).toMatchObject([{ user }]);
});

test('the domain may stand in the host name', () => {
  const text = document(incoming(GOOD.replace('imap.example.org', 'imap.%EMAILDOMAIN%')));
  expect(imapOf(text)).toMatchObject([{ address: { host: 'imap.example.org' } }]);
});

describe('servers that are left out', () => {
  test.each([
    ['without TLS', GOOD.replace('SSL', 'plain')],
    ['without a word about TLS', GOOD.replace('<socketType>SSL</socketType>', '')],
    ['without a host', GOOD.replace('imap.example.org', '')],
    ['with an address for a host', GOOD.replace('imap.example.org', '10.0.0.1')],
    ['with a URL for a host', GOOD.replace('imap.example.org', 'https://imap.example.org')],
    ['with port 0', GOOD.replace('993', '0')],
    ['with a port that is none', GOOD.replace('993', '99999')],
    ['with a word for a port', GOOD.replace('993', 'imaps')],
    ['with Kerberos alone', GOOD.replace('password-cleartext', 'GSSAPI')],
    ['with a line break in the user', GOOD.replace('%EMAILADDRESS%', 'a&#10;b')],
  ])('%s', (_, inner) => {
    expect(imapOf(document(incoming(inner)))).toEqual([]);
  });

  test('those of an element that is deeper than it should be', () => {
    expect(imapOf(document(`<x>${incoming(GOOD)}</x>`))).toEqual([]);
  });

  test('more than twenty of a kind', () => {
    expect(imapOf(document(incoming(GOOD).repeat(50)))).toHaveLength(20);
  });
});

describe('what is no document', () => {
  test.each([
    ['empty', '', 'the document is no autoconfig document'],
    ['a web page', '<html><body>404</body></html>', 'the document is no autoconfig document'],
    ['text', 'not found', 'the document is no autoconfig document'],
    ['too long', 'x'.repeat(300_000), 'the document is longer than 262144 characters'],
    [
      'too many elements',
      document('<domain>x</domain>'.repeat(5000)),
      'the document has more than 2000 elements',
    ],
  ])('%s', (_, text, reason) => {
    expect(readAutoconfig(text, ADDRESS)).toBe(reason);
  });
});

test('entities that the document declares are not expanded', () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(100)}"><!ENTITY b "&a;&a;&a;&a;">]>`;
  const text = `${bomb}${document(incoming(GOOD.replace('%EMAILADDRESS%', '&b;')))}`;
  expect(imapOf(text)).toMatchObject([{ user: '&b;' }]);
});

test('a document that breaks off may end in the middle of a name, so that nothing of it counts', () => {
  const text = document(incoming(GOOD) + incoming(GOOD));
  expect(imapOf(text)).toHaveLength(2);
  expect(imapOf(text.slice(0, text.lastIndexOf('93<')))).toBe('the document breaks off');
  expect(imapOf(text.slice(0, -1))).toBe('the document breaks off');
});
