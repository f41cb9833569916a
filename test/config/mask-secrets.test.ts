/** A secret that stands in a file although it must not is never repeated. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/load-config.ts';
import { hideSecrets } from '../../src/config/mask-secrets.ts';
import { printed, RULES, withFiles } from './support.ts';

const CANARY = 'hunter2-canary';

const account = (auth: string): string =>
  `accounts:\n  home:\n    host: imap.example.org\n    user: me\n    ${auth}\n`;

/** Everything that `check` and `check --json` say about a configuration. */
async function said(files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = withFiles(files);
  const result = await checkConfig({ cwd });
  expect(result.kind).toBe('invalid');
  const diagnostics = result.kind === 'ok' ? [] : result.diagnostics;
  return `${await printed(cwd)}\n${JSON.stringify(diagnostics)}`;
}

test('a literal password: the frame shows where, and not what', async () => {
  const cwd = withFiles({ 'mailwright.yaml': account(`auth: { password: ${CANARY} } # mine`) });
  expect(await printed(cwd)).toBe(
    [
      'mailwright.yaml:5:23  error  a password never stands in this file',
      '   3 |     host: imap.example.org',
      '   4 |     user: me',
      ' > 5 |     auth: { password: •••            } # mine',
      '     |                       ^^^',
      '   hint: write password: { env: NAME }, { file: PATH }, { command: "…" } or { keyring: NAME }',
      '1 error, 0 warnings.',
    ].join('\n'),
  );
});

describe('in mailwright.yaml', () => {
  test.each([
    ['plain', `auth: { password: ${CANARY} }`],
    ['in quotes', `auth: { password: "${CANARY}" }`],
    ['in single quotes', `auth: { password: '${CANARY}' }`],
    ['with a quoted key', `auth: { "password": ${CANARY} }`],
    ['on the next line', `auth:\n      password:\n        ${CANARY}`],
    ['in a block', `auth:\n      password: |\n        ${CANARY}\n        ${CANARY}`],
    ['folded', `auth:\n      password: >-\n        ${CANARY}`],
    ['as a list', `auth: { password: [${CANARY}] }`],
    ['in the place of auth', `auth: ${CANARY}`],
    ['as a number', 'auth: { password: 48151623 }'],
    ['under a wrong key', `auth: { pasword: ${CANARY} }`],
    ['under another wrong key', `auth: { pw: ${CANARY} }`],
    ['beside auth', `password: ${CANARY}\n    auth: { password: { env: PW } }`],
    ['as a source that there is not', `auth: { password: { literal: ${CANARY} } }`],
    [
      'in a command that stands beside another',
      `auth: { password: { command: "echo ${CANARY}", env: X } }`,
    ],
    ['as an anchor', `auth: { password: &${CANARY} }`],
    ['as an alias', `auth: { password: *${CANARY} }`],
    ['as a tag', `auth: { password: !${CANARY} x }`],
    ['with a sign that YAML keeps for itself', `auth: { password: @${CANARY} }`],
    ['with a colon', `auth:\n      password: ${CANARY}: x`],
    ['as a key', `auth:\n      password: { ${CANARY}: x }\n      : y`],
    ['as a key alone', `auth: { password: { ${CANARY} } }`],
    ['with a quote that does not end', `auth: { password: "${CANARY}`],
    ['with a bracket that does not end', `auth: { password: ${CANARY}, x: [ }`],
    ['where a tab indents', `auth:\n\t password: ${CANARY}`],
    ['twice', `auth: { password: ${CANARY} }\n    auth: { password: ${CANARY} }`],
    [
      'of the way out',
      `auth: { password: { env: PW } }\n    smtp: { from: me, auth: { password: ${CANARY} } }`,
    ],
    ['near another defect', `hosst: x\n    auth: { password: ${CANARY} }\n    prot: 1`],
    [
      'in a URL for a host',
      `prot: 1\n    ca: "https://me:${CANARY}@example.org/"\n    auth: { password: { env: PW } }`,
    ],
  ])('%s', async (_, auth) => {
    const text = await said({ 'mailwright.yaml': account(auth) });
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain('48151623');
  });

  test.each([
    `redis://:${CANARY}@127.0.0.1:6379/0`,
    `redis://me:${CANARY}@127.0.0.1`,
    `redis://me:a@b@${CANARY}@127.0.0.1`,
    `redis:/me:${CANARY}@127.0.0.1`,
    `rediss://me:${CANARY}@[::1`,
    `redis://127.0.0.1/0?password=${CANARY}`,
    `redis://127.0.0.1/0?db=1&auth=${CANARY}`,
  ])('in the address of Redis: %s', async (url) => {
    const text = await said({
      'mailwright.yaml': `${account('auth: { password: { env: PW } }')}backend: { redis: "${url}" }\n`,
    });
    expect(text).not.toContain(CANARY);
    expect(text).toContain('mailwright.yaml:6:19');
  });
});

test.each([
  ['the address of a webhook', `webhook: { url: "https://me:${CANARY}@x.example/", nothing: 1 }`],
  ['the secret of a webhook', `webhook: { url: "https://x.example/", secret: ${CANARY} }`],
])('in a rule file: %s', async (_, action) => {
  const rules = RULES.replace('[archive]', `[{ ${action} }]`);
  expect(rules).toContain(CANARY);
  expect(await said({ 'rules/a.yaml': rules })).not.toContain(CANARY);
});

test.each([
  ['where a password comes from', 'accounts: { a: { auth: { password: { env: MY_PASSWORD } } } }'],
  ['the name of a file', 'accounts: { a: { auth: { password: { file: secrets/home } } } }'],
  ['the name of an entry', 'accounts: { a: { auth: { password: { keyring: home } } } }'],
  [
    'who signs in, and where',
    'accounts: { a: { auth: { oauth2: { provider: google, clientId: abc, scopes: [x] } } } }',
  ],
  ['a condition on authentication', 'rules: [{ when: { auth: { dmarc: pass } } }]'],
  ['a subject about passwords', 'rules: [{ when: { subject: "reset your password: now" } }]'],
  ['an address', 'rules: [{ when: { from: me@example.org } }]'],
  ['a time and an address', 'x: "12:30 me@example.org"'],
])('is left as it is: %s', (_, text) => {
  expect(hideSecrets(text).text).toBe(text);
});

test('lines and columns stay where they were', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'password: ',
          'x',
          ' ',
          '\n',
          '"',
          '{',
          '}',
          'auth:',
          '://a:b@c',
          '#',
          '|',
          '- ',
          '&',
          '*',
        ),
        {
          maxLength: 60,
        },
      ),
      (pieces) => {
        const text = pieces.join('');
        const hidden = hideSecrets(text).text;
        expect(hidden.length).toBe(text.length);
        expect(hidden.replaceAll(/[^\n]/g, '')).toBe(text.replaceAll(/[^\n]/g, ''));
      },
    ),
  );
});

test.each([
  ['keys', 'pass'.repeat(250_000)],
  ['addresses', '://a:'.repeat(200_000)],
  ['depth', '['.repeat(500_000)],
  [
    'indents',
    Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}password:`).join('\n'),
  ],
])('a megabyte of %s is looked through', (_, text) => {
  // A search that is not linear would not end before the test does.
  expect(hideSecrets(text).text).toHaveLength(text.length);
});
