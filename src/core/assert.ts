/** Checks of our own assumptions. Never use these for input: input gets a diagnostic. */
import { AppError } from './app-error.ts';

/** Throws BUG (exit 70) when `condition` is false. `sentence` says what was assumed. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new AppError('BUG', sentence, { sentence });
}

/** Makes the compiler prove that a switch over a union is exhaustive. */
export function assertNever(value: never): never {
  throw new AppError('BUG', 'a case that the types exclude was reached', {
    sentence: `unexpected value ${JSON.stringify(value)}`,
  });
}
