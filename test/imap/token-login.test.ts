/** Logging in with access tokens: which mechanism, what a refusal leads to, and what is never shown. */
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { AccessTokens, Account } from '../../src/accounts/account.ts';
import { googleClient } from '../../src/accounts/oauth2/providers.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { secret } from '../../src/core/secret.ts';
import { openSession } from '../../src/imap/connect.ts';
import {
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../support/scripted-imap-server.ts';

const FIRST = 'canary-first-token';
const SECOND = 'canary-second-token';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const xoauth2 = (token: string): string => base64(`user=ann\u0001auth=Bearer ${token}\u0001\u0001`);
/** What a provider tells with its refusal (RFC 7628 §3.2.3). */
const CHALLENGE = `+ ${base64('{"status":"401","schemes":"bearer"}')}`;

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const offering = (...names: readonly string[]): Script => ({
  CAPABILITY: [`* CAPABILITY IMAP4rev1 NAMESPACE ${names.join(' ')}`, 'TAG OK done'],
});

async function logIn(script: Script, user = 'ann') {
  server = await startScriptedServer(script);
  const { account, received } = server;
  const renewed: string[] = [];
  const tokens: AccessTokens = {
    file: 'nowhere',
    current: async () => secret(FIRST),
    renew: async (refused) => {
      renewed.push(refused.reveal());
      return secret(SECOND);
    },
    expiry: async () => null,
    keep: async () => {},
    forget: async () => null,
  };
  const facts = { clientId: 'c', clientSecret: null, scopes: null, sends: false };
  const signIn: Account['signIn'] = { kind: 'oauth2', client: googleClient(facts), tokens };
  const events: AppEvent[] = [];
  const emit = (event: AppEvent): void => void events.push(event);
  const options = { mode: 'read', emit, trace: true } as const;
  const session = await openSession({ ...account, user, signIn }, options)
    .login()
    .catch((error: unknown) => error);
  if (typeof session === 'object' && session !== null && 'destroy' in session) {
    if (typeof session.destroy === 'function') session.destroy();
  }
  const attempts = received.filter((line) => line.startsWith('AUTHENTICATE'));
  return { session, renewed, attempts, received, shown: inspect([session, events], { depth: 9 }) };
}

describe('the mechanism', () => {
  test('is OAUTHBEARER where the server has it, for this host and port', async () => {
    const { attempts, renewed, received } = await logIn(
      { ...offering('SASL-IR', 'AUTH=XOAUTH2', 'AUTH=OAUTHBEARER'), AUTHENTICATE: ['TAG OK in'] },
      'a,b=c@own.example',
    );
    const said = Buffer.from(attempts[0]?.split(' ')[2] ?? '', 'base64').toString();
    // RFC 7628 §3.1, with the name escaped as in RFC 5801 §4.
    expect(said.split('\u0001')).toEqual([
      'n,a=a=2Cb=3Dc@own.example,',
      'host=127.0.0.1',
      expect.stringMatching(/^port=\d+$/),
      `auth=Bearer ${FIRST}`,
      '',
      '',
    ]);
    expect([attempts.length, renewed]).toEqual([1, []]);
    expect(received.join()).not.toContain('LOGIN');
  });

  test('is XOAUTH2 else, on a line of its own without SASL-IR', async () => {
    const { attempts, received } = await logIn({
      ...offering('AUTH=XOAUTH2', 'AUTH=PLAIN'),
      AUTHENTICATE: ['+ '],
      [xoauth2(FIRST).toUpperCase()]: ['IDLETAG OK in'],
    });
    expect(attempts).toEqual(['AUTHENTICATE XOAUTH2']);
    expect(received).toContain(xoauth2(FIRST));
  });

  test('is none where the server takes no tokens: nothing is sent, nothing renewed', async () => {
    const { session, attempts, renewed } = await logIn(offering('AUTH=PLAIN', 'SASL-IR'));
    expect(session).toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(String(session)).toContain('it offers neither OAUTHBEARER nor XOAUTH2');
    expect([attempts, renewed]).toEqual([[], []]);
  });
});

describe('a token that is refused', () => {
  test('is renewed once, and the login goes on; its challenge is answered', async () => {
    const { session, attempts, renewed, received } = await logIn({
      ...offering('SASL-IR', 'AUTH=XOAUTH2'),
      [`AUTHENTICATE XOAUTH2 ${xoauth2(FIRST)}`.toUpperCase()]: [CHALLENGE],
      '': ['IDLETAG NO [AUTHENTICATIONFAILED] Invalid credentials'],
      [`AUTHENTICATE XOAUTH2 ${xoauth2(SECOND)}`.toUpperCase()]: ['TAG OK in'],
    });
    expect(session).toMatchObject({ state: 'authenticated' });
    expect([attempts.length, renewed]).toEqual([2, [FIRST]]);
    expect(received.filter((line) => line === '')).toHaveLength(1);
  });

  test('a second time ends it, whatever the server repeats of it in its words', async () => {
    const forms = (token: string) => [token, base64(token), xoauth2(token)];
    const refusal = (echo: readonly string[]) => [
      `IDLETAG NO [AUTHENTICATIONFAILED] no: ${echo.join(' ')}`,
    ];
    const { session, attempts, renewed, shown } = await logIn({
      ...offering('SASL-IR', 'AUTH=XOAUTH2'),
      AUTHENTICATE: [CHALLENGE],
      // It remembers what it was shown before.
      '': [refusal(forms(FIRST)), refusal([...forms(FIRST), ...forms(SECOND)])],
    });
    expect(session).toMatchObject({ code: 'LOGIN_REFUSED', facts: { signIn: 'oauth2' } });
    expect([attempts.length, renewed]).toEqual([2, [FIRST]]);
    expect(shown).toContain('(* value hidden *)');
    for (const form of [...forms(FIRST), ...forms(SECOND)]) expect(shown).not.toContain(form);
  });

  test.each(['[UNAVAILABLE] later', '[LIMIT] too many', '[SERVERBUG] sorry'])(
    'is not meant by NO %s: nothing is renewed',
    async (said) => {
      const { session, renewed } = await logIn({
        ...offering('SASL-IR', 'AUTH=OAUTHBEARER'),
        AUTHENTICATE: [`TAG NO ${said}`],
      });
      expect(session).toMatchObject({ name: 'AppError' });
      expect(session).not.toMatchObject({ code: 'LOGIN_REFUSED' });
      expect(renewed).toEqual([]);
    },
  );
});
