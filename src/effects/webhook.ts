/** `webhook: { url, secret }`: a signed POST of JSON to a receiver that the owner chose. */
import { createHmac } from 'node:crypto';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { backoffMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import {
  AddressRefused,
  guardedLookup,
  type Resolve,
  systemResolve,
} from '../core/guarded-lookup.ts';
import { LIMITS } from '../core/limits.ts';
import { codeOf, errorText, outsideText } from '../core/outside-text.ts';
import type { Secret } from '../core/secret.ts';
import { VERSION } from '../core/version.ts';
import { done, type EffectOutcome, failed, refused, unknown } from './effect-outcome.ts';
import { readWebhookUrl, tellLocation, type WebhookTarget } from './webhook-url.ts';

/** A value that JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** One call of a webhook. */
export interface WebhookCall {
  readonly url: string;
  readonly body: JsonValue;
  /** Signs the body, so that the receiver knows who speaks; null sends no signature. */
  readonly secret: Secret | null;
  /** The same for each try of the same effect: visible ASCII, at most 255 characters. */
  readonly idempotencyKey: string;
  /** The wall time of this try, which is signed. */
  readonly nowMs: number;
  /** Allows private addresses, and http on this machine. */
  readonly allowPrivate?: boolean;
  /** PEM text of private certificate authorities, beside none of the system's. */
  readonly ca?: string;
  /** Default: LIMITS.webhookMs, for everything from the look-up to the end of the answer. */
  readonly timeoutMs?: number;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
}

type Target = Extract<WebhookTarget, { kind: 'target' }>;

/** What the receiver said, as far as it was read. */
interface Answer {
  readonly status: number;
  readonly retryAfter: string;
  readonly location: string;
  readonly text: string;
}

type Exchange =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'broken'; readonly error: unknown; readonly wasSent: boolean };

/**
 * Calls a webhook once. 2xx is done; 3xx (never followed) and other 4xx are refused; 408, 425, 429,
 * 5xx and what went wrong before the first byte was sent failed, to be tried again; a connection
 * that died later is unknown. Idempotent as far as the receiver honours `Idempotency-Key`, which is
 * why an unknown call may be repeated with the same key.
 */
export async function callWebhook(call: WebhookCall): Promise<EffectOutcome> {
  const target = readWebhookUrl(call.url, call.allowPrivate === true);
  if (target.kind === 'refused') return refused(target.reason);
  if (!/^[\x21-\x7e]{1,255}$/.test(call.idempotencyKey)) {
    return refused('the idempotency key is not 1 to 255 visible ASCII characters');
  }
  const hidden = [...(call.secret === null ? [] : [call.secret.reveal()]), ...target.hidden];
  const exchange = await exchangeOnce(call, target);
  return exchange.kind === 'answer'
    ? judgeAnswer(exchange.answer, target, { hidden, nowMs: call.nowMs })
    : judgeBreak(exchange, target, hidden);
}

/** How often, and with what patience, a webhook is called. */
export interface WebhookRetries {
  readonly clock: Clock;
  /** Default: 5 calls in all. */
  readonly attempts?: number;
  /** A number in [0, 1); default: Math.random. */
  readonly random?: () => number;
  /** Ends the waiting; the outcome of the last call is then given. */
  readonly signal?: AbortSignal;
}

/** A longer wait is the caller's: the outcome tells `retryAfterMs`. */
const MAX_WAIT_MS = 60_000;

/**
 * Calls a webhook until it answers for good, at most five times, with full-jitter waits between (at
 * least what Retry-After asks for). Unknown outcomes are repeated under the same idempotency key.
 * Gives the outcome of the last call, or unknown where an earlier one may have arrived and none was
 * answered for good.
 */
export async function callWithRetries(
  call: Omit<WebhookCall, 'nowMs'>,
  retries: WebhookRetries,
): Promise<EffectOutcome> {
  const { clock, attempts = 5, random = Math.random, signal } = retries;
  let last = await callWebhook({ ...call, nowMs: clock.nowMs() });
  let told = last;
  for (let attempt = 0; attempt < attempts - 1 && isOpen(last); attempt += 1) {
    const askedMs = last.kind === 'failed' ? (last.retryAfterMs ?? 0) : 0;
    if (askedMs > MAX_WAIT_MS) break;
    const waitMs = backoffMs(attempt, { baseMs: 1000, capMs: MAX_WAIT_MS }, random);
    if (!(await slept(clock, Math.max(waitMs, askedMs), signal))) break;
    last = await callWebhook({ ...call, nowMs: clock.nowMs() });
    told = summed(told, last);
  }
  return told;
}

function isOpen(outcome: EffectOutcome): boolean {
  return outcome.kind === 'unknown' || (outcome.kind === 'failed' && outcome.retry);
}

/** A call that may have arrived stays unknown until the receiver answers a repetition for good. */
function summed(before: EffectOutcome, after: EffectOutcome): EffectOutcome {
  return before.kind === 'unknown' && after.kind === 'failed'
    ? unknown(`a call may have arrived; the last one: ${after.reason}`)
    : after;
}

/** False when the signal ended the wait. */
async function slept(clock: Clock, ms: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal?.aborted === true) return false;
    throw error;
  }
}

function judgeAnswer(
  answer: Answer,
  target: Target,
  told: { readonly hidden: readonly string[]; readonly nowMs: number },
): EffectOutcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return done(`${target.told} answered ${status}`);
  if (status >= 300 && status < 400) {
    const where = outsideText(tellLocation(answer.location, target.url), told.hidden);
    return refused(
      answer.location === ''
        ? `${target.told} answered ${status}`
        : `${target.told} answered ${status} and points to ${where}; redirects are not followed`,
    );
  }
  const words = outsideText(answer.text, told.hidden);
  const reason = `${target.told} answered ${status}${words === '' ? '' : `: ${words}`}`;
  if (status < 500 && ![408, 425, 429].includes(status)) return refused(reason);
  const retryAfterMs = readRetryAfter(answer.retryAfter, told.nowMs);
  return {
    kind: 'failed',
    reason,
    retry: true,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  };
}

/** RFC 9110 §10.2.3: seconds or a date; more than a day is taken for a day. */
function readRetryAfter(text: string, nowMs: number): number | null {
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(0, waitMs), 86_400_000);
}

function judgeBreak(
  broken: Extract<Exchange, { kind: 'broken' }>,
  target: Target,
  hidden: readonly string[],
): EffectOutcome {
  const { error, wasSent } = broken;
  const words = errorText(error, hidden);
  if (error instanceof AddressRefused) return refused(`${target.told} is not called: ${words}`);
  if (wasSent) return unknown(`${target.told} was called, then: ${words}`);
  const isCertificate = /CERT|SELF_SIGNED|ALTNAME|VERIFY|ISSUER/.test(codeOf(error));
  // A certificate does not get better within a minute; a person has to look at it.
  return failed(`${target.told} was not reached: ${words}`, !isCertificate);
}

/** Sends the request and reads the answer; never rejects. */
async function exchangeOnce(call: WebhookCall, target: Target): Promise<Exchange> {
  const isTls = target.url.protocol === 'https:';
  // Loaded at the first call: most runs make none, and all would wait for it at their start.
  const { request: open } = isTls ? await import('node:https') : await import('node:http');
  return await new Promise((resolve) => {
    const body = Buffer.from(JSON.stringify(call.body), 'utf8');
    const timeoutMs = call.timeoutMs ?? LIMITS.webhookMs;
    const request = open(target.url, requestOptions(call, target, body));
    let wasSent = false;
    let answered: ((isWhole: boolean) => void) | null = null;
    const timer = setTimeout(() => {
      request.destroy(new Error(`no answer within ${timeoutMs} ms`));
      answered?.(false);
    }, timeoutMs);
    const end = (exchange: Exchange): void => {
      clearTimeout(timer);
      resolve(exchange);
      request.destroy();
    };
    request.on('socket', (socket) => {
      // Node writes the request when the connection stands; before that not a byte has left.
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        wasSent = true;
      });
    });
    request.on('error', (error) => end({ kind: 'broken', error, wasSent }));
    request.on('upgrade', () =>
      end({ kind: 'broken', error: new Error('it wants another protocol'), wasSent }),
    );
    request.on('response', (response) => {
      const read = readBounded(response);
      // The status is the answer; a body that does not end changes nothing about it.
      answered = () => end({ kind: 'answer', answer: answerOf(response, read.text()) });
      read.onEnd(() => answered?.(true));
    });
    request.end(body);
  });
}

function requestOptions(
  call: WebhookCall,
  target: Target,
  body: Buffer,
): RequestOptions & {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
} {
  const timestamp = String(Math.floor(call.nowMs / 1000));
  return {
    method: 'POST',
    // A connection of its own: a pooled one was looked up for somebody else.
    agent: false,
    lookup: guardedLookup(target.reach, call.resolve ?? systemResolve),
    rejectUnauthorized: true,
    ...(call.ca === undefined ? {} : { ca: call.ca }),
    maxHeaderSize: 16_384,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      'User-Agent': `mailwright/${VERSION}`,
      'Idempotency-Key': call.idempotencyKey,
      'X-Mailwright-Timestamp': timestamp,
      ...(call.secret === null ? {} : signed(call.secret, timestamp, body)),
    },
  };
}

function signed(key: Secret, timestamp: string, body: Buffer): Record<string, string> {
  const hmac = createHmac('sha256', key.reveal()).update(`${timestamp}.`).update(body);
  return { 'X-Mailwright-Signature': `sha256=${hmac.digest('hex')}` };
}

function answerOf(response: IncomingMessage, text: string): Answer {
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'] ?? '',
    location: response.headers.location ?? '',
    text,
  };
}

/** Reads at most LIMITS.outsideAnswerBytes, then stops listening. */
function readBounded(response: IncomingMessage): {
  readonly text: () => string;
  readonly onEnd: (ended: () => void) => void;
} {
  const chunks: Buffer[] = [];
  let size = 0;
  let ended = (): void => {};
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk.subarray(0, LIMITS.outsideAnswerBytes - size));
    size += chunk.length;
    if (size < LIMITS.outsideAnswerBytes) return;
    response.pause();
    ended();
  });
  response.once('end', () => ended());
  response.once('error', () => ended());
  response.once('close', () => ended());
  return {
    text: () => Buffer.concat(chunks).toString('utf8'),
    onEnd: (listener) => {
      ended = listener;
    },
  };
}
