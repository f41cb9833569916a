/** An account that signs in at the tests' own provider, with the program as its users have it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenIdProvider } from '../support/openid-provider.ts';
import type { Ended, Workplace } from './program.ts';

/** `auth:` for a client of the provider. */
export function authAt({ issuer, settings }: OpenIdProvider): string {
  const secret = settings.clientSecret === null ? '' : ', clientSecret: { env: CLIENT_SECRET }';
  return `{ oauth2: { issuer: "${issuer}", clientId: ${settings.clientId}${secret}, scopes: [mail, offline_access] } }`;
}

/** Runs `auth` with a person who agrees, on another machine, by a code. */
export async function signInByCode(
  place: Workplace,
  provider: OpenIdProvider,
  account = 'office',
  ...more: readonly string[]
): Promise<Ended> {
  const program = place.start('auth', account, ...more);
  const code = await find(program, /enter the code (\S+)/);
  if (code !== null) provider.decide(code, true);
  return await program.ended;
}

/** The same in a browser on this machine; `agree` opens the page. */
export async function signInByBrowser(
  place: Workplace,
  agree: (page: string) => Promise<unknown> = browse,
): Promise<Ended> {
  const program = place.start('auth', 'office', '--browser');
  const page = await find(program, /^ {2}(http\S+)$/m);
  if (page !== null) await agree(page);
  return await program.ended;
}

/** Opens a page as a browser whose owner agrees, and goes where it leads. */
export async function browse(page: string): Promise<Response> {
  const consent = await fetch(page, { redirect: 'manual' });
  return await fetch(consent.headers.get('location') ?? '');
}

/** How often the provider was asked to renew. */
export function renewals(provider: OpenIdProvider): number {
  return provider.requests.filter((line) => line === 'POST /token refresh_token').length;
}

/** Waits for what a program prints; null where it ends before. */
export async function find(
  program: ReturnType<Workplace['start']>,
  pattern: RegExp,
  seconds = 30,
): Promise<string | null> {
  const endMs = Date.now() + seconds * 1000;
  for (;;) {
    const found = pattern.exec(program.output())?.[1];
    if (found !== undefined) return found;
    if (program.child.exitCode !== null) return null;
    if (Date.now() > endMs) throw new Error(`${pattern} was not printed: ${program.output()}`);
    await delay(50);
  }
}
