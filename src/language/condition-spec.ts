/**
 * What a condition is: one file with all its faces. The registry joins them; a new condition is one
 * file and one line there.
 */
import type { z } from 'zod';
import type { MemoryAsk } from '../mail/mail-memory.ts';
import type { Field, MessageView } from '../mail/message-view.ts';
import type { SearchKey } from '../mail/search-key.ts';
import type { EvaluationContext, Verdict } from './evaluation.ts';
import { PLAINLY } from './operands.ts';

/** A condition with its operand compiled in. */
export interface ConditionTest {
  readonly key: string;
  /** Every fact it may ask for. */
  readonly needs: readonly Field[];
  /** What it asks of the memory of the account; absent: nothing. */
  readonly asks?: readonly MemoryAsk[];
  evaluate(view: MessageView, context: EvaluationContext): Verdict;
  /**
   * The SEARCH form: a superset of what matches. `exact` says that it is the very set, so that it
   * may also be negated. Absent where a server cannot help.
   */
  toSearch?(context: SearchContext): { readonly key: SearchKey; readonly exact: boolean };
  /**
   * Constants of header fields, one of which every message has that this does not answer no to.
   * Absent where that cannot be said.
   */
  readonly anchors?: readonly Anchor[] | undefined;
  /** "sender is ci@example.org", for explanations. */
  describe(): string;
  /** The values that it looked at, for explanations: `subject "hello"`. */
  saw(view: MessageView, context: EvaluationContext): string;
  /** What was compiled, for those who say the same in another language. */
  readonly source?: { readonly operand: unknown; readonly lists: OperandContext };
}

/** A constant of a header field, in the words of anchors.ts. */
export interface Anchor {
  readonly field: string;
  readonly token: string;
}

/** What turning a condition into SEARCH may depend on. */
export interface SearchContext {
  readonly nowMs: number;
  /** The owner trusts the server's own text search to decode and fold as we do. */
  readonly trustServerText: boolean;
}

/** What compiling an operand may refer to. */
export interface OperandContext {
  /** The entries of a list of the rule file. The name has been checked. */
  list(name: string): readonly string[];
}

/** One condition: its operand's schema, how it compiles, and its page in the reference. */
export interface ConditionSpec {
  readonly key: string;
  readonly schema: z.ZodType;
  readonly summary: string;
  readonly example: string;
  /** Compiles an operand that the schema accepted. */
  compile(operand: unknown, context: OperandContext): ConditionTest;
}

/** Types the operand of a condition by its schema, and forgets the type for the registry. */
export function defineCondition<S extends z.ZodType>(spec: {
  readonly key: string;
  readonly schema: S;
  readonly summary: string;
  readonly example: string;
  compile(operand: z.output<S>, context: OperandContext): Omit<ConditionTest, 'key'>;
}): ConditionSpec {
  return {
    key: spec.key,
    schema: spec.schema,
    summary: spec.summary,
    example: spec.example,
    compile: (operand, context) => ({
      key: spec.key,
      source: { operand, lists: context },
      ...spec.compile(spec.schema.parse(operand, PLAINLY), context),
    }),
  };
}
