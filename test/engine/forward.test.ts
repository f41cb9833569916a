/** Forwarding from a rule to a mail server: once for each message, with the account's own way out. */
import { afterEach, expect, test } from 'vitest';
import { exitOf } from '../../src/engine/report.ts';
import { type SmtpServerModel, startSmtpServer } from '../support/smtp-server.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
const RULES = `
rules:
  - name: On
    when: { from: ci@build.example }
    then: [ { forward: you@other.example }, archive ]
`;

let bench: Workbench;
let smtp: SmtpServerModel | undefined;
afterEach(async () => {
  await bench.close();
  await smtp?.close();
  smtp = undefined;
});

const account = (port: number): string =>
  `smtp: { host: 127.0.0.1, port: ${port}, tls: none, from: me@own.example, auth: { password: { file: password } } }`;

test('each message goes out once, and then to the archive', async () => {
  smtp = await startSmtpServer();
  bench = await makeWorkbench({
    rules: RULES,
    account: account(smtp.port),
    safety: '{ allowForward: ["@other.example"] }',
  });
  const engine = await bench.open();
  expect(exitOf(await engine.run(ALL, yes))).toBe(0);
  expect(smtp.messages).toHaveLength(2);
  expect(smtp.messages[0]).toContain('Resent-To: <you@other.example>');
  expect(smtp.commands).toContain('RCPT TO:<you@other.example>');
  expect(bench.contents()).toMatchObject({ Archive: ['one', 'three'] });
  expect((await engine.run(ALL, yes)).run).toBeNull();
  expect(smtp.messages).toHaveLength(2);
  await engine.close();
});

test('a server that refuses parks the message; what may have gone out is not sent again', async () => {
  smtp = await startSmtpServer({ replies: { end: 'cut' } });
  bench = await makeWorkbench({
    rules: RULES.replace(', archive', ''),
    account: account(smtp.port),
    safety: '{ allowForward: [you@other.example] }',
    mail: [mailFrom('ci@build.example', 'one')],
  });
  const engine = await bench.open();
  expect(exitOf(await engine.run(ALL, yes))).toBe(13);
  expect((await engine.status()).parked[0]?.reason).toContain('it is not repeated');
  const count = smtp.messages.length;
  await engine.run(ALL, yes);
  expect(smtp.messages).toHaveLength(count);
  await engine.close();
});

test.each([
  ['{ allowForward: ["@else.example"] }', account(25), 'is not allowed'],
  ['{ allowForward: [you@other.example] }', undefined, 'has none'],
])('with %s check refuses', async (safety, line, words) => {
  bench = await makeWorkbench({
    rules: RULES,
    safety,
    ...(line === undefined ? {} : { account: line }),
  });
  await expect(bench.open()).rejects.toMatchObject({
    facts: { diagnostics: [{ message: expect.stringContaining(words) as string }] },
  });
});
