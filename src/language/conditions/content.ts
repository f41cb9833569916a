/** Conditions on what a message holds: body, attachment. */
import { z } from 'zod';
import { renderBytes } from '../../core/bytes.ts';
import { LIMITS } from '../../core/limits.ts';
import type { MessagePart, Reading } from '../../mail/message-view.ts';
import { type ConditionTest, defineCondition, type OperandContext } from '../condition-spec.ts';
import type { Verdict } from '../evaluation.ts';
import {
  asList,
  describeNumber,
  numberTestSchema,
  refuse,
  sizeTestSchema,
  testNumber,
  textTestSchema,
} from '../operands.ts';
import { compileGlob } from '../pattern.ts';
import { sawReading } from '../seen.ts';
import { compileTextTest } from '../text-test.ts';
import { joinVerdicts, needs, verdictOf } from '../verdict.ts';

const rawSchema = z.strictObject({
  raw: textTestSchema.describe('The octets after the header as they were sent, nothing decoded.'),
});

/** The text that a reader sees. */
export const body = defineCondition({
  key: 'body',
  schema: z.union([rawSchema, textTestSchema]),
  summary:
    'The decoded text of the message, HTML as text: any text part that is no attachment. `{ raw: … }` looks at the body as it was sent.',
  example: 'body: { contains: [unsubscribe, abmelden] }',
  compile: (operand, context) =>
    typeof operand === 'object' && 'raw' in operand
      ? rawBody(compileTextTest(operand.raw, context, LIMITS.bodyPartBytes))
      : shownBody(compileTextTest(operand, context, LIMITS.bodyChars)),
});

type Test = Omit<ConditionTest, 'key'>;
type BodyTest = ReturnType<typeof compileTextTest>;

function shownBody(test: BodyTest): Test {
  return {
    needs: ['body'],
    evaluate: (view) =>
      view.body === undefined ? needs('body') : judge('body', view.body, test.test),
    describe: () => `body ${test.describe()}`,
    saw: ({ body: reading }) => sawReading('body', reading),
  };
}

function rawBody(test: BodyTest): Test {
  return {
    needs: ['raw-body'],
    evaluate: (view) =>
      view.rawBody === undefined ? needs('raw-body') : judge('body', view.rawBody, test.test),
    describe: () => `raw body ${test.describe()}`,
    saw: (view) => sawReading('raw body', view.rawBody),
  };
}

function judge<T>(word: string, reading: Reading<T>, test: (value: T) => Verdict): Verdict {
  return reading.kind === 'unreadable'
    ? { kind: 'indeterminate', reason: `${word}: ${reading.reason}` }
    : joinVerdicts('any', reading.values.map(test));
}

const mediaType = z
  .string()
  .superRefine(
    refuse((text) =>
      /^[^\s/]+\/[^\s/]+$/.test(text)
        ? undefined
        : `${JSON.stringify(text)} is no media type; write it like application/pdf or image/*`,
    ),
  );

const partSchema = z
  .strictObject({
    name: textTestSchema.optional().describe('The file name.'),
    type: z
      .union([mediaType, z.array(mediaType).min(1)])
      .optional()
      .describe('The media type; `*` is a wildcard.'),
    size: sizeTestSchema
      .optional()
      .describe('Octets as transferred: base64 counts four for three.'),
    count: numberTestSchema.optional().describe('How many attachments meet the other tests.'),
  })
  .superRefine(
    refuse((test) =>
      Object.keys(test).length > 0 ? undefined : 'say what to look for: name, type, size or count',
    ),
  );

/** What is attached to the message, by its structure alone. */
export const attachment = defineCondition({
  key: 'attachment',
  schema: z.union([z.boolean(), partSchema]),
  summary:
    'What is attached, told by BODYSTRUCTURE without a download: `true`, `false`, or tests that one attachment meets all of.',
  example:
    'attachment: { type: application/pdf, name: { contains: invoice }, size: { over: 10KB } }',
  compile: (operand, context) => {
    const wanted = compilePart(operand, context);
    return {
      needs: ['structure'],
      evaluate: ({ structure }) => {
        if (structure === undefined) return needs('structure');
        if (structure.kind === 'unreadable') {
          return { kind: 'indeterminate', reason: `structure: ${structure.reason}` };
        }
        return wanted.judge(structure.values.filter((part) => part.isAttachment));
      },
      describe: wanted.describe,
      saw: ({ structure }) => sawReading('attachment', attachmentsOf(structure)),
    };
  },
});

function attachmentsOf(structure: Reading<MessagePart> | undefined): Reading<string> | undefined {
  if (structure?.kind !== 'values') return structure;
  const values = structure.values
    .filter((part) => part.isAttachment)
    .map(({ name, type, sizeBytes }) => `${name} (${type}, ${renderBytes(sizeBytes)})`);
  return { kind: 'values', values };
}

interface PartTest {
  judge(attachments: readonly MessagePart[]): Verdict;
  describe(): string;
}

function compilePart(
  operand: boolean | z.output<typeof partSchema>,
  context: OperandContext,
): PartTest {
  if (typeof operand === 'boolean') {
    return {
      judge: (attachments) => verdictOf(attachments.length > 0 === operand),
      describe: () => (operand ? 'has an attachment' : 'has no attachment'),
    };
  }
  const { size, count } = operand;
  const name = operand.name === undefined ? null : compileTextTest(operand.name, context);
  const types = asList(operand.type).map((glob) => compileGlob(glob, { caseSensitive: false }));
  const judgePart = (part: MessagePart): Verdict =>
    joinVerdicts('all', [
      verdictOf(types.length === 0 || types.some((type) => type.match(part.type) !== null)),
      verdictOf(size === undefined || testNumber(size, part.sizeBytes)),
      ...(name === null ? [] : [name.test(part.name)]),
    ]);
  return {
    judge: (attachments) => {
      const verdicts = attachments.map(judgePart);
      if (count === undefined) return joinVerdicts('any', verdicts);
      return (
        verdicts.find(({ kind }) => kind === 'indeterminate') ??
        verdictOf(testNumber(count, verdicts.filter(({ kind }) => kind === 'yes').length))
      );
    },
    describe: () =>
      [
        ...(name === null ? [] : [`name ${name.describe()}`]),
        ...(operand.type === undefined ? [] : [`type ${asList(operand.type).join(' or ')}`]),
        ...(size === undefined ? [] : [`size ${describeNumber(size, renderBytes)}`]),
        ...(count === undefined ? [] : [`count ${describeNumber(count, String)}`]),
      ].reduce((text, each, index) => `${text}${index === 0 ? ' ' : ' and '}${each}`, 'attachment'),
  };
}
