/** The plan file and the readers below it: plan-json.ts and json-shape.ts. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parsePlanFile, serializePlans } from '../../src/plan/plan-file.ts';
import { planFor, rulesOf } from './support.ts';

const PLAN = planFor(
  rulesOf(
    'A | { flagged: true } | [mark_read, { copy: Work }, { move: New, create: true }]',
    'B | { subject: x } | [archive]',
  ),
  [
    { uid: 3, flags: ['\\Flagged'], headers: { subject: 'Grüße ❤ "quoted" \u0007' } },
    { uid: 4, headers: { subject: 'x' }, ageMs: 10 ** 13 },
    { uid: 5, unreadable: ['subject'] },
  ],
);
const TEXT = serializePlans([PLAN, { ...PLAN, undoes: PLAN.run }]);

const reasonOf = (text: string): string => {
  const result = parsePlanFile(text);
  return result.kind === 'ok' ? 'ok' : result.reason;
};

test('what was written is read back as it was', () => {
  expect(parsePlanFile(TEXT)).toEqual({ kind: 'ok', plans: [PLAN, { ...PLAN, undoes: PLAN.run }] });
  expect(parsePlanFile(serializePlans([]))).toEqual({ kind: 'ok', plans: [] });
});

test('the same plan gives the same file', () => {
  expect(serializePlans([PLAN])).toBe(serializePlans([structuredClone(PLAN)]));
});

test('other line breaks and another order of keys change nothing', () => {
  const { format, digest, plans } = JSON.parse(TEXT);
  expect(reasonOf(JSON.stringify({ plans, digest, format }))).toBe('ok');
});

describe('an edited file is refused', () => {
  test.each([
    ['a UID', '"uid": 4', '"uid": 5'],
    ['a destination', '"destination": "Archive"', '"destination": "Trash"'],
    ['a flag', '"flag": "\\\\Seen"', '"flag": "\\\\Deleted"'],
    ['UIDVALIDITY', '"uidValidity": 7', '"uidValidity": 8'],
    ['an identity', '"identity-4"', '"identity-3"'],
    ['the account', '"account": "personal"', '"account": "work"'],
  ])('%s', (_, before, after) => {
    expect(TEXT).toContain(before);
    expect(reasonOf(TEXT.replaceAll(before, after))).not.toBe('ok');
  });

  test('one change says that it was edited', () => {
    const edited = TEXT.replaceAll('"destination": "Archive"', '"destination": "Trash"');
    expect(reasonOf(edited)).toBe('it was edited or cut since it was written');
  });

  test.each([
    ['cut in the middle', TEXT.slice(0, TEXT.length / 2)],
    ['empty', ''],
    ['no JSON', 'hello'],
  ])('%s', (_, text) => {
    expect(reasonOf(text)).toMatch(/JSON/);
  });

  test.each([
    ['null', 'the file should be an object'],
    ['[]', 'the file should be an object'],
    ['{}', 'the file.format should be text'],
    [
      '{"format":"other-9","digest":"","plans":[]}',
      'its format is "other-9", not "mailwright-plan-1"',
    ],
    ['{"format":"mailwright-plan-1","digest":"","plans":{}}', 'the file.plans should be a list'],
    [
      '{"format":"mailwright-plan-1","digest":"","plans":[5]}',
      'the file.plans[0] should be an object',
    ],
  ])('%s', (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });
});

describe('a forged file with a digest of its own is still checked', () => {
  const forge = (change: (plan: Record<string, unknown>) => void): string => {
    const plan = JSON.parse(JSON.stringify(PLAN));
    change(plan);
    const sorted = JSON.stringify([plan], (_, value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
    const digest = createHash('sha256').update(sorted).digest('hex');
    return reasonOf(JSON.stringify({ format: 'mailwright-plan-1', digest, plans: [plan] }));
  };
  const store = { kind: 'store', id: `${PLAN.run}/personal/1`, mailbox: 'INBOX' };
  const change = { op: 'add', flag: '\\Seen' };

  test('the forgery itself works', () => expect(forge(() => undefined)).toBe('ok'));

  test.each([
    [
      'a message that is not of the plan',
      { ...store, change, targets: [{ uid: 99, rule: 0 }] },
      'steps[0].targets should be messages of the plan',
    ],
    [
      'a message of another mailbox',
      { ...store, mailbox: 'Work', change, targets: [{ uid: 3, rule: 0 }] },
      'messages of the plan',
    ],
    [
      'a rule that is not of the plan',
      { ...store, change, targets: [{ uid: 3, rule: 9 }] },
      'for rules of the plan',
    ],
    [
      'a step number out of order',
      { ...store, id: `${PLAN.run}/personal/2`, change, targets: [] },
      'steps[0].id should be in order',
    ],
    ['an unknown kind of step', { ...store, kind: 'destroy' }, 'kind should be create or store'],
    [
      'a flag that ends the command',
      { ...store, change: { op: 'add', flag: 'a)\r\nX' }, targets: [] },
      'flag should be a flag',
    ],
    [
      'FLAGS without + or -',
      { ...store, change: { op: 'set', flag: 'a' }, targets: [] },
      'op should be add or remove',
    ],
    [
      'a mailbox name with a line break',
      { ...store, kind: 'create', mailbox: 'a\r\nb', rule: 0 },
      'should be a mailbox name',
    ],
    ['UID 0', { ...store, change, targets: [{ uid: 0, rule: 0 }] }, 'uid should be a UID'],
    [
      'a UID beyond 32 bits',
      { ...store, change, targets: [{ uid: 2 ** 32, rule: 0 }] },
      'uid should be a UID',
    ],
    [
      'a fraction',
      { ...store, change, targets: [{ uid: 1.5, rule: 0 }] },
      'uid should be a whole number',
    ],
  ])('%s', (_, step, reason) => {
    expect(forge((plan) => Object.assign(plan, { steps: [step] }))).toContain(reason);
  });

  test.each([
    ['version', 2, 'version should be 1'],
    ['account', null, 'account should be text'],
    ['undoes', 5, 'undoes should be text'],
    ['parked', [{ mailbox: 'INBOX', uid: 1, rule: 4, reason: '' }], 'rule should be text'],
  ])('%s: %j', (key, value, reason) => {
    expect(forge((plan) => Object.assign(plan, { [key]: value }))).toContain(reason);
  });
});
