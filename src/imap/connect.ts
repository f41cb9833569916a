/**
 * Connecting and logging in: one deadline over all phases, TLS verified, no credential before the
 * connection is secure (safety.md §15).
 */
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { Account } from '../accounts/account.ts';
import { AppError, isAppError } from '../core/app-error.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Emit } from '../core/events.ts';
import { LIMITS } from '../core/limits.ts';
import type { Secret } from '../core/secret.ts';
import { VERSION } from '../core/version.ts';
import type { MailSession, UnauthenticatedSession } from '../mail/mail-session.ts';
import type { Namespace } from '../mail/mailbox-name.ts';
import { type Budget, type BudgetOptions, createBudget } from './budget.ts';
import { enableQresync } from './commands/enable.ts';
import { readSeparator } from './commands/list.ts';
import { guardLogin } from './login-gate.ts';
import { createVeil, type Redact, redactor, tokenRedactor, type Veil } from './redact.ts';
import { serverFacts } from './server-facts.ts';
import { createSession } from './session.ts';
import { type SecureLink, secureLink } from './tls.ts';
import { connectError, NO_TOKENS, textOf } from './to-app-error.ts';
import { emitLine, quietLogger, type SkippedLines, skippedLines, traceLogger } from './trace.ts';
import { openWire, type Wire } from './wire.ts';
import type { WireMode } from './write-gate.ts';

/** Where a server's operator learns what this client is (RFC 2971 §3.3). */
const PROJECT = 'https://www.npmjs.com/package/mailwright';

/** How a session is opened. */
export interface OpenOptions {
  /** `read` sessions refuse every command that could change something; `probe`: write-gate.ts. */
  readonly mode: WireMode;
  readonly emit: Emit;
  /** Emit each line of the conversation. */
  readonly trace: boolean;
  /** For the pace of commands and their deadlines; default: the machine's. */
  readonly clock?: Clock;
  /** Ends a login that is under way, with the signal's reason, and a wait for the pace. */
  readonly signal?: AbortSignal;
  /** Shared with the other connections of the account; default: one of its own that counts nothing. */
  readonly budget?: Budget;
}

/** Prepares a session; nothing is sent before `login()`. */
export function openSession(account: Account, options: OpenOptions): UnauthenticatedSession {
  return { state: 'not authenticated', login: () => login(account, options) };
}

async function login(account: Account, options: OpenOptions): Promise<MailSession> {
  assertSecurable(account);
  const veil = createVeil();
  const { signIn, user } = account;
  if (signIn.kind === 'password') {
    return await loginWith(account, { ...options, veil }, async () => {
      const pass = (await signIn.password.read()).reveal();
      veil.learn(redactor(user, pass));
      return { pass };
    });
  }
  let shown: Secret | undefined;
  const showing = (next: () => Promise<Secret>) => async (): Promise<Proof> => {
    shown = await next();
    const accessToken = shown.reveal();
    veil.learn(tokenRedactor(account, accessToken));
    return { accessToken };
  };
  try {
    return await loginWith(account, { ...options, veil }, showing(signIn.tokens.current));
  } catch (error) {
    const refused = shown;
    if (refused === undefined || !isAppError(error, 'LOGIN_REFUSED')) throw error;
    if (error.facts.serverText === NO_TOKENS) throw error;
    // Providers end tokens before their time, as after a change of the password: once, and no more.
    const renewed = await signIn.tokens.renew(refused);
    options.signal?.throwIfAborted();
    return await loginWith(
      account,
      { ...options, veil },
      showing(async () => renewed),
    );
  }
}

/** What the server is shown. */
type Proof = { readonly pass: string } | { readonly accessToken: string };

/** How one attempt is made. */
interface Attempt extends OpenOptions {
  readonly veil: Veil;
}

/** `prove` is asked when the server is known to be the right one, and to take what it gives. */
async function loginWith(
  account: Account,
  options: Attempt,
  prove: () => Promise<Proof>,
): Promise<MailSession> {
  const { redact } = options.veil;
  const auth: Auth = { user: account.user };
  const link = secureLink(account);
  const skipped = skippedLines();
  const client = new ImapFlow(clientOptions(account, { ...options, redact, auth, link, skipped }));
  const { emit, clock = systemClock } = options;
  let isOpen = false;
  client.on('error', (error: unknown) => {
    // A command that is under way reports the loss itself; this is for a connection at rest.
    if (isOpen) emit({ kind: 'disconnected', account: account.id, reason: redact(textOf(error)) });
  });
  const deadline = createDeadline(clock, () => client.close());
  guardLogin(client, account, async () => {
    // Whoever asks its owner, or a provider, takes time that is not the server's.
    deadline.disarm();
    Object.assign(auth, await prove());
    deadline.arm();
  });
  await connectInTime(client, account, { redact, deadline, link, signal: options.signal });
  delete auth.pass;
  delete auth.accessToken;
  isOpen = true;
  const { id, limits } = account;
  const { mode, signal, budget = ownBudget(id, { limits, clock, signal }) } = options;
  const wire = openWire(client, { account: id, mode, budget, redact, clock, skipped });
  const names = [...client.capabilities.keys()].map((name) => name.toUpperCase());
  const capabilities = new Set(names);
  return createSession({
    wire,
    capabilities,
    // Whoever only reads has nothing to compare.
    qresync: mode === 'write' && (await enableQresync(wire, capabilities)),
    namespace: await namespaceOf(client, wire),
    server: serverFacts(client),
    mode,
    tls: link.tls(),
    clock,
    onLine: (line) => {
      if (options.trace) emitLine(emit, { account: account.id, from: 'client', line });
    },
    logout: async () => {
      await client.logout();
    },
  });
}

function ownBudget(
  account: Account['id'],
  options: Omit<BudgetOptions, 'account' | 'ledger'>,
): Budget {
  return createBudget({ ...options, account, ledger: { used: () => 0, add: () => {} } });
}

/**
 * The personal namespace. imapflow has none where NAMESPACE is refused, and guesses "." where the
 * server names no personal one; a wrong separator would split names where there is no level.
 */
async function namespaceOf(client: ImapFlow, wire: Wire): Promise<Namespace> {
  const { prefix = '', delimiter = '' } = client.namespace ?? {};
  if (prefix !== '' || (delimiter !== '' && delimiter !== '.')) {
    return { prefix, separator: delimiter || '' };
  }
  try {
    return { prefix: '', separator: (await readSeparator(wire)) ?? (delimiter || '') };
  } catch (error) {
    if (isAppError(error, 'COMMAND_REFUSED')) return { prefix: '', separator: delimiter || '' };
    client.close();
    throw error;
  }
}

/** A bound over what imapflow bounds phase by phase: a server may drip its answers. */
interface Deadline {
  arm(): void;
  disarm(): void;
  isOver(): boolean;
}

function createDeadline(clock: Clock, giveUp: () => void): Deadline {
  let isOver = false;
  let disarm = (): void => {};
  return {
    arm: () => {
      disarm = clock.after(LIMITS.loginMs, () => {
        isOver = true;
        giveUp();
      });
    },
    disarm: () => disarm(),
    isOver: () => isOver,
  };
}

/** Connects and logs in within the deadline; what goes wrong is an AppError. */
async function connectInTime(
  client: ImapFlow,
  account: Account,
  by: {
    redact: Redact;
    deadline: Deadline;
    link: SecureLink;
    signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { redact, signal, deadline } = by;
  signal?.throwIfAborted();
  const giveUp = (): void => client.close();
  signal?.addEventListener('abort', giveUp, { once: true });
  deadline.arm();
  try {
    await client.connect();
  } catch (error) {
    const isConnected = client.connectedAt !== null;
    client.close();
    signal?.throwIfAborted();
    if (isAppError(error)) throw error;
    const isLate = deadline.isOver();
    throw connectError(error, account, { isConnected, isLate, redact, seen: by.link.tls() });
  } finally {
    deadline.disarm();
    signal?.removeEventListener('abort', giveUp);
  }
}

/** imapflow looks here when it logs in, and not before. */
interface Auth {
  readonly user: string;
  pass?: string;
  accessToken?: string;
}

function clientOptions(
  account: Account,
  options: OpenOptions & {
    redact: Redact;
    auth: Auth;
    link: SecureLink;
    skipped: SkippedLines;
  },
): ImapFlowOptions {
  const { id, host, port, tls } = account;
  return {
    id,
    host,
    port,
    secure: tls === 'implicit',
    // Required when asked for, and never by accident: imapflow would otherwise use what is offered.
    doSTARTTLS: tls === 'starttls',
    auth: options.auth,
    transport: options.link.transport,
    clientInfo: {
      name: 'mailwright',
      version: VERSION,
      vendor: 'Mailwright',
      'support-url': PROJECT,
    },
    // Never left out: what imapflow would log with instead is not in the build (.config/build.js).
    logger: options.trace ? traceLogger(id, options.emit, options) : quietLogger(options.skipped),
    disableAutoIdle: true,
    disableCompression: true,
    disableAutoEnable: true,
    disableIMAP4rev2: true,
    connectionTimeout: LIMITS.connectMs,
    greetingTimeout: LIMITS.greetingMs,
    // Every command has a deadline of its own; imapflow's default would cut a quiet IDLE.
    socketTimeout: LIMITS.socketQuietMs,
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
    problem: 'cleartext',
  });
}

/** Loopback by name or address (RFC 6761 §6.3, RFC 5735, RFC 4291 §2.5.3). */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
