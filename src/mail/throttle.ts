/** How a server says "not now", and how long it asks to be left alone. */

/** What a busy server asked for. */
export interface Throttle {
  /** The wait that the server named, in milliseconds; null where it named none. */
  readonly afterMs: number | null;
}

/** RFC 5530 §3: nothing is wrong with the command or the password, waiting helps. */
const BUSY_CODES = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'THROTTLED', 'ETHROTTLE']);
/** Exchange, Gmail, Yahoo, Dovecot and Cyrus without a code of their own. */
const BUSY_WORDS =
  /throttl|authenticated but not connected|too many|too busy|rate limit|(command|bandwidth|connection) limit|limit (hit|reached|exceeded)|temporary (system|server|authentication) (problem|failure|error)|(try|retry)[^.]{0,20} (later|again in)/i;
/** A server's word is taken up to this: nobody asks for more than a day. */
const LONGEST_HINT_MS = 24 * 3600_000;

/** Reads a refusal, or a goodbye, of a server; null where it is about something else. */
export function readThrottle(said: { code: string | null; text: string }): Throttle | null {
  const isBusy = BUSY_CODES.has((said.code ?? '').toUpperCase()) || BUSY_WORDS.test(said.text);
  return isBusy ? { afterMs: hintIn(said.text) } : null;
}

const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(ms|millisecond)/i, 1],
  [/^h/i, 3600_000],
  [/^m/i, 60_000],
  [/^s/i, 1000],
];

/** "Suggested Backoff Time: 92415 milliseconds" (Exchange), "try again in 5 minutes". */
function hintIn(text: string): number | null {
  const words =
    /(?:back-?off(?: time)?|again|retry|wait)\D{0,16}?(\d{1,12})\s*(ms\b|milliseconds?|s\b|sec\w*|m\b|min\w*|h\b|hours?)/i.exec(
      text,
    );
  const unit = UNITS.find(([name]) => name.test(words?.[2] ?? ''))?.[1];
  if (words === null || unit === undefined) return null;
  return Math.min(LONGEST_HINT_MS, Number(words[1]) * unit);
}
