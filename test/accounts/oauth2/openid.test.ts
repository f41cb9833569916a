/** The questions for a provider, against one on this machine. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { OAuthClient } from '../../../src/accounts/account.ts';
import { isEndpoint } from '../../../src/accounts/oauth2/endpoint-fetch.ts';
import { openProvider } from '../../../src/accounts/oauth2/openid.ts';
import { issuerClient } from '../../../src/accounts/oauth2/providers.ts';
import { openRedirect } from '../../../src/accounts/oauth2/redirect.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { secret } from '../../../src/core/secret.ts';
import { startWebServer } from '../../support/web-server.ts';
import { HOME, provide } from './support.ts';

const never = new AbortController().signal;
const open = (client: OAuthClient) => openProvider(HOME, client, systemClock);

/** What a browser does on a machine whose owner agrees. */
async function browse(url: string): Promise<Response> {
  const consent = await fetch(url, { redirect: 'manual' });
  return await fetch(consent.headers.get('location') ?? '');
}

async function signInByPage(client: OAuthClient) {
  const redirect = await openRedirect(client.redirectHost, 0);
  onTestFinished(() => redirect.close());
  const page = await open(client).browserPage(redirect.uri);
  const back = redirect.wait(page.state, never);
  const answer = await browse(page.url);
  return { page, redirected: await back, redirect, answer };
}

describe('in a browser', () => {
  test.each([null, 'a client secret'])('a person signs in (client secret: %s)', async (text) => {
    const { provider, client } = await provide({ clientSecret: text, refreshLifeSeconds: 86_400 });
    const { page, redirected, answer } = await signInByPage(client);
    expect(page.url).toContain('code_challenge_method=S256');
    expect(await answer.text()).toContain('You can close this window');
    const given = await page.finish(redirected);
    expect(provider.isActive(given.accessToken.reveal())).toBe(true);
    expect(given.refreshToken).not.toBeNull();
    expect((given.refreshUntilMs ?? 0) - Date.now()).toBeGreaterThan(86_000_000);
  });

  test('what comes without the right state is turned away, and the wait goes on', async () => {
    const { client } = await provide();
    const redirect = await openRedirect(client.redirectHost, 0);
    onTestFinished(() => redirect.close());
    const page = await open(client).browserPage(redirect.uri);
    const back = redirect.wait(page.state, never);
    for (const path of ['?code=stolen', '?code=stolen&state=guessed', 'elsewhere?state=x']) {
      expect((await fetch(`${redirect.uri}${path}`)).status).toBe(400);
    }
    const posted = await fetch(`${redirect.uri}?code=x&state=${page.state}`, { method: 'POST' });
    expect(posted.status).toBe(400);
    await browse(page.url);
    expect((await back).searchParams.get('code')).toContain('tok-code-');
  });

  test('a code of another sign-in is not taken: the proof of the key is missing', async () => {
    const { client } = await provide();
    const first = await signInByPage(client);
    const second = await signInByPage(client);
    const mixed = new URL(first.redirected);
    mixed.searchParams.set('code', second.redirected.searchParams.get('code') ?? '');
    await expect(first.page.finish(mixed)).rejects.toMatchObject({ code: 'SIGN_IN_NEEDED' });
  });

  test('a person who says no is told so', async () => {
    const { client } = await provide({ refusal: 'access_denied' });
    const { page, redirected } = await signInByPage(client);
    const refused = { code: 'SIGN_IN_NEEDED', message: expect.stringContaining('access_denied') };
    await expect(page.finish(redirected)).rejects.toMatchObject(refused);
  });

  test('who gives up waits no longer', async () => {
    const redirect = await openRedirect('127.0.0.1', 0);
    onTestFinished(() => redirect.close());
    const stop = new AbortController();
    const waiting = redirect.wait('state', stop.signal);
    stop.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    const port = Number(new URL(redirect.uri).port);
    await expect(openRedirect('127.0.0.1', port)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('by a code', () => {
  test('a person signs in on another machine', async () => {
    const { provider, client } = await provide();
    const device = await open(client).deviceCode();
    expect(device?.url).toBe(`${provider.issuer}/activate`);
    const waiting = device?.wait(never);
    provider.decide(device?.code ?? '', true);
    expect(provider.isActive((await waiting)?.accessToken.reveal() ?? '')).toBe(true);
  });

  test('a person who says no is told so', async () => {
    const { provider, client } = await provide();
    const device = await open(client).deviceCode();
    provider.decide(device?.code ?? '', false);
    await expect(device?.wait(never)).rejects.toThrow('consent was not given (access_denied)');
  });

  test('a provider without codes has none', async () => {
    const { client } = await provide({ hasDevice: false });
    expect(await open(client).deviceCode()).toBeNull();
  });
});

async function signedIn(settings: Parameters<typeof provide>[0] = {}) {
  const { provider, client } = await provide(settings);
  const { page, redirected } = await signInByPage(client);
  const given = await page.finish(redirected);
  return { provider, client, given, refreshToken: given.refreshToken ?? secret('') };
}

describe('renewing', () => {
  test('gives new tokens, and the old refresh token is worthless', async () => {
    const { provider, client, given, refreshToken } = await signedIn();
    const renewed = await open(client).refresh(refreshToken);
    expect(renewed.accessToken.reveal()).not.toBe(given.accessToken.reveal());
    const again = await open(client)
      .refresh(refreshToken)
      .catch((error: unknown) => error);
    expect(again).toMatchObject({ code: 'SIGN_IN_NEEDED' });
    // The provider repeats the token in its words; we do not.
    expect(String(again)).toContain('Token ••• was used before');
    expect(provider.isActive(renewed.accessToken.reveal())).toBe(false);
  });

  test.each([
    ['invalid_grant', 'SIGN_IN_NEEDED', 'has ended or was withdrawn'],
    ['invalid_client', 'SIGN_IN_NEEDED', 'clientId'],
    ['invalid_scope', 'SIGN_IN_NEEDED', 'scopes'],
    ['interaction_required', 'SIGN_IN_NEEDED', 'interaction_required'],
    ['temporarily_unavailable', 'SERVER_UNREACHABLE', 'temporarily_unavailable'],
  ])('refused with %s is %s', async (refusal, code, text) => {
    const { provider, client, refreshToken } = await signedIn();
    provider.settings.refusal = refusal;
    const message = expect.stringContaining(text);
    await expect(open(client).refresh(refreshToken)).rejects.toMatchObject({ code, message });
  });

  test.each([
    [500, 'SERVER_UNREACHABLE'],
    [503, 'SERVER_UNREACHABLE'],
    [429, 'SERVER_BUSY'],
    [404, 'SERVER_UNREACHABLE'],
  ])('answered with status %i is %s: the sign-in itself is well', async (status, code) => {
    const { provider, client, refreshToken } = await signedIn();
    provider.settings.broken = status;
    await expect(open(client).refresh(refreshToken)).rejects.toMatchObject({ code });
  });

  test('with nobody there is SERVER_UNREACHABLE', async () => {
    const { provider, client, refreshToken } = await signedIn();
    await provider.close();
    const error = {
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('nothing listens'),
    };
    await expect(open(client).refresh(refreshToken)).rejects.toMatchObject(error);
  });
});

test('a sign-in that is revoked is over at the provider', async () => {
  const { provider, client, given, refreshToken } = await signedIn();
  expect(await open(client).revoke(refreshToken)).toBe(true);
  expect(provider.isActive(given.accessToken.reveal())).toBe(false);
});

describe('a provider that is not what it should be', () => {
  test.each([
    ['https://login.example/token', false, true],
    ['http://login.example/token', false, false],
    ['http://login.example/token', true, false],
    ['http://127.0.0.1:1/token', true, true],
    ['http://127.0.0.1:1/token', false, false],
    ['http://127.0.0.1.evil.example/token', true, false],
    ['ftp://127.0.0.1/token', true, false],
    ['no address', true, false],
  ])('%s is asked (this machine allowed: %s): %s', (url, here, expected) => {
    expect(isEndpoint(url, here)).toBe(expected);
  });

  const json = { 'content-type': 'application/json' };
  const cases: [string, (address: string) => Answer, string][] = [
    ['sends us on', () => [302, { location: 'http://127.0.0.1:9/' }, ''], 'another address'],
    ['never ends its answer', () => [200, json, 'x'.repeat(300_000)], 'too large'],
    ['answers with a page', () => [200, { 'content-type': 'text/html' }, '<p>'], 'content-type'],
    [
      'names an endpoint without TLS on another machine',
      (issuer) => [200, json, JSON.stringify({ issuer, token_endpoint: 'http://login.example/t' })],
      'no https:// address',
    ],
    [
      'calls itself by another name',
      () => [200, json, JSON.stringify({ issuer: 'https://other.example' })],
      'issuer',
    ],
  ];
  test.each(cases)('%s: nothing goes there', async (_, answer, text) => {
    let issuer = '';
    const server = await startWebServer([
      (response) => {
        const [status, headers, body] = answer(issuer);
        response.writeHead(status, headers).end(body);
      },
    ]);
    onTestFinished(() => server.close());
    issuer = `http://127.0.0.1:${server.port}`;
    await expect(refreshAt(issuer)).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining(text),
    });
    expect(JSON.stringify(server.seen)).not.toContain('canary');
  });

  test.each([
    ['a page without TLS', 'http://login.example/', 'A1', 'it names a page without https://'],
    ['what is no address', 'see below', 'A1', 'Invalid URL'],
  ])('sends a person to %s: that is not shown', async (_, page, code, text) => {
    await expect(codeFrom(page, code)).rejects.toThrow(text);
  });

  test('has escape sequences in its code: they do not reach the terminal', async () => {
    const device = await codeFrom('https://login.example/\u001b[2J', 'A1\u001b]0;x\u0007B2');
    expect(device).toMatchObject({ url: 'https://login.example/%1B[2J', code: 'A1 ]0;x B2' });
  });

  test('has a certificate that nobody vouches for: nothing is sent', async () => {
    const server = await startWebServer([(response) => response.end('{}')], { tls: true });
    onTestFinished(() => server.close());
    const error = { code: 'SERVER_UNREACHABLE', message: expect.stringContaining('certificate') };
    await expect(refreshAt(`https://localhost:${server.port}`)).rejects.toMatchObject(error);
    expect(server.seen).toEqual([]);
  });
});

type Answer = [status: number, headers: Record<string, string>, body: string];

/** A provider that asks for such a code at such a page. */
async function codeFrom(verification_uri: string, user_code: string) {
  let issuer = '';
  const server = await startWebServer([
    (response, { path }) => {
      const body = path.startsWith('/.well-known')
        ? { issuer, device_authorization_endpoint: `${issuer}/device` }
        : { device_code: 'd', user_code, verification_uri, expires_in: 60 };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
  ]);
  onTestFinished(() => server.close());
  issuer = `http://127.0.0.1:${server.port}`;
  const facts = { clientId: 'c', clientSecret: null, scopes: [], sends: false };
  return await open(issuerClient({ ...facts, issuer })).deviceCode();
}

async function refreshAt(issuer: string) {
  const facts = { clientId: 'c', clientSecret: null, scopes: [], sends: false };
  return await open(issuerClient({ ...facts, issuer })).refresh(secret('canary'));
}
