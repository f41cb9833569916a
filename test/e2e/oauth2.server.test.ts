/** OAuth 2.0 on a real server that asks the provider about each token. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { takeSnapshot } from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { startTcpProxy } from '../servers/tcp-proxy.ts';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { authAt, browse, find, renewals, signInByBrowser, signInByCode } from './oauth2.ts';
import { makeOffice } from './office.ts';
import { makeWorkplace, sentCommands, type Workplace } from './program.ts';

const RULES = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ { move: CI, create: true } ]
`;
const BUILD = 'From: ci@build.example\r\nSubject: failed\r\nX-Test-Id: build\r\n\r\nlog\r\n';

const ENV = { CLIENT_SECRET: 'not-for-argv' };

let provider: OpenIdProvider;
let server: Dovecot;

beforeAll(async () => {
  provider = await startOpenIdProvider({ clientSecret: 'not-for-argv' });
  const introspection = `${provider.issuer}/introspect`;
  server = await startDovecot('oauth2', { introspection, mechanisms: ['xoauth2', 'oauthbearer'] });
});
afterAll(async () => {
  await server?.stop();
  await provider?.close();
});

/** A workplace whose person is the one who signs in. */
function workplace(port = server.port): { place: Workplace; user: string } {
  const user = server.newUser();
  Object.assign(provider.settings, { user, refusal: null, broken: null, rotates: true });
  const password = server.password;
  const place = makeWorkplace({
    server: { port, password },
    user,
    rules: RULES,
    auth: authAt(provider),
    env: ENV,
  });
  return { place, user };
}

async function deliver(user: string): Promise<void> {
  const client = await openPlainImap({ port: server.port, user, password: server.password });
  await client.append('INBOX', [{ raw: BUILD, flags: [], internalDate: new Date() }]);
  await client.close();
}

async function filed(user: string): Promise<number> {
  const seen = await takeSnapshot({ port: server.port, user, password: server.password });
  return seen.get('CI')?.length ?? 0;
}

describe('signing in', () => {
  test('by a code: nothing runs before, everything after, and status tells of it', async () => {
    const { place, user } = workplace();
    await deliver(user);
    const before = await place.run('run', '--yes');
    expect(before.exit).toBe(10);
    expect(before.stderr).toContain('hint: sign in: mailwright auth office');
    provider.settings.refreshLifeSeconds = 3 * 86_400;
    const { exit, stdout } = await signInByCode(place, provider);
    provider.settings.refreshLifeSeconds = null;
    expect([exit, stdout]).toEqual([0, expect.stringContaining(`as ${user}, 6 mailboxes`)]);
    const run = await place.run('run', '--yes', '--trace');
    expect([run.exit, await filed(user)]).toEqual([0, 1]);
    expect(run.stderr).toContain('AUTHENTICATE OAUTHBEARER "(* value hidden *)"');
    // Three days are less than a week.
    expect(run.stderr).toContain('the sign-in ends at');
    const status = await place.run('status');
    expect(status.stdout).toMatch(
      /signed in with http:\S+, access until 20\S+Z; renewed by itself until 20/,
    );
    expect(status.stdout).toContain('warning: the sign-in ends at');
    place.remove();
  });

  test('in a browser, which nobody else can take part in', async () => {
    const { place, user } = workplace();
    await deliver(user);
    const ended = await signInByBrowser(place, async (page) => {
      const back = new URL(page).searchParams.get('redirect_uri') ?? '';
      expect((await fetch(`${back}?code=guessed&state=guessed`)).status).toBe(400);
      await browse(page);
    });
    expect([ended.exit, ended.stderr]).toEqual([0, expect.stringContaining('Open this page')]);
    expect((await place.run('run', '--yes')).exit).toBe(0);
    expect(await filed(user)).toBe(1);
    place.remove();
  });

  test('as somebody else than the account is refused by the server, with what to do', async () => {
    const { place, user } = workplace();
    provider.settings.user = 'somebody-else';
    const { exit, stderr } = await signInByCode(place, provider);
    expect(exit).toBe(10);
    expect(stderr).toContain(`check that "${user}" is who gave consent and may use IMAP`);
    place.remove();
  });

  test('can be forgotten, here and at the provider', async () => {
    const { place } = workplace();
    await signInByCode(place, provider);
    const forgotten = await place.run('auth', 'office', '--forget', '--json');
    expect(JSON.parse(forgotten.stdout)).toMatchObject({ hadTokens: true, revoked: 'yes' });
    const access = provider.issued.filter((each) => each.includes('-access-'));
    expect(provider.isActive(access.at(-1) ?? '')).toBe(false);
    expect((await place.run('plan')).exit).toBe(10);
    expect((await place.run('auth', 'office', '--forget')).stdout).toContain(
      'there was no sign-in',
    );
    place.remove();
  });

  test('a person who says no, and one who gives up, leave nothing behind', async () => {
    const { place } = workplace();
    const refused = place.start('auth', 'office');
    provider.decide((await find(refused, /enter the code (\S+)/)) ?? '', false);
    expect((await refused.ended).exit).toBe(10);
    const left = place.start('auth', 'office', '--browser');
    await find(left, /(Ctrl-C gives up)/);
    left.child.kill('SIGINT');
    expect((await left.ended).exit).toBe(130);
    expect((await place.run('status')).stdout).toContain('nobody has signed in yet');
    place.remove();
  });
});

test('of several processes that are refused the same token one renews it, for all', async () => {
  const { place } = workplace();
  expect((await signInByCode(place, provider)).exit).toBe(0);
  const before = renewals(provider);
  provider.endAccess();
  const plans = await Promise.all([1, 2, 3, 4].map(() => place.run('plan')));
  expect(plans.map(({ exit }) => exit)).toEqual([0, 0, 0, 0]);
  expect(renewals(provider) - before).toBe(1);
  place.remove();
});

test('a server with XOAUTH2 alone is shown that, and its refusal is answered and told', async () => {
  const introspection = `${provider.issuer}/introspect`;
  const old = await startDovecot('oauth2', { introspection, mechanisms: ['xoauth2'] });
  const { place } = workplace(old.port);
  expect((await signInByCode(place, provider)).exit).toBe(0);
  provider.endAccess();
  const { exit, stderr } = await place.run('plan', '--trace');
  expect(exit).toBe(0);
  expect(stderr).toContain('AUTHENTICATE XOAUTH2 "(* value hidden *)"');
  // The challenge of the refused token, and the empty line that ends the exchange.
  expect(stderr).toMatch(/office S: \+ \S+\noffice C: \noffice S: 2 NO \[AUTHENTICATIONFAILED\]/);
  provider.endAccess();
  provider.settings.refusal = 'invalid_grant';
  const ended = await place.run('plan');
  expect([ended.exit, ended.stderr]).toEqual([
    10,
    expect.stringContaining('mailwright auth office'),
  ]);
  place.remove();
  await old.stop();
});

test('a server that takes no tokens is told apart from one that refuses them', async () => {
  const plain = await startDovecot('modern');
  const { place } = workplace(plain.port);
  const { exit, stderr } = await signInByCode(place, provider);
  expect(exit).toBe(10);
  expect(stderr).toContain('it offers neither OAUTHBEARER nor XOAUTH2');
  expect(sentCommands(stderr)).toEqual([]);
  place.remove();
  await plain.stop();
});

test('2,000 messages, whose token ends in the middle while the wire is cut: renewed once, all is right', async () => {
  const wire = await startTcpProxy(server.port);
  Object.assign(provider.settings, { refusal: null, broken: null });
  const office = await makeOffice(server, {
    seed: 7,
    port: wire.port,
    auth: authAt(provider),
    env: ENV,
  });
  provider.settings.user = office.user;
  expect((await signInByCode(office.place, provider)).exit).toBe(0);
  const before = renewals(provider);
  let wasCut = false;
  const ending = await office.run((_, count) => {
    if (count !== 20) return;
    wasCut = true;
    provider.endAccess();
    wire.cut();
  });
  expect([wasCut, ending.exit, ending.complaints]).toEqual([true, 0, '']);
  expect(renewals(provider) - before).toBe(1);
  expect(await office.check()).toEqual([]);
  office.remove();
  await wire.close();
});
