/**
 * The last door before a credential leaves: it is read when the connection is secure, greeted, and
 * known to take it, and not a moment before (safety.md §15).
 */
import type { ImapFlow } from 'imapflow';
import type { Account } from '../accounts/account.ts';
import { AppError } from '../core/app-error.ts';
import { NO_TOKENS } from './to-app-error.ts';

/**
 * Has `supply` called right before the client would send its credential; what it throws ends the
 * connection attempt. Throws BUG where imapflow no longer lets itself be asked.
 */
export function guardLogin(client: ImapFlow, account: Account, supply: () => Promise<void>): void {
  if (!canAuthenticate(client)) {
    const sentence = 'imapflow no longer has authenticate()';
    throw new AppError('BUG', sentence, { sentence });
  }
  const authenticate = client.authenticate.bind(client);
  Object.defineProperty(client, 'authenticate', {
    value: async () => {
      assertAskable(client, account);
      await supply();
      return await authenticate();
    },
  });
}

/** Refuses a server that could not, or must not, be given a password. */
function assertAskable(client: ImapFlow, account: Account): void {
  const { id, host, port, user, tls } = account;
  // RFC 9051 §7.1.4: nobody knows as whom, and what was encrypted may end somewhere else.
  if (client.authenticated !== false) {
    const reason = 'it says that this connection is logged in already (PREAUTH)';
    const message = `the server ${host}:${port} was left (account "${id}"): ${reason}`;
    throw new AppError('TLS_REFUSED', message, {
      ...{ account: id, host, port, reason },
      problem: 'preauth',
    });
  }
  // Never reached while imapflow does what its documentation says; a second lock.
  if (tls !== 'none' && !client.secureConnection) {
    const reason = 'the connection was not encrypted';
    const message = `no secure connection to ${host}:${port} (account "${id}"): ${reason}`;
    throw new AppError('TLS_REFUSED', message, {
      ...{ account: id, host, port, reason },
      problem: 'starttls',
    });
  }
  const signIn = account.signIn.kind;
  const why = signIn === 'oauth2' ? whyNoToken(client) : whyNoPassword(client, account);
  if (why !== undefined) {
    const what = signIn === 'oauth2' ? 'tokens' : 'password';
    const message = `the server ${host} takes no ${what} for "${user}" (account "${id}"): ${why}`;
    throw new AppError('LOGIN_REFUSED', message, { account: id, user, serverText: why, signIn });
  }
}

/** A token that is not shown cannot be kept by a server that has no use for it. */
function whyNoToken({ capabilities }: ImapFlow): string | undefined {
  const names = [...capabilities.keys()].map((name) => name.toUpperCase());
  return names.some((name) => TOKEN_MECHANISMS.has(name)) ? undefined : NO_TOKENS;
}

const TOKEN_MECHANISMS: ReadonlySet<string> = new Set([
  ...['AUTH=OAUTHBEARER', 'AUTH=XOAUTH2', 'AUTH=XOAUTH'],
]);

/**
 * PLAIN, LOGIN and the command LOGIN send the same password under the same encryption, so none of them
 * is the weaker one; a server that has none of them wants something else (RFC 9051 §6.2.3).
 */
function whyNoPassword({ capabilities }: ImapFlow, { tls }: Account): string | undefined {
  const names = [...capabilities.keys()].map((name) => name.toUpperCase());
  const takes = names.some((name) => name === 'AUTH=PLAIN' || name === 'AUTH=LOGIN');
  if (takes || !names.includes('LOGINDISABLED')) return undefined;
  if (tls === 'none') return 'it wants an encrypted connection first (LOGINDISABLED)';
  const offered = names
    .flatMap((name) => (name.startsWith('AUTH=') ? [name.slice('AUTH='.length)] : []))
    .slice(0, 10);
  return offered.length === 0
    ? 'it has logins switched off (LOGINDISABLED)'
    : `it has passwords switched off (LOGINDISABLED) and offers ${offered.join(', ')}`;
}

/** imapflow 2 has it at run time and leaves it out of its types; the version is pinned. */
function canAuthenticate(
  client: ImapFlow,
): client is ImapFlow & { authenticate(): Promise<unknown> } {
  return 'authenticate' in client && typeof client.authenticate === 'function';
}
