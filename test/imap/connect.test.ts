import { createServer, Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { isLoopback, openSession } from '../../src/imap/connect.ts';
import {
  CANARY,
  type Script,
  type ScriptedServer,
  scriptedAccount,
  startScriptedServer,
} from '../support/scripted-imap-server.ts';
import { until } from './scripted-session.ts';

let server: ScriptedServer | undefined;
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
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
    ['unavailable server', { script: { LOGIN: ['TAG NO [UNAVAILABLE] later'] } }, 'SERVER_BUSY'],
    [
      'a throttled login',
      {
        script: {
          LOGIN: ['TAG BAD Request is throttled. Suggested Backoff Time: 5 milliseconds'],
        },
      },
      'SERVER_BUSY',
    ],
    [
      'an Exchange that has no room',
      { script: { NAMESPACE: ['TAG BAD User is authenticated but not connected.'] } },
      'SERVER_BUSY',
    ],
    [
      'login without encryption forbidden',
      { script: { CAPABILITY: ['* CAPABILITY IMAP4rev1 LOGINDISABLED', 'TAG OK'] } },
      'LOGIN_REFUSED',
    ],
    ['a connection cut at LOGIN', { script: { LOGIN: 'cut' } }, 'SERVER_UNREACHABLE'],
    [
      'STARTTLS offered and refused',
      {
        tls: 'starttls',
        script: { CAPABILITY: ['* CAPABILITY IMAP4rev1 STARTTLS', 'TAG OK'], STARTTLS: ['TAG NO'] },
      },
      'TLS_REFUSED',
    ],
    [
      'words behind the answer to STARTTLS',
      {
        tls: 'starttls',
        script: {
          CAPABILITY: ['* CAPABILITY IMAP4rev1 STARTTLS', 'TAG OK'],
          STARTTLS: ['TAG OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN'],
        },
      },
      'TLS_REFUSED',
    ],
    ['goodbye greeting', { greeting: ['* BYE too busy'] }, 'SERVER_BUSY'],
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

  test.each([
    ['a port where nobody listens', { port: 1 }, /nothing listens there \(ECONNREFUSED\)/],
    [
      'a name that does not exist, even one that speaks of SSL',
      { host: 'ssl.nowhere.invalid', tls: 'implicit' as const },
      /\((ENOTFOUND|EAI_AGAIN)\)/,
    ],
  ])('%s is SERVER_UNREACHABLE in plain words', async (_, where, words) => {
    const account = { ...scriptedAccount(1), ...where };
    const opening = openSession(account, { mode: 'read', emit: () => {}, trace: false }).login();
    await expect(opening).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringMatching(words),
    });
  });

  test('a greeting that never comes is not a matter of TLS', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const connected = vi.spyOn(Socket.prototype, 'setKeepAlive');
    const failing = failure({ greeting: [] });
    await until(() => connected.mock.calls.length > 0);
    vi.advanceTimersByTime(LIMITS.greetingMs);
    expect(await failing).toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('no greeting came in time'),
    });
  });

  test('a login that never ends is given up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failing = failure({ script: { LOGIN: [[]] } });
    await until(() => server?.received.at(-1)?.startsWith('LOGIN') === true);
    vi.advanceTimersByTime(LIMITS.loginMs);
    expect(await failing).toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('not finished in time'),
    });
  });

  test.each([
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['ends', (socket: Socket) => socket.destroy()],
  ])('a server that %s the handshake is TLS_REFUSED, and the port is named', async (_, cut) => {
    const listener = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => cut(socket));
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const account = { ...scriptedAccount(port), tls: 'implicit' as const };
    const opening = openSession(account, { mode: 'read', emit: () => {}, trace: false }).login();
    await expect(opening).rejects.toMatchObject({
      code: 'TLS_REFUSED',
      message: expect.stringContaining('this port may speak no TLS'),
    });
    await new Promise((resolve) => listener.close(resolve));
  });

  test('a quiet socket is kept for longer than an IDLE lasts', async () => {
    const timeouts = vi.spyOn(Socket.prototype, 'setTimeout');
    server = await startScriptedServer();
    const { account } = server;
    const session = await openSession(account, {
      mode: 'read',
      emit: () => {},
      trace: false,
    }).login();
    expect(timeouts.mock.calls.map(([ms]) => ms)).toContain(LIMITS.socketQuietMs);
    session.destroy();
  });

  test('an unencrypted login beyond this machine is refused before anything is sent', async () => {
    server = await startScriptedServer();
    const account = { ...server.account, host: 'mail.example' };
    const opening = openSession(account, { mode: 'read', emit: () => {}, trace: false }).login();
    await expect(opening).rejects.toMatchObject({ code: 'TLS_REFUSED' });
    expect(server.received).toEqual([]);
  });

  test('nor where the login may work later', async () => {
    const error = await failure({ script: { LOGIN: [`TAG NO [UNAVAILABLE] ${CANARY} later`] } });
    expect(error).toMatchObject({ code: 'SERVER_BUSY' });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });

  test('a password that the server repeats is in no error text', async () => {
    const error = await failure({ script: { LOGIN: [`TAG NO wrong password ${CANARY}`] } });
    expect(error).toMatchObject({
      code: 'LOGIN_REFUSED',
      message: expect.stringContaining('wrong password •••'),
    });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
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

describe('somebody who wants to stop', () => {
  test('need not wait for a server that does not greet', async () => {
    server = await startScriptedServer({}, []);
    const stop = new AbortController();
    const { signal } = stop;
    const opening = openSession(server.account, {
      ...{ mode: 'read', emit: () => {}, trace: false, signal },
    }).login();
    setImmediate(() => stop.abort(new Error('stopped')));
    await expect(opening).rejects.toThrow('stopped');
  });

  test('need not wait for the answer to LOGOUT', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    server = await startScriptedServer({ LOGOUT: [] });
    const options = { mode: 'read' as const, emit: () => {}, trace: false };
    const session = await openSession(server.account, options).login();
    const ending = session.logout();
    while (!server.received.includes('LOGOUT')) await new Promise((r) => setImmediate(r));
    vi.advanceTimersByTime(LIMITS.logoutMs);
    await expect(ending).resolves.toEqual({ state: 'logout' });
    vi.useRealTimers();
  });
});
