/** Conditions on texts of the header: subject, header, list. */
import { z } from 'zod';
import type { MessageView } from '../../mail/message-view.ts';
import { textAnchors, tokensOfTexts } from '../anchors.ts';
import { type ConditionTest, defineCondition } from '../condition-spec.ts';
import type { Verdict } from '../evaluation.ts';
import { listId } from '../list-id.ts';
import {
  describeNumber,
  type NumberTest,
  numberTestSchema,
  refuse,
  testNumber,
  textTestSchema,
} from '../operands.ts';
import { sawTexts } from '../seen.ts';
import { compileTextTest, searchForLiterals, type TextTest } from '../text-test.ts';
import { joinEach, judgeHeader, judgeTexts, verdictOf } from '../verdict.ts';

/** The Subject field. */
export const subject = defineCondition({
  key: 'subject',
  schema: textTestSchema,
  summary: 'The subject, decoded and unfolded.',
  example: 'subject: { contains: [invoice, receipt] }',
  compile: (operand, context) =>
    headerText('subject', 'subject', compileTextTest(operand, context)),
});

const presenceSchema = z.strictObject({ exists: z.boolean() });
const headerTestSchema = z.union([presenceSchema, numberTestSchema, textTestSchema]);
const headerName = z
  .string()
  .superRefine(
    refuse((name) =>
      /^[!-9;-~]+$/.test(name)
        ? undefined
        : `${JSON.stringify(name)} is not a header name; it is printable ASCII without ":"`,
    ),
  );

/** Any header field by name. */
export const header = defineCondition({
  key: 'header',
  schema: z
    .record(headerName, headerTestSchema)
    .superRefine(
      refuse((tests) => (Object.keys(tests).length > 0 ? undefined : 'name a header field')),
    ),
  summary:
    'Header fields by name: a text test, `exists: true`, or a number test (the first number of the value).',
  example: 'header: { X-Spam-Score: { over: 5 }, Auto-Submitted: { exists: true } }',
  compile: (operand, context) => {
    const tests = Object.entries(operand).map(([name, test]) => {
      const field = name.toLowerCase();
      if (typeof test === 'object' && 'exists' in test) return presence(field, test.exists);
      return isNumberTest(test)
        ? headerNumber(field, test)
        : headerText(field, field, compileTextTest(test, context));
    });
    const anchors = tests.find((test) => test.anchors !== undefined)?.anchors;
    return {
      ...(anchors === undefined ? {} : { anchors }),
      needs: tests.flatMap((test) => test.needs),
      evaluate: (view, now) => joinEach('all', tests, (test) => test.evaluate(view, now)),
      toSearch: (search) => ({
        key: {
          kind: 'and',
          of: tests.map((test) => test.toSearch?.(search).key ?? { kind: 'all' }),
        },
        exact: false,
      }),
      describe: () => tests.map((test) => test.describe()).join(' and '),
      saw: (view, now) => tests.map((test) => test.saw(view, now)).join('; '),
    };
  },
});

/** Mailing lists, by List-Id (RFC 2919). */
export const list = defineCondition({
  key: 'list',
  schema: z.union([z.literal(true), textTestSchema]),
  summary: 'Mail of a mailing list: `true` for any, or a text test on the identifier of List-Id.',
  example: 'list: { matches: "*.lists.example.org" }',
  compile: (operand, context) => {
    if (operand === true) return presence('list-id', true);
    const test = compileTextTest(operand, context);
    const tokens = test.equals?.map((text) => `is ${text}`) ?? tokensOfTexts(test.holds);
    return {
      ...headerText('list-id', 'list', test),
      anchors: tokens?.map((token) => ({ field: 'list-id', token })),
      evaluate: (view) => judgeTexts(view, 'list-id', (value) => test.test(listId(value))),
    };
  },
});

type Test = Omit<ConditionTest, 'key'>;

function headerText(field: string, word: string, test: TextTest): Test {
  const anchors = textAnchors(field, test.holds);
  return {
    ...(anchors === null ? {} : { anchors }),
    needs: [`header:${field}`],
    evaluate: (view) => judgeTexts(view, field, test.test),
    toSearch: ({ trustServerText }) => ({
      key: (trustServerText ? searchForLiterals(field, test.literals) : null) ?? { kind: 'all' },
      exact: false,
    }),
    describe: () => `${word} ${test.describe()}`,
    saw: (view) => sawTexts(view, [field]),
  };
}

function presence(field: string, wanted: boolean): Test {
  return {
    needs: [`header:${field}`],
    evaluate: (view) => judgePresence(view, field, wanted),
    // An empty text asks whether the field exists (RFC 9051 §6.4.4), but not every server agrees.
    toSearch: () => ({ key: { kind: 'all' }, exact: false }),
    describe: () => `${field} ${wanted ? 'exists' : 'does not exist'}`,
    saw: (view) => sawTexts(view, [field]),
  };
}

function judgePresence(view: MessageView, field: string, wanted: boolean): Verdict {
  return judgeHeader<string>(view, field, {
    read: (headers) => headers.text(field),
    test: (values) => verdictOf(values.length > 0 === wanted),
  });
}

function headerNumber(field: string, test: NumberTest): Test {
  return {
    needs: [`header:${field}`],
    evaluate: (view) => judgeTexts(view, field, (value) => judgeNumber(field, value, test)),
    toSearch: () => ({ key: { kind: 'all' }, exact: false }),
    describe: () => `${field} is a number ${describeNumber(test, String)}`,
    saw: (view) => sawTexts(view, [field]),
  };
}

function judgeNumber(field: string, value: string, test: NumberTest): Verdict {
  const number = /[-+]?\d+(?:\.\d+)?/.exec(value)?.[0];
  return number === undefined
    ? { kind: 'indeterminate', reason: `${field} holds no number` }
    : verdictOf(testNumber(test, Number(number)));
}

function isNumberTest(test: unknown): test is NumberTest {
  if (typeof test !== 'object' || test === null || Array.isArray(test)) return false;
  return Object.entries(test).every(
    ([key, value]) => key === 'between' || typeof value === 'number',
  );
}
