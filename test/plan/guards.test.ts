import { describe, expect, test } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { assertWithinLimits, type SafetyLimits } from '../../src/plan/guards.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planFor, rulesOf } from './support.ts';

const TRASH = parseMailboxName('Trash');
const LIMITS: SafetyLimits = {
  maxMessages: 500,
  maxPercent: 100,
  percentFloor: 0,
  maxDeletes: 50,
  maxCreates: 200,
};

/** A plan that does `then` to `touched` of `exists` messages. */
function plan(then: string, touched: number, exists = touched, mailbox = 'INBOX'): Plan {
  const mails = Array.from({ length: exists }, (_, index) => ({
    uid: index + 1,
    mailbox,
    flags: index < touched ? ['wanted'] : [],
  }));
  return planFor(rulesOf(`A | { keyword: wanted } | ${then}`), mails);
}

function refusal(limits: Partial<SafetyLimits>, ...plans: readonly Plan[]): string | null {
  try {
    assertWithinLimits(
      plans.map((each) => ({ plan: each, trash: TRASH })),
      { ...LIMITS, ...limits },
    );
    return null;
  } catch (error) {
    if (!isAppError(error, 'LIMIT_EXCEEDED')) throw error;
    const { limit, wanted, allowed } = error.facts;
    return `${limit} ${wanted} > ${allowed}`;
  }
}

describe('maxMessages', () => {
  test.each([
    ['as many as allowed', [plan('[star]', 3)], null],
    ['one more', [plan('[star]', 4)], 'maxMessages 4 > 3'],
    ['flags and a move of one message count once', [plan('[star, archive]', 3)], null],
    ['accounts count together', [plan('[star]', 2), plan('[star]', 2)], 'maxMessages 4 > 3'],
  ])('%s', (_, plans, expected) => {
    expect(refusal({ maxMessages: 3 }, ...plans)).toBe(expected);
  });
});

describe('maxPercent', () => {
  test.each([
    ['exactly the share', plan('[archive]', 2, 10), 20, 0, null],
    ['more than the share', plan('[archive]', 3, 10), 20, 0, 'maxPercent 30 > 20'],
    ['a part of a percent more', plan('[archive]', 201, 1000), 20, 0, 'maxPercent 21 > 20'],
    ['below the floor it is not judged', plan('[archive]', 9, 99), 5, 100, null],
    ['at the floor it is', plan('[archive]', 9, 100), 5, 100, 'maxPercent 9 > 5'],
    ['flags take nothing out of the mailbox', plan('[star]', 10), 20, 0, null],
    ['neither do copies', plan('[{ copy: Work }]', 10), 20, 0, null],
    ['an empty plan', plan('[archive]', 0, 10), 1, 0, null],
  ] as const)('%s', (_, made, maxPercent, percentFloor, expected) => {
    expect(refusal({ maxPercent, percentFloor }, made)).toBe(expected);
  });

  test('names the mailbox and the account', () => {
    const check = () =>
      assertWithinLimits([{ plan: plan('[archive]', 5, 10), trash: null }], {
        ...LIMITS,
        maxPercent: 20,
      });
    expect(check).toThrow(
      'would move away 50 percent in INBOX of account personal; safety.maxPercent allows 20',
    );
  });
});

test('maxCreates keeps a template from making a mailbox for each message', () => {
  const made = plan('[{ move: "S/{{ received.day }}", create: true }]', 3);
  expect(refusal({ maxCreates: 0 }, made)).toBe('maxCreates 1 > 0');
  expect(refusal({ maxCreates: 1 }, made)).toBeNull();
});

describe('maxDeletes', () => {
  test.each([
    ['to the trash by role', plan('[trash]', 3), 'maxDeletes 3 > 2'],
    ['to the trash by name', plan('[{ move: Trash }]', 3), 'maxDeletes 3 > 2'],
    ['marked as deleted', plan('[{ flag: deleted }]', 3), 'maxDeletes 3 > 2'],
    ['both ways for one message count once', plan('[{ flag: deleted }, trash]', 2), null],
    ['taking the mark off deletes nothing', plan('[{ unflag: deleted }]', 3), null],
    ['moves elsewhere delete nothing', plan('[archive]', 3), null],
    ['as many as allowed', plan('[trash]', 2), null],
  ])('%s', (_, made, expected) => {
    expect(refusal({ maxDeletes: 2 }, made)).toBe(expected);
  });

  test('mailboxes and accounts count together', () => {
    expect(refusal({ maxDeletes: 2 }, plan('[trash]', 2), plan('[trash]', 2, 2, 'Work'))).toBe(
      'maxDeletes 4 > 2',
    );
  });

  test('zero allows none', () => {
    expect(refusal({ maxDeletes: 0 }, plan('[trash]', 1))).toBe('maxDeletes 1 > 0');
  });
});
