/** What is fuzzed: a reader of foreign octets, and what it may answer with. */
import { isAppError } from '../../src/core/app-error.ts';
import type { Recipe } from './make-input.ts';

/** One reader. */
export interface Target {
  readonly name: string;
  readonly recipe: Recipe;
  /** Reads; a diagnostic, a value or an AppError is an answer, anything else thrown is a find. */
  run(input: Buffer): void | Promise<void>;
}

/** An AppError says what is wrong with the input; BUG and the like say that we are wrong. */
export function isAnswer(error: unknown): boolean {
  return isAppError(error) && !OWN_FAULTS.has(error.code);
}

const OWN_FAULTS: ReadonlySet<string> = new Set(['BUG', 'WRONG_STATE', 'WRITE_FORBIDDEN']);

/** Runs a target on an input; gives what it threw that is no answer, and null otherwise. */
export async function findIn(target: Target, input: Buffer): Promise<unknown> {
  try {
    await target.run(input);
    return null;
  } catch (error) {
    return isAnswer(error) ? null : (error ?? new Error('undefined was thrown'));
  }
}

/** The samples and the grammar of a reader. */
export function recipe(samples: readonly string[], grammar: Recipe['grammar']): Recipe {
  return { samples, grammar };
}
