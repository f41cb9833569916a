/** The daemon whose tokens end: it renews them, or stops that account alone and says what to do. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { takeSnapshot } from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { authAt, renewals, signInByCode } from './oauth2.ts';
import { makeWorkplace, type Workplace } from './program.ts';

const RULES = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ { move: CI, create: true } ]
`;

// Two accounts, a daemon and a program for each sign-in take long on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

let provider: OpenIdProvider;
let server: Dovecot;
let wire: TcpProxy;

beforeAll(async () => {
  provider = await startOpenIdProvider();
  const introspection = `${provider.issuer}/introspect`;
  server = await startDovecot('oauth2', { introspection, mechanisms: ['xoauth2', 'oauthbearer'] });
  wire = await startTcpProxy(server.port);
});
afterAll(async () => {
  await wire?.close();
  await server?.stop();
  await provider?.close();
});

/** Two accounts, both signed in, in a daemon that watches both. */
async function twoAccounts() {
  const [user, other] = [server.newUser(), server.newUser()];
  Object.assign(provider.settings, { broken: null, refusal: null });
  const account = `  home:
    host: 127.0.0.1
    port: ${wire.port}
    tls: none
    user: ${other}
    auth: ${authAt(provider)}
`;
  const { password } = server;
  const login = { port: wire.port, password };
  const place = makeWorkplace({
    server: login,
    user,
    rules: RULES,
    auth: authAt(provider),
    account,
  });
  for (const [name, who] of [
    ['office', user],
    ['home', other],
  ] as const) {
    provider.settings.user = who;
    expect((await signInByCode(place, provider, name)).exit).toBe(0);
  }
  const daemon = place.start('start', '--log', 'json', '--log-level', 'debug');
  // The first job sets the bookmark; what came before is old mail.
  for (const name of ['office', 'home']) {
    await until(() => watches(daemon, name) === 1 && jobs(daemon, name) > 0);
  }
  return { place, daemon, user, other };
}

type Daemon = ReturnType<Workplace['start']>;

/** How often it began to listen. */
function watches(daemon: Daemon, account: string): number {
  return eventsOf(daemon, 'watching').filter((each) => each['account'] === account).length;
}

/** How many of its jobs are done. */
function jobs(daemon: Daemon, account: string): number {
  return eventsOf(daemon, 'job-ended').filter((each) => each['account'] === account).length;
}

/** The states that an account went through. */
function states(daemon: Daemon, account: string): readonly unknown[] {
  return eventsOf(daemon, 'account-state')
    .filter((each) => each['account'] === account)
    .map((each) => each['state']);
}

function eventsOf(daemon: Daemon, event: string): readonly Record<string, unknown>[] {
  return daemon
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter((line) => line['event'] === event);
}

async function deliver(user: string, id: string): Promise<void> {
  const client = await openPlainImap({ port: server.port, user, password: server.password });
  const raw = `From: ci@build.example\r\nSubject: failed\r\nX-Test-Id: ${id}\r\n\r\nlog\r\n`;
  await client.append('INBOX', [{ raw, flags: [], internalDate: new Date() }]);
  await client.close();
}

async function filed(user: string): Promise<readonly string[]> {
  const seen = await takeSnapshot({ port: server.port, user, password: server.password });
  return (seen.get('CI') ?? []).map(({ id }) => id);
}

test('a renewal that is refused stops that account and says what to do; the other goes on', async () => {
  const { place, daemon, user, other } = await twoAccounts();
  const before = renewals(provider);
  provider.withdraw(user);
  provider.endAccess();
  wire.cut();
  await until(() => states(daemon, 'office').includes('auth failed'));
  await until(() => watches(daemon, 'home') === 2);
  await deliver(user, 'waits');
  await deliver(other, 'arrives');
  await until(async () => (await filed(other)).length > 0);
  expect(await filed(user)).toEqual([]);
  // One for each account: what was refused is not asked again.
  expect(renewals(provider) - before).toBe(2);
  const [stopped] = eventsOf(daemon, 'account-state').filter(
    (each) => each['state'] === 'auth failed',
  );
  expect(stopped?.['reason']).toContain('sign in: mailwright auth office');
  provider.settings.user = user;
  expect((await signInByCode(place, provider)).exit).toBe(0);
  // It hears of that by itself.
  await until(async () => (await filed(user)).length > 0);
  daemon.child.kill('SIGTERM');
  expect((await daemon.ended).exit).toBe(0);
  place.remove();
});

test('a provider in trouble is asked again later, and nobody has to sign in for that', async () => {
  const { place, daemon, user, other } = await twoAccounts();
  provider.settings.broken = 503;
  provider.endAccess();
  wire.cut();
  for (const name of ['office', 'home']) {
    await until(() => states(daemon, name).includes('backing off'));
  }
  provider.settings.broken = null;
  for (const name of ['office', 'home']) await until(() => watches(daemon, name) === 2);
  for (const who of [user, other]) await deliver(who, 'arrives');
  for (const who of [user, other]) await until(async () => (await filed(who)).length > 0);
  expect(states(daemon, 'office')).not.toContain('auth failed');
  daemon.child.kill('SIGTERM');
  expect((await daemon.ended).exit).toBe(0);
  place.remove();
});

async function until(isTrue: () => boolean | Promise<boolean>, seconds = 120): Promise<void> {
  const endMs = Date.now() + seconds * 1000;
  while (!(await isTrue())) {
    if (Date.now() > endMs) throw new Error(`it did not happen within ${seconds} s`);
    await delay(50);
  }
}
