import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../../src/core/clock.ts';
import type { Resolve } from '../../src/core/guarded-lookup.ts';
import { secret } from '../../src/core/secret.ts';
import { callWebhook, callWithRetries, type WebhookCall } from '../../src/effects/webhook.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';
import { answer, type Behaviour, startWebServer, type WebServer } from '../support/web-server.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const servers: WebServer[] = [];
let clock: ManualClock = manualClock(NOW_MS);
beforeEach(() => {
  clock = manualClock(NOW_MS);
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(...behaviours: readonly Behaviour[]): Promise<WebServer> {
  const server = await startWebServer(behaviours);
  servers.push(server);
  return server;
}

function call(url: string, more: Partial<WebhookCall> = {}): WebhookCall {
  return {
    url,
    body: { rule: 'Builds', subject: 'naïve – ✓' },
    secret: secret('s3cret-key'),
    idempotencyKey: 'key-1',
    nowMs: NOW_MS,
    ...more,
  };
}

const local = (server: WebServer, more: Partial<WebhookCall> = {}, path = '/hook'): WebhookCall =>
  call(`http://127.0.0.1:${server.port}${path}`, { allowPrivate: true, ...more });

const resolvesTo =
  (...addresses: readonly string[]): Resolve =>
  (_, respond) =>
    respond(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

test('a call is a signed POST of JSON', async () => {
  const server = await serve(answer(204));
  const outcome = await callWebhook(local(server));
  expect(outcome).toEqual({
    kind: 'done',
    evidence: `http://127.0.0.1:${server.port} answered 204`,
  });
  const [seen] = server.seen;
  const timestamp = String(Math.floor(NOW_MS / 1000));
  const body = JSON.stringify({ rule: 'Builds', subject: 'naïve – ✓' });
  const signed = createHmac('sha256', 's3cret-key').update(`${timestamp}.${body}`).digest('hex');
  expect(seen).toMatchObject({ method: 'POST', path: '/hook', body });
  expect(seen?.headers).toMatchObject({
    'content-type': 'application/json',
    'idempotency-key': 'key-1',
    'x-mailwright-timestamp': timestamp,
    'x-mailwright-signature': `sha256=${signed}`,
  });
});

describe('where a webhook may not go', () => {
  test.each([
    ['not a url', 'not a URL'],
    ['ftp://example.org/', 'https://'],
    ['file:///etc/passwd', 'https://'],
    ['http://example.org/', 'without encryption'],
    ['http://127.0.0.1/', 'without encryption'],
    ['https://169.254.169.254/latest/meta-data', '169.254.169.254'],
    ['https://[::1]/', '::1'],
    ['https://0x7f.1/', '127.0.0.1'],
    ['https://0177.0.0.1/', '127.0.0.1'],
    ['https://2130706433/', '127.0.0.1'],
    ['https://127.1/', '127.0.0.1'],
    ['https://①②⑦.0.0.1/', '127.0.0.1'],
    ['https://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
    ['https://[64:ff9b::127.0.0.1]/', '64:ff9b::7f00:1'],
    ['https://[fd00::1]/', 'fd00::1'],
    ['https://0/', '0.0.0.0'],
    ['https://10.0.0.1/', '10.0.0.1'],
    ['https://100.64.0.1/', '100.64.0.1'],
    ['https://224.0.0.1/', '224.0.0.1'],
  ])('%s is refused', async (url, said) => {
    const outcome = await callWebhook(call(url));
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining(said) });
  });

  test.each([
    [['127.0.0.1']],
    [['::1']],
    [['10.1.2.3']],
    [['93.184.216.34', '127.0.0.1']],
    [['::ffff:127.0.0.1']],
  ])('a name that resolves to %j is refused, and nobody is connected to', async (addresses) => {
    const server = await serve(answer(200));
    const url = `https://rebind.example:${server.port}/`;
    const outcome = await callWebhook(call(url, { resolve: resolvesTo(...addresses) }));
    expect(outcome).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('not a public address'),
    });
    expect(server.connectionCount()).toBe(0);
  });

  test('http to a name that is not this machine is refused, also with allowPrivate', async () => {
    const resolve = resolvesTo('10.1.2.3');
    const outcome = await callWebhook(call('http://nas.example/', { resolve, allowPrivate: true }));
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('https') });
  });

  test.each([301, 302, 307, 308])('a %i to localhost is told, not followed', async (status) => {
    const inner = await serve(answer(200));
    const location = `http://me:pass@localhost:${inner.port}/admin?token=t0ken`;
    const server = await serve(answer(status, { Location: location }));
    const outcome = await callWebhook(local(server));
    expect(outcome).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(`points to http://localhost:${inner.port}/admin?token=…`),
    });
    expect(JSON.stringify(outcome)).not.toMatch(/t0ken|pass/);
    expect(inner.connectionCount()).toBe(0);
  });

  test.each(['', 'a b', 'a\r\nX: y', 'é', 'x'.repeat(256)])(
    'the idempotency key %j is refused',
    async (idempotencyKey) => {
      const server = await serve(answer(200));
      expect((await callWebhook(local(server, { idempotencyKey }))).kind).toBe('refused');
      expect(server.connectionCount()).toBe(0);
    },
  );
});

describe('what the answer means', () => {
  test.each([
    [200, 'done'],
    [201, 'done'],
    [299, 'done'],
    [304, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [410, 'refused'],
    [408, 'failed'],
    [425, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ])('%i is %s', async (status, kind) => {
    const server = await serve(answer(status));
    const outcome = await callWebhook(local(server));
    expect(outcome.kind).toBe(kind);
    if (outcome.kind === 'failed') expect(outcome.retry).toBe(true);
  });

  test.each([
    ['7', 7000],
    ['999999999', 86_400_000],
    [new Date(NOW_MS + 61_322).toUTCString(), 61_322],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
  ])('Retry-After: %s asks for %s ms', async (value, retryAfterMs) => {
    const server = await serve(answer(503, { 'Retry-After': value }));
    const outcome = await callWebhook(local(server));
    expect(outcome.kind === 'failed' && outcome.retryAfterMs).toBe(retryAfterMs);
  });

  test('a port where nobody listens is a failure to retry', async () => {
    const server = await serve(answer(200));
    await server.close();
    expect(await callWebhook(local(server))).toMatchObject({ kind: 'failed', retry: true });
  });

  test('a name that does not resolve in time is a failure to retry', async () => {
    const silent: Resolve = () => {};
    const outcome = await callWebhook(
      call('https://hooks.example/', { resolve: silent, timeoutMs: 20 }),
    );
    expect(outcome).toMatchObject({
      kind: 'failed',
      retry: true,
      reason: expect.stringContaining('no answer within 20 ms'),
    });
  });

  test.each<[string, Behaviour]>([
    ['that hangs up', (response) => response.socket?.destroy()],
    ['that never answers', () => {}],
    ['that does not speak HTTP', (response) => response.socket?.end('what?\r\n\r\n')],
  ])('a receiver %s leaves the outcome unknown', async (_, behaviour) => {
    const server = await serve(behaviour);
    expect(await callWebhook(local(server, { timeoutMs: 100 }))).toMatchObject({ kind: 'unknown' });
    expect(server.seen).toHaveLength(1);
  });

  test('an answer without end is read for 64 kB', async () => {
    let written = 0;
    const server = await serve((response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(65_536, 'x');
      const pump = (): void => {
        while (!response.destroyed && written < 1e9 && response.write(chunk))
          written += chunk.length;
      };
      response.on('drain', pump);
      pump();
    });
    expect((await callWebhook(local(server))).kind).toBe('done');
    expect(written).toBeLessThan(32e6);
  });

  test('an answer that drips is judged by its status when the time is over', async () => {
    const server = await serve((response) => {
      response.writeHead(400).write('slow\u001b[31m words');
    });
    const outcome = await callWebhook(local(server, { timeoutMs: 100 }));
    expect(outcome).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('answered 400: slow [31m words'),
    });
  });
});

describe('TLS', () => {
  const hook = (server: WebServer, more: Partial<WebhookCall>): WebhookCall =>
    call(`https://hooks.example.test:${server.port}/`, {
      allowPrivate: true,
      resolve: resolvesTo('127.0.0.1'),
      ...more,
    });

  test('the certificate is verified against the name of the URL', async () => {
    const server = await startWebServer([answer(200)], { tls: true });
    servers.push(server);
    const ca = TEST_CERTIFICATE.cert;
    expect(await callWebhook(hook(server, { ca }))).toMatchObject({ kind: 'done' });
    expect(await callWebhook(hook(server, {}))).toMatchObject({ kind: 'failed', retry: false });
    const wrong = { ca, url: `https://other.example.test:${server.port}/` };
    expect(await callWebhook(hook(server, wrong))).toMatchObject({ kind: 'failed', retry: false });
    expect(server.seen).toHaveLength(1);
  });

  test('a connection that dies in the handshake has sent nothing', async () => {
    const server = await serve(answer(200));
    const outcome = await callWebhook(hook(server, { ca: TEST_CERTIFICATE.cert }));
    expect(outcome).toMatchObject({ kind: 'failed', retry: true });
  });
});

test('no text shows the secret, the user info, the path or a query value', async () => {
  const server = await serve((response, { path, headers }) =>
    response
      .writeHead(418)
      .end(`${path} ${headers.authorization} me pa$$word pa%24%24word s3cret-key to ken to%20ken`),
  );
  const longPath = '/services/T0123456789ABCDEF';
  const outcome = await callWebhook(
    call(`http://me-user:pa$$word@127.0.0.1:${server.port}${longPath}?token=to%20ken`, {
      allowPrivate: true,
    }),
  );
  expect(server.seen[0]?.headers.authorization).toMatch(/^Basic /);
  expect(outcome.kind).toBe('refused');
  expect(JSON.stringify(outcome)).not.toMatch(
    /s3cret|pa\$|pa%24|me-user|T0123|to ken|to%20ken|bWUtdXNlcjp/,
  );
});

describe('retries', () => {
  const run = (server: WebServer, random: () => number, signal?: AbortSignal) => {
    const { nowMs: _, ...rest } = local(server);
    return callWithRetries(rest, { clock, random, ...(signal === undefined ? {} : { signal }) });
  };

  test('go on with the same key and a new signature until the receiver accepts', async () => {
    const server = await serve(
      answer(503),
      (response) => response.socket?.destroy(),
      answer(429, { 'Retry-After': '7' }),
      answer(200),
    );
    expect((await run(server, () => 0.999)).kind).toBe('done');
    expect(server.seen).toHaveLength(4);
    expect(new Set(server.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    const times = server.seen.map(({ headers }) => Number(headers['x-mailwright-timestamp']));
    expect(times.map((time) => time - Math.floor(NOW_MS / 1000))).toEqual([0, 1, 3, 10]);
  });

  test('end after five calls', async () => {
    const server = await serve(answer(500));
    expect(await run(server, () => 0)).toMatchObject({ kind: 'failed', retry: true });
    expect(server.seen).toHaveLength(5);
  });

  test('end at a refusal', async () => {
    const server = await serve(answer(500), answer(403), answer(200));
    expect((await run(server, () => 0)).kind).toBe('refused');
    expect(server.seen).toHaveLength(2);
  });

  test('leave a long wait to the caller', async () => {
    const server = await serve(answer(503, { 'Retry-After': '3600' }));
    expect(await run(server, () => 0)).toMatchObject({ kind: 'failed', retryAfterMs: 3_600_000 });
    expect(server.seen).toHaveLength(1);
  });

  test('do not forget that an earlier call may have arrived', async () => {
    const server = await serve((response) => response.socket?.destroy(), answer(503));
    expect((await run(server, () => 0)).kind).toBe('unknown');
    expect(server.seen).toHaveLength(5);
  });

  test('end when they are told to', async () => {
    const server = await serve(answer(500));
    expect((await run(server, () => 0, AbortSignal.abort())).kind).toBe('failed');
    expect(server.seen).toHaveLength(1);
  });
});
