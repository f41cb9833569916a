import { afterEach, describe, expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import { secret } from '../../src/core/secret.ts';
import { type ForwardRequest, forwardMessage, type SmtpServer } from '../../src/effects/forward.ts';
import { forwardedMark } from '../../src/effects/why-not-forward.ts';
import { createHeaders } from '../../src/mime/parse-headers.ts';
import {
  type SmtpOptions,
  type SmtpServerModel,
  type SmtpStage,
  startSmtpServer,
} from '../support/smtp-server.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const RAW = 'From: shop@shop.example\r\nSubject: Order\r\n\r\nHello\r\n.dot\r\n';

const servers: SmtpServerModel[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(options: SmtpOptions = {}): Promise<SmtpServerModel> {
  const server = await startSmtpServer(options);
  servers.push(server);
  return server;
}

function request(
  server: SmtpServerModel,
  more: Partial<SmtpServer> = {},
  raw: string | Buffer = RAW,
): ForwardRequest {
  const octets = Buffer.from(raw);
  return {
    smtp: {
      host: '127.0.0.1',
      port: server.port,
      tls: 'none',
      user: 'me',
      login: { kind: 'password', secret: secret('pa55word') },
      quietMs: 2000,
      ...more,
    },
    account: accountId('home'),
    own: ['me@home.example'],
    to: 'friend@else.example',
    raw: octets,
    headers: createHeaders(octets.subarray(0, octets.indexOf('\r\n\r\n') + 4), 'all'),
    nowMs: NOW_MS,
  };
}

describe('a forwarded message', () => {
  test('has its octets unchanged under a block of Resent fields', async () => {
    const server = await serve();
    const asked = request(server);
    const outcome = await forwardMessage(asked);
    expect(outcome).toMatchObject({
      kind: 'done',
      evidence: `127.0.0.1:${server.port} took it for friend@else.example: 250 2.0.0 queued as 1`,
    });
    expect(server.messages).toHaveLength(1);
    const [block = '', ...rest] = (server.messages[0] ?? '').split('From: shop');
    expect(`From: shop${rest.join('From: shop')}`).toBe(RAW);
    expect(block.split('\r\n')).toEqual([
      'Resent-From: <me@home.example>',
      'Resent-To: <friend@else.example>',
      'Resent-Date: Fri, 02 Jan 2026 03:04:05 +0000',
      expect.stringMatching(/^Resent-Message-ID: <[0-9a-f]{32}\.resent@home\.example>$/),
      `X-Mailwright-Forwarded: ${forwardedMark(asked)}`,
      '',
    ]);
    expect(server.commands.slice(1, 4)).toEqual([
      'AUTH PLAIN |me|pa55word',
      'MAIL FROM:<me@home.example>',
      'RCPT TO:<friend@else.example>',
    ]);
  });

  test('that comes back is not sent on again', async () => {
    const server = await serve();
    await forwardMessage(request(server));
    const back = await forwardMessage(request(server, {}, server.messages[0] ?? ''));
    expect(back).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('forwarded it before'),
    });
    expect(server.messages).toHaveLength(1);
  });

  test('has the same Resent-Message-ID each time, whenever it is sent', async () => {
    const server = await serve();
    await forwardMessage(request(server));
    await forwardMessage({ ...request(server), nowMs: NOW_MS + 60_000 });
    const ids = server.messages.map((text) => /Resent-Message-ID: (.*)\r/.exec(text)?.[1]);
    expect(ids[0]).toBeDefined();
    expect(ids[0]).toBe(ids[1]);
  });

  test.each(['\n.\n', '\r.\r', '\n.\r\n', '\r\n.\r\n', '\r\n.\n'])(
    'cannot end its transfer early with %j',
    async (end) => {
      const server = await serve();
      const raw = `${RAW}x${end}MAIL FROM:<evil@x>\r\n`;
      expect((await forwardMessage(request(server, {}, raw))).kind).toBe('done');
      expect(server.messages).toHaveLength(1);
      expect(server.messages[0]).toContain('MAIL FROM:<evil@x>');
      expect(server.commands.filter((line) => line.includes('evil'))).toEqual([]);
    },
  );

  test('of many octets of any value arrives whole', async () => {
    const server = await serve();
    const body = Buffer.alloc(300_000, '0123456789äöü\r\n');
    const raw = Buffer.concat([Buffer.from(RAW), body, Buffer.from('\r\n')]);
    expect((await forwardMessage(request(server, {}, raw))).kind).toBe('done');
    expect(server.messages[0]?.endsWith(raw.toString('latin1'))).toBe(true);
  });
});

describe('what the server says', () => {
  test.each<[SmtpStage, string, string, boolean | undefined]>([
    ['greeting', '554 no service', 'refused', undefined],
    ['greeting', '421 too busy', 'failed', true],
    ['greeting', 'cut', 'failed', true],
    ['EHLO', '421 closing', 'failed', true],
    ['EHLO', 'cut', 'failed', true],
    ['AUTH', '535 5.7.8 wrong password', 'refused', undefined],
    ['AUTH', '454 4.7.0 later', 'failed', true],
    ['AUTH', 'cut', 'failed', true],
    ['MAIL', '550 not you', 'refused', undefined],
    ['MAIL', '451 later', 'failed', true],
    ['MAIL', 'cut', 'failed', true],
    ['RCPT', '550 5.1.1 nobody', 'refused', undefined],
    ['RCPT', '450 4.2.1 greylisted', 'failed', true],
    ['RCPT', 'cut', 'failed', true],
    ['DATA', '554 no', 'refused', undefined],
    ['DATA', '451 later', 'failed', true],
    ['DATA', 'cut', 'failed', true],
    ['end', '554 5.7.1 spam', 'refused', undefined],
    ['end', '452 4.3.1 full', 'failed', true],
    ['end', 'cut', 'unknown', undefined],
  ])('at %s, %j, is %s', async (stage, reply, kind, retry) => {
    const server = await serve({ replies: { [stage]: reply } });
    const outcome = await forwardMessage(request(server));
    expect(outcome.kind).toBe(kind);
    if (outcome.kind === 'failed') expect(outcome.retry).toBe(retry);
    if (reply !== 'cut') expect(JSON.stringify(outcome)).toContain(reply);
  });

  test('nothing after the last octet leaves the outcome unknown', async () => {
    const server = await serve({ replies: { end: '' } });
    const outcome = await forwardMessage(request(server, { quietMs: 150 }));
    expect(outcome).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('may have been delivered'),
    });
    expect(server.messages).toHaveLength(1);
  });

  test('nothing in the middle of a message is a failure to retry', async () => {
    const server = await serve({ replies: { middle: 'cut' } });
    const raw = RAW + `${'x'.repeat(998)}\r\n`.repeat(20_000);
    const outcome = await forwardMessage(request(server, {}, raw));
    expect(outcome).toMatchObject({ kind: 'failed', retry: true });
    expect(server.messages).toEqual([]);
  });

  test('is told without the password that it quotes, and without control characters', async () => {
    const quoted = Buffer.from('\u0000me\u0000pa55word').toString('base64');
    const server = await serve({
      replies: { AUTH: `535 pa55word ${quoted} \u001b[31m ${'x'.repeat(900)}` },
    });
    const outcome = await forwardMessage(request(server));
    expect(outcome.kind).toBe('refused');
    const reason = outcome.kind === 'refused' ? outcome.reason : '';
    expect(reason).not.toMatch(/pa55word|\p{Cc}/u);
    expect(reason).not.toContain(quoted);
    expect(reason.length).toBeLessThan(250);
  });
});

describe('the connection', () => {
  test('to nobody is a failure to retry', async () => {
    const server = await serve();
    await server.close();
    expect(await forwardMessage(request(server))).toMatchObject({ kind: 'failed', retry: true });
  });

  test.each(['implicit', 'starttls'] as const)('with TLS (%s) is verified', async (tls) => {
    const server = await serve({ tls });
    const ca = TEST_CERTIFICATE.cert;
    const host = 'localhost';
    expect(await forwardMessage(request(server, { tls, ca, host }))).toMatchObject({
      kind: 'done',
    });
    expect(server.messages).toHaveLength(1);
    const outcome = await forwardMessage(request(server, { tls, host }));
    expect(outcome).toMatchObject({ kind: 'failed', retry: false });
    expect(server.messages).toHaveLength(1);
    expect(server.commands.filter((line) => line.startsWith('AUTH'))).toHaveLength(1);
  });

  test('without the STARTTLS that was asked for sends no password', async () => {
    const server = await serve();
    const outcome = await forwardMessage(request(server, { tls: 'starttls' }));
    expect(['refused', 'failed']).toContain(outcome.kind);
    expect(server.commands.filter((line) => line.startsWith('AUTH'))).toEqual([]);
    expect(server.messages).toEqual([]);
  });

  test('without encryption goes to this machine only', async () => {
    const server = await serve();
    const outcome = await forwardMessage(request(server, { host: 'smtp.example.test' }));
    expect(outcome).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('without encryption'),
    });
  });

  test('to a server without AUTH takes no mail under nobody’s name', async () => {
    const server = await serve({ extensions: [], replies: { AUTH: '502 what' } });
    expect((await forwardMessage(request(server))).kind).toBe('refused');
    expect(server.messages).toEqual([]);
  });

  test('with an access token shows that, and hides it where the server repeats it', async () => {
    const login = { kind: 'token', secret: secret('canary-token') } as const;
    const extensions = ['AUTH XOAUTH2'];
    const server = await serve({ extensions });
    expect((await forwardMessage(request(server, { login }))).kind).toBe('done');
    const shown = Buffer.from('user=me\u0001auth=Bearer canary-token\u0001\u0001').toString(
      'base64',
    );
    expect(server.commands.some((line) => line.startsWith('AUTH XOAUTH2'))).toBe(true);
    const unkind = await serve({ extensions, replies: { AUTH: `535 no: canary-token ${shown}` } });
    const outcome = await forwardMessage(request(unkind, { login }));
    expect(outcome.kind).toBe('refused');
    expect(JSON.stringify(outcome)).not.toContain('canary-token');
    expect(JSON.stringify(outcome)).not.toContain(shown);
  });

  test('without a login sends as nobody', async () => {
    const server = await serve();
    expect((await forwardMessage(request(server, { login: { kind: 'none' } }))).kind).toBe('done');
    expect(server.commands.filter((line) => line.startsWith('AUTH'))).toEqual([]);
  });
});

test.each(['', 'nobody', 'a@b@c', 'a b@c.example', 'a@b.example>\r\nDATA', '<a@b>', 'ä@b.example'])(
  'the target %j is refused',
  async (to) => {
    const server = await serve();
    expect((await forwardMessage({ ...request(server), to })).kind).toBe('refused');
    expect(server.commands).toEqual([]);
  },
);
