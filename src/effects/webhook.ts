/** `webhook`: one signed POST. No redirects, no private hosts, a short answer, a deadline. */
import { createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { backoffMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import {
  guardedLookup,
  isPrivateAddress,
  PrivateAddressError,
  type Resolve,
} from './address-guard.ts';
import { type EffectOutcome, foreignWords, wordsOf } from './effect-outcome.ts';

/** What to call, and with what. */
export interface WebhookCall {
  readonly url: string;
  /** The body before it is written as JSON. */
  readonly payload: unknown;
  /** Signs the body; null sends no signature. */
  readonly secret: string | null;
  /** The same for every attempt: the receiver drops what it has seen. */
  readonly idempotencyKey: string;
  /** Hosts that may be called although they are private, and without TLS. */
  readonly privateHosts: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For tests: how names are looked up. */
  readonly resolve?: Resolve;
}

const TIMEOUT_MS = 5000;
const ANSWER_BYTES = 64 * 1024;
const ATTEMPTS = 5;
const BACKOFF = { baseMs: 500, capMs: 20_000 };
/** Longer than this nobody waits for a receiver that asks for a pause. */
const MAX_PAUSE_MS = 30_000;

/**
 * Calls, up to five times where waiting may help. Safe to repeat: the key tells the receiver. The
 * signature is `sha256=` and the HMAC of `TIMESTAMP.BODY` in hexadecimal.
 */
export async function callWebhook(call: WebhookCall): Promise<EffectOutcome> {
  const checked = checkUrl(call);
  if (typeof checked === 'string') return { kind: 'refused', reason: checked };
  let last: EffectOutcome = { kind: 'failed', reason: 'it was not called' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) {
      const asked = last.kind === 'failed' ? last.retryAfterMs : undefined;
      const pauseMs = Math.min(asked ?? backoffMs(attempt - 1, BACKOFF), MAX_PAUSE_MS);
      await call.clock.sleep(pauseMs, call.signal);
    }
    last = await post(call, checked);
    if (last.kind === 'done' || last.kind === 'refused') return last;
  }
  return last;
}

function checkUrl({ url, privateHosts }: WebhookCall): URL | string {
  if (!URL.canParse(url)) return 'the webhook has no valid URL';
  const parsed = new URL(url);
  // The URL parser has turned 0x7f.1 and its kin into the addresses that they are.
  const host = parsed.hostname.replaceAll(/^\[|\]$/g, '');
  const isAllowed = privateHosts.includes(host);
  if (parsed.username !== '' || parsed.password !== '') {
    return 'a webhook has no user and password in its URL; use secret';
  }
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && isAllowed)) {
    return 'a webhook is called by https';
  }
  if (isIP(host) !== 0 && isPrivateAddress(host) && !isAllowed) {
    return `${host} is no public address; name it in safety.privateWebhookHosts to allow it`;
  }
  return parsed;
}

async function post(call: WebhookCall, url: URL): Promise<EffectOutcome> {
  const body = JSON.stringify(call.payload);
  const timestamp = String(Math.floor(call.clock.nowMs() / 1000));
  const signature =
    call.secret === null
      ? {}
      : {
          'X-Mailwright-Signature': `sha256=${createHmac('sha256', call.secret).update(`${timestamp}.${body}`).digest('hex')}`,
        };
  const isAllowed = call.privateHosts.includes(url.hostname.replaceAll(/^\[|\]$/g, ''));
  const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return await new Promise((resolve) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent: false,
        timeout: TIMEOUT_MS,
        signal: AbortSignal.any([call.signal, AbortSignal.timeout(TIMEOUT_MS)]),
        ...(isAllowed ? {} : { lookup: guardedLookup(call.resolve) }),
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          'User-Agent': 'mailwright',
          'Idempotency-Key': call.idempotencyKey,
          'X-Mailwright-Timestamp': timestamp,
          ...signature,
        },
      },
      (answer) => void readAnswer(answer, url).then(resolve),
    );
    sent.on('error', (error) => resolve(outcomeOf(error, url)));
    sent.end(body);
  });
}

/** Reads a little of the answer, so that the connection ends well; the words are not kept. */
async function readAnswer(answer: IncomingMessage, url: URL): Promise<EffectOutcome> {
  let size = 0;
  try {
    for await (const chunk of answer) {
      size += Buffer.isBuffer(chunk) ? chunk.length : 0;
      if (size > ANSWER_BYTES) {
        answer.destroy();
        break;
      }
    }
  } catch {
    // The status is known; what was to follow does not matter.
  }
  const status = answer.statusCode ?? 0;
  const said = `${url.host} answered ${status}`;
  if (status >= 200 && status < 300) return { kind: 'done', evidence: said };
  if (status >= 300 && status < 400) {
    const location = answer.headers.location ?? '';
    const to = URL.canParse(location, url.href) ? new URL(location, url.href).host : 'nowhere';
    return { kind: 'refused', reason: `${said}, a redirect to ${to}, which is not followed` };
  }
  const waits = status === 408 || status === 425 || status === 429 || status >= 500;
  if (!waits) return { kind: 'refused', reason: said };
  const seconds = Number(answer.headers['retry-after']);
  return {
    kind: 'failed',
    reason: said,
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

function outcomeOf(error: Error, url: URL): EffectOutcome {
  if (error instanceof PrivateAddressError) {
    return { kind: 'refused', reason: foreignWords(error.message) };
  }
  const why =
    error.name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} s` : wordsOf(error);
  return { kind: 'failed', reason: `${url.host}: ${why}` };
}
