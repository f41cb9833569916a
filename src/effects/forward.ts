/** `forward: ADDRESS`: a message as it is, sent on to somebody else (RFC 5322 §3.6.6). */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { codeOf, errorText, outsideText } from '../core/outside-text.ts';
import type { Secret } from '../core/secret.ts';
import type { Headers } from '../mail/message-view.ts';
import { done, type EffectOutcome, failed, refused, unknown } from './effect-outcome.ts';
import { addressKind } from './public-address.ts';
import {
  FORWARDED_FIELD,
  type Forwarding,
  forwardedMark,
  whyNotForward,
} from './why-not-forward.ts';

/** What the server is shown: nothing, a password, or an access token (XOAUTH2). */
export type SmtpLogin =
  | { readonly kind: 'none' }
  | { readonly kind: 'password' | 'token'; readonly secret: Secret };

/** The server that takes our mail. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `none` is accepted on loopback only. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly user: string;
  readonly login: SmtpLogin;
  /** PEM text of private certificate authorities; default: the system's. */
  readonly ca?: string;
  /** Silence of the server after which it is given up; default: 10 min (RFC 5321 §4.5.3.2.6). */
  readonly quietMs?: number;
}

/** A message and where it is sent on to. `own[0]` is the sender of the envelope. */
export interface ForwardRequest extends Forwarding {
  readonly smtp: SmtpServer;
  /** The octets of the whole message. */
  readonly raw: Uint8Array;
  /** The header block of `raw` (not the whole message), with the fields of FORWARD_GUARD_FIELDS. */
  readonly headers: Headers;
  readonly nowMs: number;
}

/** How far a delivery has come, as the conversation shows. */
interface Progress {
  /** The server has asked for the message (354). */
  isAsked: boolean;
  /** The last octet was given to the connection. */
  isHandedOver: boolean;
}

/**
 * Sends the message on, its octets unchanged under a block of Resent fields, after the loop guard
 * (whyNotForward) had no objection. SMTP knows no idempotence: a connection that died after the last
 * octet is unknown and must not be repeated by itself. A repetition that a person orders has the
 * same Resent-Message-ID, by which receivers may drop it. TLS is always verified, and the password
 * never sent without it, except to this machine.
 */
export async function forwardMessage(request: ForwardRequest): Promise<EffectOutcome> {
  const { smtp, to } = request;
  const from = request.own[0] ?? '';
  const server = `${outsideText(smtp.host)}:${smtp.port}`;
  for (const address of [from, to]) {
    if (!isPlainAddress(address)) return refused(`"${outsideText(address)}" is no plain address`);
  }
  if (smtp.tls === 'none' && addressKind(smtp.host) !== 'loopback' && smtp.host !== 'localhost') {
    return refused(`${server} would get the password without encryption; use tls: starttls`);
  }
  const why = whyNotForward(request.headers, request);
  if (why !== null) return refused(`not forwarded to ${to}: ${why}`);
  const progress: Progress = { isAsked: false, isHandedOver: false };
  const transport = createTransport({ ...connection(smtp), logger: phaseLogger(progress) });
  try {
    const octets = Buffer.concat([Buffer.from(resentBlock(request, from), 'ascii'), request.raw]);
    const sent = await transport.sendMail({
      envelope: { from, to },
      raw: handedOver(octets, progress),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return done(`${server} took it for ${to}: ${outsideText(sent.response, hiddenOf(smtp))}`);
  } catch (error) {
    return judge(error, progress, { server, hidden: hiddenOf(smtp) });
  } finally {
    transport.close();
  }
}

/** The prepended fields; trace fields come first and newest first (RFC 5322 §3.6). */
function resentBlock(request: ForwardRequest, from: string): string {
  const { to, raw, nowMs } = request;
  const digest = createHash('sha256').update(`${from}\n${to}\n`).update(raw).digest('hex');
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return [
    `Resent-From: <${from}>`,
    `Resent-To: <${to}>`,
    `Resent-Date: ${new Date(nowMs).toUTCString().replace('GMT', '+0000')}`,
    `Resent-Message-ID: <${digest.slice(0, 32)}.resent@${domain}>`,
    `${FORWARDED_FIELD}: ${forwardedMark(request)}`,
    '',
  ].join('\r\n');
}

function connection(smtp: SmtpServer) {
  const { host, port, ca } = smtp;
  const quietMs = smtp.quietMs ?? 600_000;
  return {
    host,
    port,
    secure: smtp.tls === 'implicit',
    requireTLS: smtp.tls === 'starttls',
    ignoreTLS: smtp.tls === 'none',
    ...authOf(smtp),
    tls: {
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
    },
    connectionTimeout: Math.min(quietMs, 20_000),
    greetingTimeout: Math.min(quietMs, 60_000),
    socketTimeout: quietMs,
    socketCloseTimeout: 1000,
    maxResponseSize: 65_536,
    // Shows each reply to `logger`; message and password are not among what is shown.
    transactionLog: true,
  } as const;
}

/** A server that offers no AUTH must not get the mail under nobody's name. */
function authOf({ user, login }: SmtpServer) {
  if (login.kind === 'none') return {};
  const shown = login.secret.reveal();
  const auth =
    login.kind === 'password'
      ? { user, pass: shown }
      : { type: 'OAuth2' as const, user, accessToken: shown };
  return { auth, forceAuth: true };
}

/** Listens to the conversation for the one reply that matters, and keeps nothing of it. */
function phaseLogger(progress: Progress) {
  const look = (facts: unknown, text: unknown): void => {
    const isReply =
      typeof facts === 'object' && facts !== null && 'tnx' in facts && facts.tnx === 'server';
    if (isReply && typeof text === 'string' && text.startsWith('354')) progress.isAsked = true;
  };
  const ignore = (): void => {};
  return { trace: ignore, debug: look, info: ignore, warn: ignore, error: ignore, fatal: ignore };
}

/** The octets as a stream that notes when nothing of it is left to give. */
function handedOver(octets: Buffer, progress: Progress): Readable {
  const step = 65_536;
  let offset = 0;
  return new Readable({
    read() {
      const chunk = octets.subarray(offset, offset + step);
      offset += step;
      if (offset >= octets.length) progress.isHandedOver = true;
      this.push(chunk.length === 0 ? null : chunk);
    },
  });
}

/** Replies decide by their code; without a reply it counts how far the message had come. */
function judge(
  error: unknown,
  progress: Progress,
  told: { readonly server: string; readonly hidden: readonly string[] },
): EffectOutcome {
  const reason = `${told.server}: ${errorText(error, told.hidden)}`;
  const code = replyCode(error);
  if (code >= 500) return refused(reason);
  if (code >= 400) return failed(reason, true);
  // Both are known a little too early rather than too late: when in doubt it is unknown.
  if (progress.isAsked && progress.isHandedOver) {
    return unknown(`${reason}; it may have been delivered`);
  }
  // What has no code of its own is an assumption of ours that broke.
  if (codeOf(error) === '') throw error;
  return failed(reason, RETRY_CODES.has(codeOf(error)) && !isCertificate(error));
}

/** The codes of nodemailer for networks and servers in trouble; the rest does not pass by itself. */
const RETRY_CODES = new Set(['ECONNECTION', 'ESOCKET', 'ETIMEDOUT', 'EDNS', 'EPROTOCOL', 'ETLS']);

function replyCode(error: unknown): number {
  return error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number'
    ? error.responseCode
    : 0;
}

function isCertificate(error: unknown): boolean {
  const code = error instanceof Error && 'originalCode' in error ? String(error.originalCode) : '';
  return /CERT|SELF_SIGNED|ALTNAME|VERIFY|ISSUER/.test(code);
}

/** A hostile server may quote the password, as it was typed or as it went over the wire. */
function hiddenOf(smtp: SmtpServer): readonly string[] {
  const { user, login } = smtp;
  if (login.kind === 'none') return [];
  const password = login.secret.reveal();
  if (password === '') return [];
  const plain = `\u0000${user}\u0000${password}`;
  const bearer = `user=${user}\u0001auth=Bearer ${password}\u0001\u0001`;
  const coded = [plain, password, bearer].map((text) =>
    Buffer.from(text, 'utf8').toString('base64'),
  );
  return [password, ...coded];
}

/** One addr-spec in ASCII without quoting: all that people have, and nothing that could inject. */
function isPlainAddress(address: string): boolean {
  return (
    address.length <= 254 && /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]+$/.test(address)
  );
}
