/** imapflow's and Node's errors → ours. Nobody outside this room sees a foreign error. */
import type { ImapResponse } from 'imapflow';
import type { Account } from '../accounts/account.ts';
import { AppError } from '../core/app-error.ts';
import type { Refusal } from '../mail/mail-outcome.ts';
import { readSection } from './response.ts';

/** A tagged NO or BAD, or undefined for everything else. */
export function refusalOf(error: unknown): Refusal | undefined {
  // A status without a tag need not be the answer to the command that was under way.
  if (memberOf(error, 'code') === 'MissingTag') return undefined;
  const status = memberOf(error, 'responseStatus');
  if (status !== 'NO' && status !== 'BAD') return undefined;
  const response = memberOf(error, 'response');
  const code = isResponse(response) ? (readSection(response)?.name ?? null) : null;
  const text = memberOf(error, 'responseText');
  return { kind: 'refused', status, code, serverText: typeof text === 'string' ? text : '' };
}

/** What happened, in one line, for a lost connection. */
export function textOf(error: unknown): string {
  const code = memberOf(error, 'code');
  const message = error instanceof Error ? error.message : String(error);
  return typeof code === 'string' ? `${message} (${code})` : message;
}

/**
 * Why connecting failed. No credential is ever in these texts: what the server repeats of one is
 * taken out by `mask`.
 */
export function connectError(
  error: unknown,
  account: Account,
  mask: (text: string) => string,
): AppError {
  const { id, host, port, user } = account;
  const reason = mask(plainTlsText(error) ?? textOf(error));
  if (isLoginRefusal(error)) {
    const text = memberOf(error, 'responseText');
    const serverText =
      typeof text === 'string' && text !== '' ? mask(text) : 'Authentication failed';
    const message = `the server ${host} refused the login of "${user}" (account "${id}"): ${serverText}`;
    return new AppError('LOGIN_REFUSED', message, { account: id, user, serverText });
  }
  const facts = { account: id, host, port, reason };
  if (isTlsFailure(error)) {
    const message = `no secure connection to ${host}:${port} (account "${id}"): ${reason}`;
    return new AppError('TLS_REFUSED', message, facts);
  }
  const message = `cannot reach ${host}:${port} (account "${id}"): ${reason}`;
  return new AppError('SERVER_UNREACHABLE', message, facts);
}

/** A throttled or unavailable login is not a wrong password: waiting helps. */
function isLoginRefusal(error: unknown): boolean {
  if (memberOf(error, 'authenticationFailed') !== true) return false;
  const code = memberOf(error, 'serverResponseCode');
  return !['UNAVAILABLE', 'INUSE', 'LIMIT', 'ETHROTTLE'].includes(String(code));
}

const TLS_CODES =
  /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|HOSTNAME_MISMATCH|STARTTLS|UPGRADE_)/;

function isTlsFailure(error: unknown): boolean {
  if (memberOf(error, 'tlsFailed') === true) return true;
  // imapflow's text for this one asks "Maybe should use TLS?"; nothing was refused.
  if (memberOf(error, 'code') === 'GREETING_TIMEOUT') return false;
  if (TLS_CODES.test(String(memberOf(error, 'code') ?? ''))) return true;
  return (
    error instanceof Error && /STARTTLS|PREAUTH|\bTLS\b|\bSSL\b|certificate/i.test(error.message)
  );
}

/** OpenSSL's reason without its file names and addresses. */
function plainTlsText(error: unknown): string | undefined {
  const code = String(memberOf(error, 'code') ?? '');
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return `the server does not speak TLS on this port (${code})`;
  }
  const words = error instanceof Error ? /SSL routines:[^:]*:([^:]+):/.exec(error.message) : null;
  return words === null ? undefined : `${words[1]} (${code})`;
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !(key in value)) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(key);
}

function isResponse(value: unknown): value is ImapResponse {
  return Array.isArray(memberOf(value, 'attributes'));
}
