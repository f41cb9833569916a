/** imapflow's and Node's errors → ours. Nobody outside this room sees a foreign error. */
import type { ImapResponse } from 'imapflow';
import type { Account } from '../accounts/account.ts';
import { AppError, type TlsProblem } from '../core/app-error.ts';
import type { Refusal } from '../mail/mail-outcome.ts';
import { readThrottle } from '../mail/throttle.ts';
import type { TlsFacts } from '../mail/tls-facts.ts';
import type { Redact } from './redact.ts';
import { readSection, readStatusText } from './response.ts';

/** A tagged NO or BAD, or undefined for everything else. */
export function refusalOf(error: unknown): Refusal | undefined {
  const status = memberOf(error, 'responseStatus');
  if (status !== 'NO' && status !== 'BAD') return undefined;
  // A status line without a tag need not be the answer to this command.
  if (memberOf(error, 'code') === 'MissingTag') return undefined;
  const response = memberOf(error, 'response');
  const code = isResponse(response) ? (readSection(response)?.name ?? null) : null;
  const text = memberOf(error, 'responseText');
  return { kind: 'refused', status, code, serverText: typeof text === 'string' ? text : '' };
}

/**
 * A tagged NO that imapflow hands over as success: the words of RFC 2180 §4.1.2 for a FETCH that
 * lacks messages, which it takes for success after any command.
 */
export function refusalIn(tagged: ImapResponse): Refusal | undefined {
  const status = tagged.command?.toUpperCase();
  if (status !== 'NO' && status !== 'BAD') return undefined;
  const code = readSection(tagged)?.name ?? null;
  return { kind: 'refused', status, code, serverText: readStatusText(tagged) };
}

/** BAD that only says "not so fast" (Microsoft), whether or not something was done. */
export function isThrottle(error: unknown): boolean {
  return memberOf(error, 'code') === 'ETHROTTLE';
}

/** An argument that imapflow would not write: nothing was sent. */
export function isUnwritable(error: unknown): boolean {
  return UNWRITABLE.has(String(memberOf(error, 'code')));
}

const UNWRITABLE = new Set([
  'InvalidStringValue',
  'InvalidTokenValue',
  'InvalidTextValue',
  'InvalidSequenceSet',
]);

/** What happened, in one line, for a lost connection. */
export function textOf(error: unknown): string {
  const code = memberOf(error, 'code');
  const goodbye = memberOf(error, 'reason');
  const message = error instanceof Error ? error.message : String(error);
  const said = typeof goodbye === 'string' ? `${message}: ${goodbye}` : message;
  return typeof code === 'string' ? `${said} (${code})` : said;
}

/** How far a connection came before it failed. */
export interface ConnectPhase {
  /** False until the TCP connection, and with implicit TLS the handshake, is done. */
  readonly isConnected: boolean;
  /** The deadline over all phases was over. */
  readonly isLate: boolean;
  readonly redact: Redact;
  /** What the server showed, even where it was refused. */
  readonly seen: TlsFacts | null;
}

/**
 * Why connecting failed. No credential is in these texts, and no cause hangs on them that could
 * carry what the server said.
 */
export function connectError(error: unknown, account: Account, phase: ConnectPhase): AppError {
  const { id, host, port, user } = account;
  if (isLoginRefusal(error)) {
    const serverText = phase.redact(loginText(error));
    const message = `the server ${host} refused the login of "${user}" (account "${id}"): ${serverText}`;
    const signIn = account.signIn.kind;
    return new AppError('LOGIN_REFUSED', message, { account: id, user, serverText, signIn });
  }
  const busy = readThrottle({
    code: busyCode(error),
    text: `${loginText(error)} ${textOf(error)}`,
  });
  if (busy !== null && phase.isConnected && !phase.isLate) {
    const serverText = phase.redact(loginText(error));
    const message = `the server ${host} is busy (account "${id}"): ${serverText}`;
    return new AppError('SERVER_BUSY', message, { account: id, host, serverText, ...busy });
  }
  const isTls = isTlsFailure(error, account, phase);
  const reason = phase.redact(isTls ? tlsReason(error) : networkReason(error, account, phase));
  const facts = { account: id, host, port, reason };
  if (isTls) {
    const message = `no secure connection to ${host}:${port} (account "${id}"): ${reason}`;
    const pin = phase.seen?.certificate?.pin;
    const problem = problemOf(error, reason);
    return new AppError('TLS_REFUSED', message, {
      ...facts,
      problem,
      ...(pin === undefined ? {} : { pin }),
    });
  }
  const message = `cannot reach ${host}:${port} (account "${id}"): ${reason}`;
  return new AppError('SERVER_UNREACHABLE', message, facts);
}

/** The answer of ours to a server that takes no tokens: a new one would change nothing. */
export const NO_TOKENS = 'it offers neither OAUTHBEARER nor XOAUTH2';

function isLoginRefusal(error: unknown): boolean {
  if (isWithoutMechanism(error)) return true;
  if (memberOf(error, 'authenticationFailed') !== true) return false;
  const code = busyCode(error);
  // RFC 5530 §3: a server that broke has said nothing about the password.
  if (code === 'SERVERBUG') return false;
  if (code === 'AUTHENTICATIONFAILED') return true;
  return readThrottle({ code, text: loginText(error) }) === null;
}

/** The response code of a refusal, or imapflow's own for a server that slows its clients down. */
function busyCode(error: unknown): string | null {
  if (memberOf(error, 'code') === 'ETHROTTLE') return 'ETHROTTLE';
  const code = memberOf(error, 'serverResponseCode');
  return typeof code === 'string' ? code : null;
}

function isWithoutMechanism(error: unknown): boolean {
  return error instanceof Error && error.message === 'Unsupported authentication mechanism';
}

function loginText(error: unknown): string {
  if (isWithoutMechanism(error)) return NO_TOKENS;
  for (const key of ['responseText', 'response']) {
    const text = memberOf(error, key);
    if (typeof text === 'string' && text !== '') return text;
  }
  const message = error instanceof Error ? error.message : '';
  return message === '' || message === 'Command failed' ? 'Authentication failed' : message;
}

const TLS_CODES =
  /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|HOSTNAME_MISMATCH|STARTTLS|UPGRADE_|PIN_)/;
/** What a server that speaks no TLS does to a handshake. */
const CUT_CODES = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);
const NETWORK_CODES =
  /^(E(AI_|CONN|HOST|NET|NOTFOUND|TIMEDOUT|PIPE|ADDR|ACCES|PERM|MFILE|NFILE|NOBUFS)|CONNECT_TIMEOUT|GREETING_TIMEOUT|ETIMEOUT|NoConnection)/;

function isTlsFailure(error: unknown, account: Account, phase: ConnectPhase): boolean {
  if (memberOf(error, 'tlsFailed') === true) return true;
  const code = String(memberOf(error, 'code') ?? '');
  if (TLS_CODES.test(code)) return true;
  if (account.tls !== 'implicit' || phase.isConnected) return false;
  return CUT_CODES.has(code) || !NETWORK_CODES.test(code);
}

const PROBLEMS: readonly (readonly [RegExp, TlsProblem])[] = [
  [/^PIN_/, 'pin'],
  [/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/, 'dates'],
  [/ALTNAME_INVALID|HOSTNAME_MISMATCH/, 'host-name'],
  [/^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_)/, 'untrusted'],
  [/INJECTION/, 'injected'],
  [/PROTOCOL|NO_CIPHERS|NO_SHARED_CIPHER|HANDSHAKE_FAILURE|DH_KEY_TOO_SMALL/, 'protocol'],
  [/^(ECONN|EPIPE|ERR_SSL_WRONG_VERSION|ERR_SSL_PACKET_LENGTH|ERR_SSL_HTTP)/, 'no-tls'],
];

/** imapflow has no code where STARTTLS is missing, refused, or barred by PREAUTH. */
function problemOf(error: unknown, reason: string): TlsProblem {
  const code = String(memberOf(error, 'code') ?? '');
  const known = PROBLEMS.find(([pattern]) => pattern.test(code))?.[1];
  if (known !== undefined) return known;
  if (reason.includes('PREAUTH')) return 'preauth';
  return reason.includes('STARTTLS') ? 'starttls' : 'other';
}

function tlsReason(error: unknown): string {
  const code = String(memberOf(error, 'code') ?? '');
  if (CUT_CODES.has(code) || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return `the handshake broke off (${code}); this port may speak no TLS, or TLS only after STARTTLS`;
  }
  // OpenSSL's reason without its file names and addresses.
  const words = error instanceof Error ? /SSL routines:[^:]*:([^:]+):/.exec(error.message) : null;
  return words === null ? textOf(error) : `${words[1]} (${code})`;
}

const NETWORK_REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host name'],
  ['EAI_AGAIN', 'the host name cannot be looked up at the moment'],
  ['EHOSTUNREACH', 'there is no way to that host'],
  ['ENETUNREACH', 'there is no way to that network'],
  ['ETIMEDOUT', 'it did not answer'],
  ['CONNECT_TIMEOUT', 'it did not answer in time'],
  ['ECONNRESET', 'the connection was cut'],
]);

function networkReason(error: unknown, account: Account, phase: ConnectPhase): string {
  if (phase.isLate) return 'the login was not finished in time';
  const code = String(memberOf(error, 'code') ?? '');
  if (code === 'GREETING_TIMEOUT') {
    return `no greeting came in time; "tls: ${account.tls}" may not be what port ${account.port} speaks (${code})`;
  }
  const known = NETWORK_REASONS.get(code);
  if (known !== undefined) return `${known} (${code})`;
  return memberOf(error, 'authenticationFailed') === true ? loginText(error) : textOf(error);
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !(key in value)) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(key);
}

function isResponse(value: unknown): value is ImapResponse {
  return Array.isArray(memberOf(value, 'attributes'));
}
