/**
 * The room of what actions do outside a mailbox. Promises: each effect ends in one of four outcomes
 * and throws nothing for what the outside does. Never reads configuration or journal, never shows a
 * secret: the caller has journaled the intent, and journals the outcome.
 */

/** How an effect ended. */
export type EffectOutcome =
  | {
      /** It is so now; `evidence` says how we know. */
      readonly kind: 'done';
      readonly evidence: string;
    }
  | {
      /** It was not done, and asking again as it stands would end alike. */
      readonly kind: 'refused';
      readonly reason: string;
    }
  | {
      /** It was not done; `retry` tells whether a later try may do better. */
      readonly kind: 'failed';
      readonly reason: string;
      readonly retry: boolean;
      /** The other side asked to be left alone for so long. */
      readonly retryAfterMs?: number;
    }
  | {
      /** It may have been done. Only an idempotent effect may be repeated. */
      readonly kind: 'unknown';
      readonly reason: string;
    };

/** Makes the outcome of an effect that took place. */
export function done(evidence: string): EffectOutcome {
  return { kind: 'done', evidence };
}

/** Makes the outcome of an effect that must not take place as it was asked for. */
export function refused(reason: string): EffectOutcome {
  return { kind: 'refused', reason };
}

/** Makes the outcome of an effect that did not take place. */
export function failed(reason: string, retry: boolean): EffectOutcome {
  return { kind: 'failed', reason, retry };
}

/** Makes the outcome of an effect of which nobody told whether it took place. */
export function unknown(reason: string): EffectOutcome {
  return { kind: 'unknown', reason };
}
