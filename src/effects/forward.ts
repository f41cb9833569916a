/** `forward`: the message sent on as it is (RFC 5322 §3.6.6), guarded against loops. */
import { createHash, randomUUID } from 'node:crypto';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Secret } from '../core/secret.ts';
import type { Headers } from '../mail/message-view.ts';
import { type EffectOutcome, wordsOf } from './effect-outcome.ts';

/** The account's way out. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `none` only for this machine. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly ca: string | null;
  readonly user: string;
  readonly password: Secret | null;
}

/** A message to send on. */
export interface ForwardRequest {
  readonly smtp: SmtpServer;
  /** The account's own address: envelope sender and Resent-From. */
  readonly from: string;
  readonly to: string;
  readonly raw: Uint8Array;
  readonly nowMs: number;
}

const MARK = 'x-mailwright-forwarded';
const MAX_RECEIVED = 25;

/** The header fields that the loop guard looks at. */
export const GUARD_FIELDS = [
  MARK,
  'auto-submitted',
  'precedence',
  'list-id',
  'return-path',
  'from',
  'received',
] as const;

/** Says why a message must not be sent on, or undefined. Whatever cannot be read is a reason. */
export function whyNotForward(
  headers: Headers,
  between: { from: string; to: string },
): string | undefined {
  const texts = (name: string): readonly string[] | null => {
    const reading = headers.text(name);
    return reading.kind === 'values' ? reading.values : null;
  };
  const read = GUARD_FIELDS.map((name) => texts(name));
  if (read.includes(null)) return 'its header cannot be read';
  const [marks = [], submitted = [], precedence = [], list = [], returns = [], , received = []] =
    read.map((values) => values ?? []);
  if (marks.includes(markOf(between.from))) return 'this account has forwarded it before';
  if (submitted.some((value) => !/^no\b/i.test(value))) return 'it was sent by a machine';
  if (precedence.some((value) => /^(bulk|list|junk)\b/i.test(value))) return 'it is bulk mail';
  if (list.length > 0) return 'it is mail of a list';
  if (returns.some((value) => value.replaceAll(/\s/g, '') === '<>')) return 'it has a null sender';
  if (received.length > MAX_RECEIVED) return `it has passed ${received.length} servers already`;
  const authors = headers.addresses('from');
  const addresses = authors.kind === 'values' ? authors.values : [];
  const own = [between.to, between.from].map((address) => address.toLowerCase());
  return addresses.some(({ address }) => own.includes(address.toLowerCase()))
    ? 'its author is the one it would go to, or this account'
    : undefined;
}

/**
 * Sends it. Not to be repeated by itself: where the connection dies after the message was handed
 * over, the outcome is unknown. TLS is verified.
 */
export async function forwardMessage(request: ForwardRequest): Promise<EffectOutcome> {
  const { smtp, from, to, raw } = request;
  const { password } = smtp;
  const connection = new SMTPConnection({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.tls === 'implicit',
    requireTLS: smtp.tls === 'starttls',
    ignoreTLS: smtp.tls === 'none',
    ...(smtp.ca === null ? {} : { tls: { ca: smtp.ca } }),
    connectionTimeout: 20_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
  });
  let handedOver = false;
  try {
    await step(connection, (done) => connection.connect(done));
    if (password !== null) {
      const credentials = { user: smtp.user, pass: password.reveal() };
      await step(connection, (done) => connection.login({ credentials }, done));
    }
    const message = Buffer.concat([Buffer.from(resentFields(request), 'latin1'), raw]);
    handedOver = true;
    await step(connection, (done) => connection.send({ from, to: [to] }, message, done));
    return { kind: 'done', evidence: `${smtp.host} took it` };
  } catch (error) {
    return outcomeOf(error, { host: smtp.host, handedOver });
  } finally {
    connection.close();
  }
}

/** One step of the conversation; a connection that dies ends it, too. */
async function step(
  connection: SMTPConnection,
  start: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject);
    start((error) => {
      connection.removeListener('error', reject);
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
  // Errors between two steps show in the next one.
  connection.on('error', () => {});
}

function resentFields({ from, to, nowMs }: ForwardRequest): string {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return [
    `${MARK}: ${markOf(from)}`,
    `Resent-From: <${from}>`,
    `Resent-To: <${to}>`,
    `Resent-Date: ${new Date(nowMs).toUTCString().replace('GMT', '+0000')}`,
    `Resent-Message-ID: <${randomUUID()}@${domain}>`,
    '',
  ].join('\r\n');
}

/** The account as others may see it. */
function markOf(from: string): string {
  return createHash('sha256').update(from.toLowerCase()).digest('hex').slice(0, 16);
}

/** A refusal has a code of the server; a connection that died while the message was sent has none. */
function outcomeOf(error: unknown, at: { host: string; handedOver: boolean }): EffectOutcome {
  const code = readMember(error, 'responseCode');
  const reason = `${at.host}: ${wordsOf(error)}`;
  if (typeof code === 'number' && code >= 400) {
    return code >= 500 ? { kind: 'refused', reason } : { kind: 'failed', reason };
  }
  return { kind: at.handedOver ? 'unknown' : 'failed', reason };
}

function readMember(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map(Object.entries(value)).get(key)
    : undefined;
}
