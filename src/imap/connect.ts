/**
 * Connecting and logging in: one deadline over all phases, TLS verified, no credential before the
 * connection is secure (safety.md §15).
 */
import { isIP } from 'node:net';
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { Account } from '../accounts/account.ts';
import { AppError } from '../core/app-error.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Emit } from '../core/events.ts';
import { LIMITS } from '../core/limits.ts';
import { VERSION } from '../core/version.ts';
import type { MailSession, UnauthenticatedSession } from '../mail/mail-session.ts';
import { createPace } from './pace.ts';
import { createSession } from './session.ts';
import { connectError, textOf } from './to-app-error.ts';
import { emitLine, traceLogger } from './trace.ts';
import { openWire } from './wire.ts';
import type { WireMode } from './write-gate.ts';

/** How a session is opened. */
export interface OpenOptions {
  /** `read` sessions refuse every command that could change something. */
  readonly mode: WireMode;
  readonly emit: Emit;
  /** Emit each line of the conversation. */
  readonly trace: boolean;
  /** For the pace of commands; default: the machine's. */
  readonly clock?: Clock;
}

/** Prepares a session; nothing is sent before `login()`. */
export function openSession(account: Account, options: OpenOptions): UnauthenticatedSession {
  return { state: 'not authenticated', login: () => login(account, options) };
}

async function login(account: Account, options: OpenOptions): Promise<MailSession> {
  assertSecurable(account);
  const password = await account.password.read();
  const client = new ImapFlow(clientOptions(account, password.reveal(), options));
  const { emit } = options;
  let isOpen = false;
  client.on('error', (error: unknown) => {
    // A command that is under way reports the loss itself; this is for a connection at rest.
    if (isOpen) emit({ kind: 'disconnected', account: account.id, reason: textOf(error) });
  });
  await connectInTime(client, { account, password: password.reveal() });
  isOpen = true;
  const pace = createPace(account.limits.commandsPerMinute, options.clock ?? systemClock);
  const wire = openWire(client, { account: account.id, mode: options.mode, pace });
  return createSession({
    wire,
    capabilities: new Set([...client.capabilities.keys()].map((name) => name.toUpperCase())),
    namespace: {
      prefix: client.namespace?.prefix ?? '',
      separator: client.namespace?.delimiter ?? '',
    },
    onLine: (line) => {
      if (options.trace) emitLine(emit, { account: account.id, from: 'client', line });
    },
    logout: async () => {
      await client.logout();
    },
  });
}

/** One deadline over greeting, TLS and login; imapflow has one for each part, and none for LOGIN. */
async function connectInTime(
  client: ImapFlow,
  login: { account: Account; password: string },
): Promise<void> {
  const { account, password } = login;
  let late: Error | null = null;
  const timer = setTimeout(() => {
    late = new Error(`no login within ${LIMITS.loginMs / 1000} s`);
    client.close();
  }, LIMITS.loginMs);
  try {
    await client.connect();
  } catch (error) {
    client.close();
    throw connectError(late ?? error, account, maskerFor(account.user, password));
  } finally {
    clearTimeout(timer);
  }
}

/** Takes a password out of a text, also in the forms in which SASL sends it. */
function maskerFor(user: string, password: string): (text: string) => string {
  const encoded = [password, `\0${user}\0${password}`].map((text) =>
    Buffer.from(text, 'utf8').toString('base64'),
  );
  return (text) =>
    [password, ...encoded].reduce((masked, secret) => masked.replaceAll(secret, '•••'), text);
}

function clientOptions(account: Account, password: string, options: OpenOptions): ImapFlowOptions {
  const { id, host, port, tls, user, ca } = account;
  return {
    id,
    host,
    port,
    secure: tls === 'implicit',
    // Required when asked for, and never by accident: imapflow would otherwise use what is offered.
    doSTARTTLS: tls === 'starttls',
    auth: { user, pass: password },
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === null ? {} : { ca }),
    },
    clientInfo: { name: 'mailwright', version: VERSION },
    logger: options.trace ? traceLogger(id, options.emit) : false,
    disableAutoIdle: true,
    disableCompression: true,
    disableAutoEnable: true,
    disableIMAP4rev2: true,
    connectionTimeout: LIMITS.connectMs,
    greetingTimeout: LIMITS.greetingMs,
    // imapflow ends a connection that is silent for so long; an IDLE of ours is renewed before.
    socketTimeout: LIMITS.idleRenewMs + 60_000,
    maxLiteralSize: LIMITS.literalBytes,
    maxLineLength: LIMITS.lineBytes,
    maxResponseSize: LIMITS.responseBytes,
  };
}

/** The configuration has refused this already; a second lock, where the password would leave. */
function assertSecurable(account: Account): void {
  const { host, port, tls, id } = account;
  if (tls !== 'none' || isLoopback(host)) return;
  const reason = 'an unencrypted connection is allowed on this machine only';
  throw new AppError('TLS_REFUSED', `account "${id}": ${reason}`, {
    account: id,
    host,
    port,
    reason,
  });
}

/** Loopback by name or address (RFC 6761 §6.3, RFC 5735, RFC 4291 §2.5.3). */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
