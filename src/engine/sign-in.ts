/** `auth`: a person signs in to an account with OAuth 2.0, or has Mailwright forget that. */
import type { Account, SignIn, TokenGrant } from '../accounts/account.ts';
import { openProvider, type Provider } from '../accounts/oauth2/openid.ts';
import { openRedirect } from '../accounts/oauth2/redirect.ts';
import { AppError, isAppError } from '../core/app-error.ts';
import type { AccountId } from '../core/brand.ts';
import { selectAccounts } from './accounts.ts';
import type { EngineContext } from './context.ts';
import { withSession } from './sessions.ts';

/** What the person has to do. Times are milliseconds since the epoch. */
export type SignInStep =
  | { readonly kind: 'code'; readonly url: string; readonly code: string; readonly untilMs: number }
  | { readonly kind: 'page'; readonly url: string; readonly redirect: string };

/** How to sign in. */
export interface SignInRequest {
  readonly account: string;
  /** By a page in a browser on this machine, also where a code could be typed elsewhere. */
  readonly browser: boolean;
  /** Where the browser comes back to; 0: any free port. */
  readonly port: number;
  readonly show: (step: SignInStep) => void;
}

/** What came of it. */
export interface SignInReport {
  readonly account: AccountId;
  readonly provider: string;
  readonly user: string;
  readonly host: string;
  readonly mailboxes: number;
  readonly accessUntilMs: number | null;
  readonly refreshUntilMs: number | null;
  /** The provider gave something to renew the access with. */
  readonly isRenewable: boolean;
}

/**
 * Has a person sign in, keeps the tokens, and logs in with them. Throws USAGE for an account that has
 * a password, SIGN_IN_NEEDED where the provider refused, LOGIN_REFUSED where the mail server did,
 * TOKENS_UNREADABLE before anything is asked.
 */
export async function signIn(
  context: EngineContext,
  request: SignInRequest,
): Promise<SignInReport> {
  const { account, by } = oauth2Of(context, request.account);
  // A key that does not fit is told before anybody is sent to a browser.
  await by.tokens.expiry();
  const provider = openProvider(account.id, by.client, context.clock);
  const grant = await askPerson(context, { provider, by, request });
  await by.tokens.keep(grant);
  const listing = await withSession(context, { account, mode: 'read' }, (session) =>
    session.list(),
  );
  const { accessUntilMs, refreshUntilMs, refreshToken } = grant;
  return {
    account: account.id,
    provider: by.client.provider,
    user: account.user,
    host: account.host,
    mailboxes: listing.length,
    accessUntilMs,
    refreshUntilMs,
    isRenewable: refreshToken !== null,
  };
}

/** What became of the tokens. */
export interface SignOutReport {
  readonly account: AccountId;
  readonly provider: string;
  /** False where there were none. */
  readonly hadTokens: boolean;
  /** `impossible`: the provider cannot be told; a text: why it was not told. */
  readonly revoked: 'yes' | 'impossible' | { readonly problem: string };
}

/** Forgets the tokens here first, then tells the provider. Throws USAGE and TOKENS_UNREADABLE. */
export async function signOut(context: EngineContext, name: string): Promise<SignOutReport> {
  const { account, by } = oauth2Of(context, name);
  const grant = await by.tokens.forget();
  const report = { account: account.id, provider: by.client.provider, hadTokens: grant !== null };
  if (grant === null) return { ...report, revoked: 'impossible' };
  const provider = openProvider(account.id, by.client, context.clock);
  try {
    // RFC 7009 §2.1: with the refresh token go the access tokens that came of it.
    const isTold = await provider.revoke(grant.refreshToken ?? grant.accessToken);
    return { ...report, revoked: isTold ? 'yes' : 'impossible' };
  } catch (error) {
    if (!isAppError(error) || error.code === 'BUG') throw error;
    return { ...report, revoked: { problem: error.message } };
  }
}

type OAuth2 = Extract<SignIn, { kind: 'oauth2' }>;

function oauth2Of(context: EngineContext, name: string): { account: Account; by: OAuth2 } {
  const [account] = selectAccounts(context.config, name);
  if (account?.signIn.kind === 'oauth2') return { account, by: account.signIn };
  const what = `account "${name}" signs in with a password (auth.password in mailwright.yaml)`;
  throw new AppError('USAGE', what, { what });
}

async function askPerson(
  context: EngineContext,
  { provider, by, request }: { provider: Provider; by: OAuth2; request: SignInRequest },
): Promise<TokenGrant> {
  const { signal } = context;
  const device = request.browser ? null : await provider.deviceCode();
  if (device !== null) {
    const { url, code, untilMs } = device;
    request.show({ kind: 'code', url, code, untilMs });
    return await device.wait(signal);
  }
  const redirect = await openRedirect(by.client.redirectHost, request.port);
  try {
    const page = await provider.browserPage(redirect.uri);
    request.show({ kind: 'page', url: page.url, redirect: redirect.uri });
    return await page.finish(await redirect.wait(page.state, signal));
  } finally {
    redirect.close();
  }
}
