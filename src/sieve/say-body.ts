/** The body in Sieve: `body :text :contains` (RFC 5173 §5.3); other comparisons are not portable. */
import type { OperandContext } from '../language/condition-spec.ts';
import { textTestSchema } from '../language/operands.ts';
import { lost, type Said, withRemark } from './said.ts';
import { sayText } from './text-keys.ts';

/** Says a `body` condition. */
export function sayBody(operand: unknown, lists: OperandContext): Said {
  const parsed = textTestSchema.safeParse(operand);
  if (!parsed.success) return lost('"body: raw" is not the same in Sieve');
  const input = parsed.data;
  const isBare = typeof input === 'string' || Array.isArray(input);
  if (
    !isBare &&
    (input.contains === undefined ||
      Object.keys(input).some((key) => !/^(contains|case)$/.test(key)))
  ) {
    return lost('a comparison of a whole body: Sieve only looks for words in it');
  }
  const text = sayText(input, { lists, phrase: (match, keys) => `body :text ${match} ${keys}` });
  if (text.kind === 'lost') return text;
  return withRemark(
    { ...text, requires: [...text.requires, 'body'] },
    'what Sieve takes for the text of a message is its own choice (RFC 5173 §5.3)',
  );
}
