import { afterEach, describe, expect, test } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import { isLoopback, openSession } from '../../src/imap/connect.ts';
import {
  CANARY,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../support/scripted-imap-server.ts';

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function failure(options: {
  script?: Script;
  greeting?: string[];
  tls?: 'starttls' | 'implicit';
}): Promise<unknown> {
  server = await startScriptedServer(options.script, options.greeting);
  const account = { ...server.account, tls: options.tls ?? ('none' as const) };
  const opening = openSession(account, { mode: 'read', emit: () => {}, trace: false }).login();
  return opening.catch((error: unknown) => error);
}

describe('a login that fails', () => {
  test.each<[string, Parameters<typeof failure>[0], string]>([
    [
      'wrong password',
      { script: { LOGIN: ['TAG NO [AUTHENTICATIONFAILED] no'] } },
      'LOGIN_REFUSED',
    ],
    [
      'unavailable server',
      { script: { LOGIN: ['TAG NO [UNAVAILABLE] later'] } },
      'SERVER_UNREACHABLE',
    ],
    ['goodbye greeting', { greeting: ['* BYE too busy'] }, 'SERVER_UNREACHABLE'],
    ['STARTTLS not offered', { tls: 'starttls' }, 'TLS_REFUSED'],
    [
      'PREAUTH where STARTTLS is asked for',
      { tls: 'starttls', greeting: ['* PREAUTH hi'] },
      'TLS_REFUSED',
    ],
    ['plain server on an implicit TLS port', { tls: 'implicit' }, 'TLS_REFUSED'],
  ])('%s', async (_, options, code) => {
    const error = await failure(options);
    expect(isAppError(error) ? error.code : error).toBe(code);
    if (code === 'TLS_REFUSED') expect(server?.received.join()).not.toMatch(/LOGIN|AUTHENTICATE/);
  });

  test('nobody listens', async () => {
    server = await startScriptedServer();
    const { account } = server;
    await server.close();
    const opening = openSession(account, { mode: 'read', emit: () => {}, trace: false }).login();
    await expect(opening).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  });

  test('an unencrypted login beyond this machine is refused before anything is sent', async () => {
    server = await startScriptedServer();
    const account = { ...server.account, host: 'mail.example' };
    const opening = openSession(account, { mode: 'read', emit: () => {}, trace: false }).login();
    await expect(opening).rejects.toMatchObject({ code: 'TLS_REFUSED' });
    expect(server.received).toEqual([]);
  });

  test('a password that the server repeats is in no error text', async () => {
    const error = await failure({ script: { LOGIN: [`TAG NO wrong password ${CANARY}`] } });
    expect(isAppError(error) && error.message + JSON.stringify(error.facts)).not.toContain(CANARY);
  });
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['127.0.0.1.example', false],
  ['localhost.example', false],
  ['10.0.0.1', false],
])('%s is loopback: %s', (host, is) => expect(isLoopback(host)).toBe(is));
