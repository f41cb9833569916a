/** One question to the world, within its deadline. */
import type { DiscoveryWorld } from './discovery.ts';

/** What is looked for, and with what patience. */
export interface Question {
  readonly address: string;
  /** In the form of DNS: small letters, punycode. */
  readonly domain: string;
  readonly world: DiscoveryWorld;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** The answer, or why there was none. */
export type Answer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'failed'; readonly reason: string };

/** Longer reasons say nothing more; they may come from a stranger. */
const MAX_REASON_CHARS = 200;

/**
 * Asks once. Ends at the deadline whether or not `ask` minds the signal; rejects only when the
 * caller's own signal is aborted, with its reason.
 */
export async function askWithin<T>(
  { deadlineMs, signal }: Pick<Question, 'deadlineMs' | 'signal'>,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<Answer<T>> {
  signal.throwIfAborted();
  const late = new AbortController();
  let stop: () => void = () => {};
  const ended = new Promise<Answer<T>>((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve({ kind: 'failed', reason: `no answer within ${deadlineMs / 1000} s` });
    }, deadlineMs);
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      late.abort();
    };
  });
  const asked = ask(late.signal).then(
    (value): Answer<T> => ({ kind: 'answer', value }),
    (error: unknown): Answer<T> => ({ kind: 'failed', reason: reasonOf(error) }),
  );
  try {
    return await Promise.race([asked, ended]);
  } finally {
    stop();
  }
}

/** One line of plain text. */
export function plainReason(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ').slice(0, MAX_REASON_CHARS);
}

function reasonOf(error: unknown): string {
  return plainReason(error instanceof Error ? error.message : String(error));
}
