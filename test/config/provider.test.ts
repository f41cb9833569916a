/** `provider:` in mailwright.yaml. */
import { describe, expect, test } from 'vitest';
import type { Account } from '../../src/accounts/account.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { defectsOf, printed, withFiles } from './support.ts';

const AUTH = 'auth: { password: { env: PW } }';
const folder = (entry: string): string =>
  withFiles({ 'mailwright.yaml': `accounts:\n  home: { ${entry} }\n` });

async function accountOf(entry: string): Promise<Account> {
  const { config } = await loadConfig({ cwd: folder(entry) });
  const [account] = config.accounts.values();
  if (account === undefined) throw new Error('there is no account');
  return account;
}

test('fills in the server and its limits', async () => {
  expect(await accountOf(`provider: gmail, user: me@gmail.com, ${AUTH}`)).toMatchObject({
    provider: 'gmail',
    host: 'imap.gmail.com',
    port: 993,
    tls: 'implicit',
    limits: { connections: 2, commandsPerMinute: 600, bytesPerDay: 1_250_000_000 },
    smtp: null,
  });
});

test('the server may hang on the domain of the address', async () => {
  expect(await accountOf(`provider: gmx, user: me@gmx.com, ${AUTH}`)).toMatchObject({
    host: 'imap.gmx.com',
  });
});

test('the way out is filled in where it is wanted', async () => {
  const entry = `provider: icloud, user: me@me.com, ${AUTH}, smtp: { from: me@me.com }`;
  expect((await accountOf(entry)).smtp).toMatchObject({
    host: 'smtp.mail.me.com',
    port: 587,
    tls: 'starttls',
  });
});

test('everything that is written goes before the preset', async () => {
  const entry = `provider: gmail, host: imap.gmail.com, port: 1993, user: me, ${AUTH}, limits: { connections: 5, bytesPerDay: 2GB }`;
  expect(await accountOf(entry)).toMatchObject({
    port: 1993,
    limits: { connections: 5, commandsPerMinute: 600, bytesPerDay: 2_000_000_000 },
  });
});

test.each([
  ['host: mail.example.org', { host: 'mail.example.org', port: 993, tls: 'implicit' }],
  ['host: mail.example.org, tls: starttls', { port: 143, tls: 'starttls' }],
  ['host: 127.0.0.1, tls: none', { port: 143, tls: 'none' }],
  ['tls: starttls', { host: 'imap.fastmail.com', port: 143, tls: 'starttls' }],
])('%s is another server, with its usual port', async (entry, expected) => {
  expect(await accountOf(`provider: fastmail, user: me, ${AUTH}, ${entry}`)).toMatchObject(
    expected,
  );
});

test('without one the limits are the usual ones', async () => {
  const account = await accountOf(`host: h.example, user: me, ${AUTH}`);
  expect(account.limits).toEqual({ connections: 2, commandsPerMinute: 600 });
  expect(account).not.toHaveProperty('provider');
});

describe('what is refused', () => {
  test('neither a host nor a provider, with what to write', async () => {
    expect(await printed(folder(`user: me, ${AUTH}`))).toBe(
      [
        'mailwright.yaml:2:9  error  "host" is missing here',
        '   1 | accounts:',
        ` > 2 |   home: { user: me, ${AUTH} }`,
        '     |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
        '   hint: write host: imap.example.org, or provider: gmail | outlook | icloud | yahoo | fastmail | gmx | zoho | yandex',
        '1 error, 0 warnings.',
      ].join('\n'),
    );
  });

  test('the same beside other defects', async () => {
    const defects = await defectsOf(folder(AUTH));
    expect(defects).toEqual([
      'mailwright.yaml:2:9 "user" is missing here',
      'mailwright.yaml:2:9 "host" is missing here',
    ]);
  });

  test('a provider that there is not', async () => {
    const text = await printed(folder(`provider: gmial, user: me, ${AUTH}`));
    expect(text).toContain('mailwright.yaml:2:21  error  unknown value "gmial"');
    expect(text).toContain('hint: did you mean "gmail"?');
    expect(text).toContain('1 error, 0 warnings.');
  });

  test('a password for Outlook, which takes none', async () => {
    const text = await printed(folder(`provider: outlook, user: me@outlook.com, ${AUTH}`));
    expect(text).toContain('Outlook takes no passwords for IMAP any more, app passwords neither');
    expect(text).toContain('hint: write auth: { oauth2: { provider: microsoft, clientId: … } }');
  });

  test('but an Exchange of one’s own may take them', async () => {
    const entry = `provider: outlook, host: mail.corp.example, user: me, ${AUTH}`;
    expect(await accountOf(entry)).toMatchObject({ host: 'mail.corp.example' });
  });

  test('an unencrypted way to a provider', async () => {
    expect(await defectsOf(folder(`provider: gmail, tls: none, user: me, ${AUTH}`))).toEqual([
      'mailwright.yaml:2:33 an unencrypted connection is allowed to this machine only',
    ]);
  });

  test('a way out without a host, where nobody knows one', async () => {
    const text = await printed(folder(`host: h.example, user: me, ${AUTH}, smtp: { from: me }`));
    expect(text).toContain('"host" is missing here');
    expect(text).toContain('hint: write host: smtp.example.org; only a provider: has a default');
  });
});

describe('expunge on Gmail', () => {
  const warningsOf = async (provider: string, mailbox: string) => {
    const cwd = withFiles({
      'mailwright.yaml': `accounts:\n  home: { ${provider}, user: me, ${AUTH} }\nsafety: { allowExpunge: true }\n`,
      'rules/a.yaml': `mailbox: ${mailbox}\nrules:\n  - name: Old\n    when: { age: { over: 30d } }\n    then: [ { expunge: permanent } ]\n`,
    });
    return await defectsOf(cwd);
  };

  test('only takes a label away, and a warning says so', async () => {
    expect(await warningsOf('provider: gmail', 'INBOX')).toEqual([
      'rules/a.yaml:5:13 on account "home" this only takes a label away; the message stays in All Mail',
    ]);
  });

  test.each([
    ['in the trash, where it deletes', 'provider: gmail', '"\\\\Trash"'],
    ['of another provider', 'provider: fastmail', 'INBOX'],
    ['of a server of one’s own', 'host: h.example', 'INBOX'],
  ])('nothing is said %s', async (_, provider, mailbox) => {
    expect(await warningsOf(provider, mailbox)).toEqual([]);
  });
});
