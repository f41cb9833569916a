/** Conditions that only Gmail's IMAP extensions can answer (X-GM-EXT-1): label, gmail. */
import { z } from 'zod';
import { defineCondition } from '../condition-spec.ts';
import { needleSchema } from '../operands.ts';
import { sawReading } from '../seen.ts';
import { compileTextTest } from '../text-test.ts';
import { joinVerdicts, needs, verdictOf } from '../verdict.ts';

const NOT_GMAIL = "this server does not have Gmail's extensions (X-GM-EXT-1)";

/** A label of the message. */
export const label = defineCondition({
  key: 'label',
  schema: z.union([needleSchema, z.array(needleSchema).min(1)]),
  summary:
    'A Gmail label on the message (X-GM-LABELS), or any of a list. On other servers use `keyword`.',
  example: 'label: [Work, Receipts]',
  compile: (operand, context) => {
    const test = compileTextTest({ is: operand }, context);
    return {
      needs: ['labels'],
      evaluate: ({ labels }) => {
        if (labels === undefined) return needs('labels');
        if (labels.kind === 'unreadable') return { kind: 'indeterminate', reason: NOT_GMAIL };
        return joinVerdicts('any', labels.values.map(test.test));
      },
      describe: () => `label ${test.describe()}`,
      saw: ({ labels }) => sawReading('label', labels),
    };
  },
});

/** A query in Gmail's own search language. */
export const gmail = defineCondition({
  key: 'gmail',
  schema: needleSchema,
  summary: "A query in Gmail's own search language (X-GM-RAW), answered by Gmail.",
  example: 'gmail: "has:attachment larger:5M category:updates"',
  compile: (query) => ({
    needs: [`gmail:${query}`],
    evaluate: ({ gmail: answers }) => {
      const answer = answers?.get(query);
      if (answer === undefined) return needs(`gmail:${query}`);
      return answer === null ? { kind: 'indeterminate', reason: NOT_GMAIL } : verdictOf(answer);
    },
    describe: () => `Gmail finds it by ${JSON.stringify(query)}`,
    saw: ({ gmail: answers }) => `Gmail's answer: ${answers?.get(query) ?? 'none'}`,
  }),
});
