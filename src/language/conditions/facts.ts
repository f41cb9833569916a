/** Conditions on size, age, flags, and on where the message lies. */
import { z } from 'zod';
import { renderBytes } from '../../core/bytes.ts';
import { renderDuration } from '../../core/duration.ts';
import { hasFlag, SYSTEM_FLAGS, type SystemFlagName, whyInvalidKeyword } from '../../mail/flags.ts';
import type { BasicFacts, MessageView } from '../../mail/message-view.ts';
import { SEARCH_ALL, type SearchKey } from '../../mail/search-key.ts';
import { type ConditionSpec, defineCondition } from '../condition-spec.ts';
import type { Verdict } from '../evaluation.ts';
import {
  asList,
  describeNumber,
  durationTestSchema,
  type NumberTest,
  refuse,
  sizeTestSchema,
  testNumber,
  textTestSchema,
} from '../operands.ts';
import { quoteSeen, sawBasic } from '../seen.ts';
import { compileTextTest } from '../text-test.ts';
import { needs, verdictOf } from '../verdict.ts';

const DAY_MS = 86_400_000;

/** RFC822.SIZE. */
export const size = defineCondition({
  key: 'size',
  schema: sizeTestSchema,
  summary: 'The size of the whole message. `MB` is 1000², `MiB` 1024².',
  example: 'size: { over: 5MB }',
  compile: (test: NumberTest) => ({
    needs: ['basic'],
    evaluate: (view) => judgeBasic(view, (basic) => testNumber(test, basic.sizeBytes)),
    toSearch: () => ({ key: sizeSearch(test), exact: true }),
    describe: () => `size ${describeNumber(test, renderBytes)}`,
    saw: (view) => sawBasic(view, (basic) => `size ${renderBytes(basic.sizeBytes)}`),
  }),
});

/** Time since INTERNALDATE. */
export const age = defineCondition({
  key: 'age',
  schema: durationTestSchema,
  summary: 'How long ago the message arrived in the account (INTERNALDATE).',
  example: 'age: { over: 90d }',
  compile: (test: NumberTest) => ({
    needs: ['basic'],
    evaluate: (view, { nowMs }) =>
      judgeBasic(view, (basic) => testNumber(test, nowMs - basic.internalDateMs)),
    toSearch: ({ nowMs }) => ({ key: ageSearch(test, nowMs), exact: false }),
    describe: () => `age ${describeNumber(test, renderDuration)}`,
    saw: (view, { nowMs }) =>
      sawBasic(view, ({ internalDateMs }) => `age ${renderDuration(nowMs - internalDateMs)}`),
  }),
});

/** The system flags, each a condition of its own. */
export const flagConditions = {
  seen: flagCondition('seen', 'Whether the message has been read.'),
  flagged: flagCondition('flagged', 'Whether the message has a star.'),
  answered: flagCondition('answered', 'Whether the message has been answered.'),
  draft: flagCondition('draft', 'Whether the message is a draft.'),
  deleted: flagCondition('deleted', 'Whether the message is marked as deleted.'),
} as const;

const keywordSchema = z.string().superRefine(
  refuse((text) => {
    const why = whyInvalidKeyword(text);
    return why === undefined ? undefined : `keyword ${JSON.stringify(text)}: ${why}`;
  }),
);

/** Keywords of the message. */
export const keyword = defineCondition({
  key: 'keyword',
  schema: z.union([keywordSchema, z.array(keywordSchema).min(1)]),
  summary: 'A keyword (label) on the message, or any of a list.',
  example: 'keyword: [Work, $Forwarded]',
  compile: (operand) => {
    const keywords = asList(operand);
    return {
      needs: ['basic'],
      evaluate: (view) =>
        judgeBasic(view, (basic) => keywords.some((flag) => hasFlag(basic.flags, flag))),
      toSearch: () => ({
        key: { kind: 'or', of: keywords.map((flag) => ({ kind: 'flag', flag, set: true })) },
        exact: true,
      }),
      describe: () => `keyword ${keywords.join(' or ')}`,
      saw: sawFlags,
    };
  },
});

/** The mailbox that the message lies in. */
export const mailbox = placeCondition('mailbox', 'The mailbox that the message lies in.', (view) =>
  String(view.ref.mailbox),
);
/** The account that the message lies in. */
export const account = placeCondition('account', 'The account that the message lies in.', (view) =>
  String(view.ref.account),
);

function placeCondition(
  key: string,
  summary: string,
  place: (view: MessageView) => string,
): ConditionSpec {
  return defineCondition({
    key,
    schema: textTestSchema,
    summary,
    example: `${key}: { is: ${key === 'mailbox' ? 'INBOX' : 'work'} }`,
    compile: (operand, context) => {
      const test = compileTextTest(operand, context);
      return {
        needs: [],
        evaluate: (view) => test.test(place(view)),
        describe: () => `${key} ${test.describe()}`,
        saw: (view) => `${key} ${quoteSeen(place(view))}`,
      };
    },
  });
}

function flagCondition(key: SystemFlagName, summary: string): ConditionSpec {
  const flag = SYSTEM_FLAGS[key];
  return defineCondition({
    key,
    schema: z.boolean(),
    summary,
    example: `${key}: true`,
    compile: (set) => ({
      needs: ['basic'],
      evaluate: (view) => judgeBasic(view, (basic) => hasFlag(basic.flags, flag) === set),
      toSearch: () => ({ key: { kind: 'flag', flag, set }, exact: true }),
      describe: () => `${key} is ${set}`,
      saw: sawFlags,
    }),
  });
}

function sawFlags(view: MessageView): string {
  return sawBasic(view, ({ flags }) =>
    flags.length === 0 ? 'no flags' : `flags ${flags.join(' ')}`,
  );
}

function judgeBasic(view: MessageView, test: (basic: BasicFacts) => boolean): Verdict {
  return view.basic === undefined ? needs('basic') : verdictOf(test(view.basic));
}

/** LARGER and SMALLER compare strictly, as `over` and `under` do (RFC 9051 §6.4.4). */
function sizeSearch(test: NumberTest): SearchKey {
  const of: SearchKey[] = [];
  if (test.over !== undefined) of.push({ kind: 'larger', bytes: test.over });
  if (test.under !== undefined) of.push({ kind: 'smaller', bytes: test.under });
  const [low, high] = test.between ?? (test.is === undefined ? [] : [test.is, test.is]);
  if (low !== undefined && low > 0) of.push({ kind: 'larger', bytes: low - 1 });
  if (high !== undefined) of.push({ kind: 'smaller', bytes: high + 1 });
  return { kind: 'and', of };
}

/**
 * BEFORE and SINCE compare calendar days of the server's choice of zone, so the bounds are moved out
 * by a day; evaluation then decides exactly.
 */
function ageSearch(test: NumberTest, nowMs: number): SearchKey {
  const oldest = test.under ?? test.between?.[1] ?? test.is;
  const youngest = test.over ?? test.between?.[0] ?? test.is;
  const of: SearchKey[] = [];
  if (youngest !== undefined) of.push({ kind: 'before', dayMs: nowMs - youngest + 2 * DAY_MS });
  if (oldest !== undefined) of.push({ kind: 'since', dayMs: nowMs - oldest - DAY_MS });
  return of.length === 0 ? SEARCH_ALL : { kind: 'and', of };
}
