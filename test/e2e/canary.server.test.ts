/**
 * Secrets are nowhere but in the AUTHENTICATE exchange: a full life of two accounts, one with a
 * password and one with tokens, errors included, and then a look into everything that was written.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { takeSnapshot } from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { type Canary, canariesBelow, canariesIn, filesBelow } from '../support/canary.ts';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { authAt, signInByBrowser, signInByCode } from './oauth2.ts';
import { makeWorkplace, type Workplace } from './program.ts';

const RULES = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ star, { move: CI, create: true } ]
`;

const MARK = `canarytoken${randomBytes(6).toString('hex')}`;
const CLIENT_SECRET = 'canary-client-secret';
const WRONG_PASSWORD = 'canary-wrong-password';
const REDIS_PASSWORD = 'canary-redis-password';
const KEY = Buffer.from('canary-key-of-thirty-two-octets!').toString('base64');

let provider: OpenIdProvider;
let server: Dovecot;
let redis: RedisServer;
let wire: TcpProxy;
let canaries: readonly Canary[] = [];
const sent = new Map<Socket, string>();
/** Every command line that was seen on this machine meanwhile. */
const commandLines = new Set<string>();
let sampling: NodeJS.Timeout;

beforeAll(async () => {
  provider = await startOpenIdProvider({ mark: MARK, clientSecret: CLIENT_SECRET });
  const introspection = `${provider.issuer}/introspect`;
  server = await startDovecot('oauth2', { introspection, mechanisms: ['xoauth2', 'oauthbearer'] });
  redis = await startRedis({ requirepass: REDIS_PASSWORD, rdbcompression: 'no' });
  wire = await startTcpProxy(server.port, (octets, connection) => {
    sent.set(connection, (sent.get(connection) ?? '') + octets.toString('latin1'));
  });
  canaries = [
    { name: 'a token', value: MARK },
    { name: 'the client secret', value: CLIENT_SECRET },
    { name: 'the password', value: server.password },
    { name: 'a wrong password', value: WRONG_PASSWORD },
    { name: 'the password of Redis', value: REDIS_PASSWORD },
    { name: 'the key', value: KEY },
  ];
  sampling = setInterval(sampleCommandLines, 40);
});
afterAll(async () => {
  clearInterval(sampling);
  await wire?.close();
  await redis?.stop();
  await server?.stop();
  await provider?.close();
});

describe.each(['embedded', 'redis'] as const)('with the journal %s', (backend) => {
  test('no secret is in what was printed, written, sent or shown of the process', async () => {
    const outputs: string[] = [];
    const { place, user, other } = await open(backend);
    const run = async (...args: readonly string[]): Promise<number | null> => {
      const { exit, stdout, stderr } = await place.run(...args);
      outputs.push(stdout, stderr);
      return exit;
    };
    provider.settings.user = user;
    const signedIn = await signInByBrowser(place);
    outputs.push(signedIn.stdout, signedIn.stderr);
    for (const who of [user, other]) await deliver(who);
    expect(await run('check', '--live', '--trace')).toBe(0);
    expect(await run('plan', '--out', 'plan.json', '--trace')).toBe(0);
    expect(await run('run', '--yes', '--json', '--trace')).toBe(0);
    for (const command of ['status', 'history']) expect(await run(command, '--json')).toBe(0);
    outputs.push(await liveAsDaemon(place, { user, other }));
    const left = filesBelow(join(place.directory, '.mailwright'));
    if (backend === 'embedded') expect(left).toContain('journal.sqlite-wal');
    expect(canariesBelow(place.directory, canaries)).toEqual([]);
    expect(await provokeErrors(place, run)).toEqual([10, 10, 4]);
    outputs.push(...(await signInAnew(place)));

    expect(outputs.join('').length).toBeGreaterThan(10_000);
    expect(outputs.join('')).toContain('AUTHENTICATE OAUTHBEARER "(* value hidden *)"');
    expect(canariesIn(outputs.join('\n'), canaries)).toEqual([]);
    expect(filesBelow(join(place.directory, '.mailwright')).length).toBeGreaterThan(1);
    expect(canariesBelow(place.directory, canaries)).toEqual([]);
    if (backend === 'redis') expect(canariesIn(dumpRedis(), canaries)).toEqual([]);
    expect(canariesIn([...commandLines].join('\n'), withoutServers())).toEqual([]);
    expect([...commandLines].some((line) => line.includes('dist/src/cli/main.js'))).toBe(true);
    place.remove();
  }, 300_000);
});

test('on the wire they are in the AUTHENTICATE exchange, and this search finds them there', () => {
  const found = new Set<string>();
  const elsewhere: string[] = [];
  for (const text of sent.values()) {
    const lines = text.split('\r\n');
    lines.forEach((line, index) => {
      const names = canariesIn(line, canaries);
      for (const name of names) found.add(name.replace(/ as .*/, ''));
      const isExchange =
        /^\S+ AUTHENTICATE /.test(line) || /^\S+ AUTHENTICATE \S+$/.test(lines[index - 1] ?? '');
      if (names.length > 0 && !isExchange) elsewhere.push(line);
    });
  }
  expect(elsewhere).toEqual([]);
  expect([...found].sort()).toEqual(['a token', 'a wrong password', 'the password']);
});

async function open(backend: 'embedded' | 'redis') {
  const [user, other] = [server.newUser(), server.newUser()];
  const store = `backend: { redis: "${redis.url}", prefix: canary, password: { env: REDIS_PASSWORD } }\n`;
  const place = makeWorkplace({
    server: { port: wire.port, password: server.password },
    user,
    rules: RULES,
    auth: authAt(provider),
    account: `  home:
    host: 127.0.0.1
    port: ${wire.port}
    tls: none
    user: ${other}
    auth: { password: { env: HOME_PASSWORD } }
`,
    // One with a key of its own making, one with a key from the environment.
    env: {
      CLIENT_SECRET,
      REDIS_PASSWORD,
      HOME_PASSWORD: server.password,
      ...(backend === 'redis' ? { MAILWRIGHT_KEY: KEY } : {}),
    },
    more: backend === 'redis' ? store : '',
  });
  return { place, user, other };
}

/** A daemon whose tokens end and whose wire is cut; killed, so that what it was writing lies there. */
async function liveAsDaemon(
  place: Workplace,
  { user, other }: { user: string; other: string },
): Promise<string> {
  const daemon = place.start('start', '--trace', '--log', 'json', '--log-level', 'debug');
  const filed = async (who: string): Promise<number> => {
    const seen = await takeSnapshot({ port: server.port, user: who, password: server.password });
    return seen.get('CI')?.length ?? 0;
  };
  const times = (text: string): number => daemon.output().split(text).length - 1;
  await until(() => times('"event":"watching"') === 2);
  await until(() => times('"event":"job-ended"') >= 2);
  provider.endAccess();
  wire.cut();
  await until(() => times('"event":"watching"') === 4);
  for (const who of [user, other]) await deliver(who);
  for (const who of [user, other]) await until(async () => (await filed(who)) === 2);
  daemon.child.kill('SIGKILL');
  await daemon.ended;
  return daemon.output();
}

/** A wrong password; a refresh token that the provider repeats in its refusal; another key. */
async function provokeErrors(
  place: Workplace,
  run: (...args: readonly string[]) => Promise<number | null>,
): Promise<readonly (number | null)[]> {
  const file = join(place.directory, '.mailwright/tokens/office.json');
  // The lease of a daemon that was killed runs out by itself.
  await until(async () => (await run('run', '--yes')) === 0);
  copyFileSync(file, `${file}.before`);
  provider.endAccess();
  await run('plan', '--account', 'office', '--trace');
  copyFileSync(`${file}.before`, file);
  const reused = await run('plan', '--account', 'office', '--trace');
  place.setEnvironment({ HOME_PASSWORD: WRONG_PASSWORD });
  const wrong = await run('plan', '--account', 'home', '--trace');
  place.setEnvironment({ MAILWRIGHT_KEY: Buffer.alloc(32).toString('base64') });
  const otherKey = await run('plan', '--account', 'office', '--json', '--trace');
  return [reused, wrong, otherKey];
}

/** Fails at first: with another key nothing is overwritten. */
async function signInAnew(place: Workplace): Promise<readonly string[]> {
  const refused = await signInByCode(place, provider, 'office', '--trace');
  expect(refused.exit).toBe(4);
  return [refused.stdout, refused.stderr];
}

/** Everything that Redis holds, as it would be backed up, and its append-only file. */
function dumpRedis(): Buffer {
  const port = new URL(redis.url).port;
  const ask = (...args: readonly string[]): Buffer =>
    execFileSync('redis-cli', ['-p', port, '--no-auth-warning', ...args], {
      env: { ...process.env, REDISCLI_AUTH: REDIS_PASSWORD },
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 256 * 1024 * 1024,
    });
  const [, directory = ''] = ask('CONFIG', 'GET', 'dir').toString().split('\n');
  const rdb = ask('--rdb', '-');
  expect(rdb.subarray(0, 5).toString()).toBe('REDIS');
  const files = filesBelow(directory).map((name) => readFileSync(join(directory, name)));
  expect(files.length).toBeGreaterThan(0);
  expect(Buffer.concat(files).toString('latin1')).toContain('canary:journal');
  return Buffer.concat([rdb, ...files]);
}

/** The tests start Redis with its password as an argument; the program is what is looked at. */
function withoutServers(): readonly Canary[] {
  for (const line of commandLines) if (line.includes('redis-server')) commandLines.delete(line);
  return canaries;
}

function sampleCommandLines(): void {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (!isOurs(Number(name))) continue;
      commandLines.add(readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' '));
    } catch (error) {
      // It ended between the two.
      if (!(error instanceof Error)) throw error;
    }
  }
}

/** Started by this test: others type the same password into terminals of theirs meanwhile. */
function isOurs(pid: number): boolean {
  for (let each = pid; each > 1; ) {
    if (each === process.pid) return true;
    const stat = readFileSync(`/proc/${each}/stat`, 'latin1');
    each = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  return false;
}

async function deliver(user: string): Promise<void> {
  const client = await openPlainImap({ port: server.port, user, password: server.password });
  const raw = 'From: ci@build.example\r\nSubject: failed\r\nX-Test-Id: build\r\n\r\nlog\r\n';
  await client.append('INBOX', [{ raw, flags: [], internalDate: new Date() }]);
  await client.close();
}

async function until(isTrue: () => boolean | Promise<boolean>, seconds = 120): Promise<void> {
  const endMs = Date.now() + seconds * 1000;
  while (!(await isTrue())) {
    if (Date.now() > endMs) throw new Error(`it did not happen within ${seconds} s`);
    await delay(50);
  }
}
