/** Webhooks: who may be called, what is believed, what is tried again. */
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { manualClock } from '../../src/core/clock.ts';
import { isPrivateAddress } from '../../src/effects/address-guard.ts';
import { callWebhook, type WebhookCall } from '../../src/effects/webhook.ts';

const call = (url: string, more: Partial<WebhookCall> = {}) =>
  callWebhook({
    url,
    payload: { a: 1 },
    secret: 'key',
    idempotencyKey: 'k',
    privateHosts: [],
    clock: manualClock(1_000_000),
    signal: new AbortController().signal,
    ...more,
  });

describe('addresses that are not called', () => {
  test.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0'],
    ...['100.64.1.1', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', 'ff02::1', 'x'],
  ])('%s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });
  test.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '172.32.0.1', '100.128.0.1'])(
    '%s may be',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );

  test.each([
    ...[
      'https://169.254.169.254/latest',
      'https://[::1]/',
      'https://0x7f.1/',
      'https://2130706433/',
    ],
    ...['https://127.1/', 'https://[::ffff:127.0.0.1]/', 'http://example.org/', 'ftp://a.example/'],
    ...['https://user:pass@a.example/', 'nonsense'],
  ])('%s is refused', async (url) => {
    const outcome = await call(url);
    expect(outcome.kind).toBe('refused');
    expect(JSON.stringify(outcome)).not.toContain('pass@');
  });

  test('a name that leads to a private address is refused, whatever it said before', async () => {
    const outcome = await call('https://rebind.example/', {
      resolve: Object.assign(
        (_: unknown, __: unknown, done: unknown) => {
          if (typeof done === 'function') done(null, [{ address: '127.0.0.1', family: 4 }]);
        },
        { __promisify__: undefined },
      ) as unknown as NonNullable<WebhookCall['resolve']>,
    });
    expect(outcome).toEqual({
      kind: 'refused',
      reason: 'rebind.example is 127.0.0.1, no public address',
    });
  });
});

describe('answers', () => {
  let server: Server;
  let port: number;
  let seen: number;
  let answer: (attempt: number) => {
    status: number;
    headers?: Record<string, string>;
    body?: string;
  };
  beforeEach(async () => {
    seen = 0;
    server = createServer((request, response) => {
      request.resume();
      seen += 1;
      const { status, headers = {}, body = '' } = answer(seen);
      response.writeHead(status, headers);
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => {
    server.close();
  });
  const ask = () =>
    call(`http://127.0.0.1:${port}/x?token=secret`, { privateHosts: ['127.0.0.1'] });

  test('success', async () => {
    answer = () => ({ status: 200, body: 'ok' });
    expect(await ask()).toEqual({ kind: 'done', evidence: `127.0.0.1:${port} answered 200` });
  });
  test('a redirect is told, and not followed', async () => {
    answer = () => ({ status: 302, headers: { location: 'http://127.0.0.1/latest' } });
    expect(await ask()).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('a redirect to 127.0.0.1, which is not followed') as string,
    });
    expect(seen).toBe(1);
  });
  test('a refusal is final', async () => {
    answer = () => ({ status: 403 });
    expect(await ask()).toMatchObject({ kind: 'refused' });
    expect(seen).toBe(1);
  });
  test('a busy server is asked five times, and as late as it wants', async () => {
    answer = () => ({ status: 429, headers: { 'retry-after': '2' } });
    expect(await ask()).toMatchObject({ kind: 'failed', retryAfterMs: 2000 });
    expect(seen).toBe(5);
  });
  test('it may get well', async () => {
    answer = (attempt) => ({ status: attempt < 3 ? 503 : 204 });
    expect((await ask()).kind).toBe('done');
  });
  test('an endless answer is not read', async () => {
    answer = () => ({ status: 200, body: 'x'.repeat(1_000_000) });
    expect((await ask()).kind).toBe('done');
  });
  test('nobody there, and no secret in the words', async () => {
    server.close();
    const outcome = await ask();
    expect(outcome.kind).toBe('failed');
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });
});
