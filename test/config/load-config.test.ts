/** Every kind of bad input, told with its place: config-schema.ts, build-accounts.ts and the files behind them. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkConfig, loadConfig } from '../../src/config/load-config.ts';
import { AppError } from '../../src/core/app-error.ts';
import { adviceFor } from '../../src/core/error-table.ts';
import { oneRule } from '../language/support.ts';
import { AUTHORITY } from '../support/server-certificates.ts';
import { ACCOUNT, CONFIG, defectsOf, folderOf, printed, RULES, withFiles } from './support.ts';

const account = (entry: string): string => `accounts:\n  home: ${entry}\n`;
const BASE = 'host: h, user: u, auth: { password: { env: PW } }';

describe('mailwright.yaml', () => {
  test.each([
    ['an unknown key', `${CONFIG}rule: x\n`, '3:1 unknown key "rule"'],
    ['an unknown key of an account', account(`{ ${BASE}, prot: 1 }`), '2:62 unknown key "prot"'],
    [
      'a wrong type',
      account(`{ ${BASE}, port: "993" }`),
      '2:68 expected a number, found text "993"',
    ],
    [
      'a port out of range',
      account(`{ ${BASE}, port: 70000 }`),
      '2:68 expected at most 65535, found number 70000',
    ],
    [
      'an installation that is none',
      account(`{ ${BASE}, shared: { gone: [laptop] } }`),
      '2:79 an installation is named by the eight characters that `status` shows',
    ],
    [
      'a missing host',
      account('{ user: u, auth: { password: { env: PW } } }'),
      '2:9 "host" is missing here',
    ],
    [
      'an empty user',
      account('{ host: h, user: "", auth: { password: { env: PW } } }'),
      '2:26 this must not be empty',
    ],
    [
      'a literal password',
      account('{ host: h, user: u, auth: { password: hunter2 } }'),
      '2:47 a password never stands in this file',
    ],
    ['a number as password', account('{ host: h, user: u, auth: { password: 1234 } }'), '2:47 '],
    [
      'two sources of a password',
      account('{ host: h, user: u, auth: { password: { env: A, file: b } } }'),
      '2:47 name exactly one of env, file, command and keyring',
    ],
    [
      'no source of a password',
      account('{ host: h, user: u, auth: { password: {} } }'),
      '2:47 name exactly one of',
    ],
    [
      'an unknown source',
      account('{ host: h, user: u, auth: { password: { evn: A } } }'),
      '2:49 unknown key "evn"',
    ],
    [
      'tls none to another machine',
      account(`{ ${BASE}, tls: none }`),
      '2:67 an unencrypted connection is allowed to this machine only',
    ],
    [
      'tls none to a name that looks local',
      account(
        '{ host: 127.0.0.1.evil.example, user: u, auth: { password: { env: A } }, tls: none }',
      ),
      'this machine only',
    ],
    ['an unknown tls mode', account(`{ ${BASE}, tls: ssl }`), '2:67 unknown value "ssl"'],
    ['a bad role', account(`{ ${BASE}, roles: { archiv: A } }`), '2:71 unknown key "archiv"'],
    [
      'a bad mailbox for a role',
      account(`{ ${BASE}, roles: { trash: "" } }`),
      '2:78 "" is no mailbox name',
    ],
    ['a bad account name', `accounts:\n  "a b": ${ACCOUNT}\n`, '2:3 an account name is letters'],
    ['no account', 'accounts: {}\n', '1:11 there is no account'],
    ['no accounts', 'rules: rules/*.yaml\n', '1:1 "accounts" is missing here'],
    [
      'a certificate authority that is not there',
      account(`{ ${BASE}, ca: gone.pem }`),
      '2:66 the certificate authority cannot be read',
    ],
    [
      'a limit below one',
      `${CONFIG}safety: { maxMessages: 0 }\n`,
      '3:24 expected at least 1, found number 0',
    ],
    [
      'a share above a hundred',
      `${CONFIG}safety: { maxPercent: 101 }\n`,
      '3:23 expected at most 100, found number 101',
    ],
    [
      'a fraction of a message',
      `${CONFIG}safety: { maxDeletes: 1.5 }\n`,
      '3:23 expected a whole number, found number 1.5',
    ],
    [
      'a password in the address of Redis',
      `${CONFIG}backend: { redis: "redis://:secret@x" }\n`,
      '3:19 a password never stands in this file; write password: { env: NAME } beside it',
    ],
    [
      'an address that is none',
      `${CONFIG}backend: { redis: "localhost:6379" }\n`,
      '3:19 "localhost:6379" is no address; write redis://HOST:6379/0',
    ],
    ['an unknown backend', `${CONFIG}backend: embeded\n`, '3:10 unknown value "embeded"'],
    ['an empty file', '', '1:1 expected a mapping, found nothing'],
    ['a list', '- a\n', '1:1 expected a mapping, found a list'],
    ['text', 'hello\n', '1:1 expected a mapping, found text "hello"'],
    ['broken YAML', 'accounts: [\n', '2:1 '],
    ['a key that stands twice', `${CONFIG}state: a\nstate: b\n`, '4:1 Map keys must be unique'],
    ['a tab', 'accounts:\n\thome: x\n', '2:1 Tabs are not allowed'],
    ['two documents', `${CONFIG}---\n${CONFIG}`, '3:1 a second document begins here'],
    [
      'octets that are no text',
      Uint8Array.of(0xff, 0xfe, 0x00),
      '1:1 the file cannot be read: it is not UTF-8 text',
    ],
  ])('%s', async (_, text, expected) => {
    const cwd = withFiles({ 'mailwright.yaml': text });
    const [first] = await defectsOf(cwd);
    expect(first).toMatch(/^mailwright\.yaml:\d+:\d+ /);
    expect(first).toContain(expected);
    const error = await loadConfig({ cwd }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(error instanceof AppError && adviceFor(error).exit).toBe(4);
  });

  test('an account with a defect is not said to be missing by the rule files', async () => {
    const files = {
      'mailwright.yaml': account('{ user: u }'),
      'rules/a.yaml': `accounts: [home]\n${RULES}`,
    };
    expect((await defectsOf(withFiles(files))).filter((each) => each.startsWith('rules'))).toEqual(
      [],
    );
  });

  test('a missing file is an error of its own, which lists where it was looked for', async () => {
    const cwd = folderOf({});
    await expect(checkConfig({ cwd })).rejects.toMatchObject({
      code: 'CONFIG_MISSING',
      facts: { looked: [join(cwd, 'mailwright.yaml'), join(cwd, 'mailwright.yml')] },
    });
    await expect(checkConfig({ cwd, configPath: 'other.yaml' })).rejects.toThrow(
      'there is no file other.yaml',
    );
  });
});

describe('rule files', () => {
  test.each([
    [
      'an account that is not there',
      `accounts: [hom]\n${RULES}`,
      '1:12 there is no account "hom" in mailwright.yaml',
    ],
    ['an empty needle', oneRule('{ subject: "" }'), '3:22 an empty text would match every message'],
    ['a broken pattern', oneRule('{ subject: { regex: "(" } }'), '3:31 pattern "("'],
    ['an unknown role', `mailbox: "\\\\Archiv"\n${RULES}`, '1:10 unknown role "\\Archiv"'],
    [
      'a destination that is the source',
      oneRule('{ seen: true }', '[{ move: Inbox }]'),
      '4:12 the destination "Inbox" is the mailbox that the rule looks at',
    ],
    [
      'two rules of one name',
      `${RULES}${RULES.slice('rules:\n'.length)}`,
      '5:11 two rules have the name "It"; the first is at rules/a.yaml:2',
    ],
    ['a bad cron expression', `on: { schedule: "61 * * * *" }\n${RULES}`, '1:17 '],
    [
      'an unknown time zone',
      `on: { schedule: "0 3 * * *", timezone: Mars/Base }\n${RULES}`,
      '1:17 ',
    ],
    [
      'a list file that is not there',
      `lists: { vip: gone.txt }\n${RULES}`,
      '1:15 the list "vip": its file cannot be read',
    ],
    ['an empty file', '', '1:1 expected a mapping, found nothing'],
    ['no rules', 'rules: []\n', '1:8 this list is empty'],
    [
      'an alias',
      `conditions: { a: &x { seen: true }, b: *x }\n${RULES}`,
      '1:40 an alias (*name) cannot be used here',
    ],
    [
      'octets that are no text',
      Uint8Array.of(0xc3, 0x28),
      '1:1 the file cannot be read: it is not UTF-8 text',
    ],
  ])('%s', async (_, text, expected) => {
    const cwd = withFiles({ 'rules/a.yaml': text });
    const found = await defectsOf(cwd);
    expect(found[0]).toMatch(/^rules\/a\.yaml:\d+:\d+ /);
    expect(found[0]).toContain(expected);
    const error = await loadConfig({ cwd }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'RULES_INVALID' });
    expect(error instanceof AppError && adviceFor(error).exit).toBe(4);
  });

  test('two files may not give a rule the same name', async () => {
    expect(await defectsOf(withFiles({ 'rules/b.yaml': RULES }))).toEqual([
      'rules/b.yaml:2:11 two rules have the name "It"; the first is at rules/a.yaml:2',
    ]);
  });

  test('a pattern that names no file is told where it stands', async () => {
    const cwd = withFiles({ 'mailwright.yaml': `${CONFIG}rules: [rules/*.yaml, more/*.yaml]\n` });
    expect(await defectsOf(cwd)).toEqual([
      'mailwright.yaml:3:8 no rule file matches "more/*.yaml"',
    ]);
    const none = folderOf({ 'mailwright.yaml': CONFIG });
    expect(await defectsOf(none)).toEqual([
      'mailwright.yaml:1:1 no rule file matches "rules/*.yaml"',
    ]);
  });

  test('a file that is named and not there is told by its own name', async () => {
    const cwd = withFiles({ 'mailwright.yaml': `${CONFIG}rules: gone.yaml\n` });
    expect((await defectsOf(cwd))[0]).toMatch(/^gone\.yaml:1:1 the file cannot be read: ENOENT/);
  });

  test('a folder in the place of a file is told', async () => {
    const cwd = withFiles({ 'mailwright.yaml': `${CONFIG}rules: rules\n` });
    expect((await defectsOf(cwd))[0]).toMatch(/^rules:1:1 the file cannot be read: EISDIR/);
  });
});

test('one defect is counted as one', async () => {
  const cwd = withFiles({ 'rules/a.yaml': oneRule('{ form: a }') });
  await expect(loadConfig({ cwd })).rejects.toThrow('the configuration has 1 error');
  await expect(loadConfig({ cwd })).rejects.not.toThrow('1 errors');
});

test('the defects of all files come at once, each with its line, a caret and a hint', async () => {
  const files = {
    'mailwright.yaml': `${CONFIG}saftey: {}\n`,
    'rules/a.yaml': oneRule('{ form: "@shop.example" }'),
  };
  expect((await printed(withFiles(files))).split('\n')).toEqual([
    'mailwright.yaml:3:1  error  unknown key "saftey"',
    '   1 | accounts:',
    `   2 |   home: ${ACCOUNT}`,
    ' > 3 | saftey: {}',
    '     | ^^^^^^',
    '   allowed here: accounts, rules, state, tokens, journal, stop, monitor, backend, safety',
    '   hint: did you mean "safety"?',
    'rules/a.yaml:3:13  error  unknown condition "form"',
    '   1 | rules:',
    '   2 |   - name: It',
    ' > 3 |     when: { form: "@shop.example" }',
    '     |             ^^^^',
    expect.stringMatching(/^ {3}allowed here: all, any, none, not, use, from, to/),
    '   hint: did you mean "from"?',
    '2 errors, 0 warnings.',
  ]);
});

describe('a correct configuration', () => {
  test('has its defaults filled in', async () => {
    const cwd = withFiles({});
    const { config, warnings } = await loadConfig({ cwd });
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      file: 'mailwright.yaml',
      stateDirectory: join(cwd, '.mailwright'),
      safety: {
        maxMessages: 500,
        maxPercent: 20,
        percentFloor: 100,
        maxDeletes: 50,
        maxCreates: 200,
      },
      ruleSet: { files: [{ file: 'rules/a.yaml' }] },
    });
    expect([...config.accounts.values()]).toMatchObject([
      {
        id: 'home',
        host: 'imap.example.org',
        port: 993,
        tls: 'implicit',
        ca: null,
        trustServerText: false,
        limits: { connections: 2, commandsPerMinute: 600 },
      },
    ]);
  });

  test('a share that the owner set counts in mailboxes of any size', async () => {
    const { config } = await loadConfig({
      cwd: withFiles({ 'mailwright.yaml': `${CONFIG}safety: { maxPercent: 20 }\n` }),
    });
    expect(config.safety).toMatchObject({ maxPercent: 20, percentFloor: 0 });
  });

  test('paths are relative to the configuration, also from another folder', async () => {
    const cwd = folderOf({
      'sub/mailwright.yaml': `${CONFIG}rules: [r/*.yaml]\nstate: st\n`,
      'sub/r/x.yaml': `lists: { vip: ../lists/vip.txt }\n${oneRule('{ from: { in: vip } }')}`,
      'sub/lists/vip.txt': '# people\nboss@corp.example\n\n  @family.example  \n',
    });
    const { config } = await loadConfig({ cwd, configPath: 'sub/mailwright.yaml' });
    expect(config.stateDirectory).toBe(join(cwd, 'sub/st'));
    expect(config.ruleSet.files[0]?.file).toBe('sub/r/x.yaml');
  });

  test.each([
    ['implicit', 993],
    ['starttls', 143],
    ['none', 143],
  ])('tls %s uses port %i', async (tls, port) => {
    const text = account(
      `{ host: localhost, user: u, auth: { password: { env: PW } }, tls: ${tls} }`,
    );
    const { config } = await loadConfig({ cwd: withFiles({ 'mailwright.yaml': text }) });
    expect([...config.accounts.values()][0]?.port).toBe(port);
  });

  test.each(['localhost', '127.0.0.1', '127.1.2.3', '"::1"'])(
    'tls none may go to %s',
    async (host) => {
      const text = account(
        `{ host: ${host}, user: u, auth: { password: { env: PW } }, tls: none }`,
      );
      expect(await defectsOf(withFiles({ 'mailwright.yaml': text }))).toEqual([]);
    },
  );

  test.each([
    ['{ env: PW }', 'the environment variable PW'],
    ['{ file: pw }', 'the file '],
    ['{ command: "pass show mail" }', 'the command "pass show mail"'],
  ])('auth %s', async (password, description) => {
    const text = account(`{ host: h, user: u, auth: { password: ${password} } }`);
    const { config } = await loadConfig({ cwd: withFiles({ 'mailwright.yaml': text }) });
    const signIn = [...config.accounts.values()][0]?.signIn;
    expect(signIn?.kind === 'password' && signIn.password.description).toContain(description);
  });

  test('roles, variables and a certificate authority arrive in the account', async () => {
    const text = account(
      `{ ${BASE}, ca: ca.pem, roles: { archive: inbox/Old }, variables: { a: b } }`,
    );
    const { config } = await loadConfig({
      cwd: withFiles({ 'mailwright.yaml': text, 'ca.pem': AUTHORITY }),
    });
    expect([...config.accounts.values()][0]).toMatchObject({
      ca: AUTHORITY,
      roles: { archive: 'INBOX/Old' },
      variables: { a: 'b' },
    });
  });

  test('a mistake in a test of a rule file has its place', async () => {
    const text = `${RULES}tests:\n  - { message: { form: a }, expect: {} }\n`;
    expect(await defectsOf(withFiles({ 'rules/a.yaml': text }))).toEqual([
      expect.stringContaining('rules/a.yaml:6:18 unknown key "form"'),
    ]);
  });
});
