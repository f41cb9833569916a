/** A plan follows from rules and mail alone, survives its file, and once applied leaves nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchesOf } from '../../src/plan/build-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { parsePlanFile, serializePlans } from '../../src/plan/plan-file.ts';
import { type Mail, planFor, rulesOf } from '../plan/support.ts';

const FLAGS = ['\\Seen', '\\Flagged', 'work'] as const;
const rule = fc.record({
  when: fc.constantFrom(
    '{ seen: true }',
    '{ flagged: false }',
    '{ keyword: work }',
    '{ subject: a }',
    '{ not: { subject: b } }',
    '{ size: { over: 500 } }',
  ),
  then: fc.subarray(
    [
      'star',
      'mark_read',
      '{ label: work }',
      '{ unlabel: work }',
      '{ copy: Work }',
      'archive',
      'stop',
    ],
    { minLength: 1 },
  ),
  more: fc.subarray(['continue: true', 'mode: observe']),
});
const rules = fc
  .array(rule, { minLength: 1, maxLength: 5 })
  .map((list) =>
    rulesOf(
      ...list.map(({ when, then, more }, index) =>
        [`R${index}`, when, `[${then.join(', ')}]`, ...more].join(' | '),
      ),
    ),
  );
const mails = fc
  .array(
    fc.record({
      flags: fc.subarray([...FLAGS]),
      sizeBytes: fc.integer({ min: 1, max: 1000 }),
      headers: fc.record({ subject: fc.constantFrom('a', 'b', 'c') }),
      unreadable: fc.subarray(['subject']),
    }),
    { minLength: 1, maxLength: 15 },
  )
  .map((list): Mail[] => list.map((mail, index) => ({ ...mail, uid: 3 * index + 1 })));

test('the same rules and mail give the same plan, and its file gives it back', () => {
  fc.assert(
    fc.property(rules, mails, (text, list) => {
      const plan = planFor(text, list);
      expect(planFor(text, structuredClone(list))).toEqual(plan);
      expect(parsePlanFile(serializePlans([plan]))).toEqual({ kind: 'ok', plans: [plan] });
    }),
    { numRuns: 100 },
  );
});

test('each message moves at most once, is copied once to a place, and parked ones are left alone', () => {
  fc.assert(
    fc.property(rules, mails, (text, list) => {
      const plan = planFor(text, list);
      const work = plan.steps.flatMap((step) =>
        step.kind === 'copy' || step.kind === 'move'
          ? step.targets.map(({ uid }) =>
              step.kind === 'move' ? `move ${uid}` : `copy ${uid} ${step.destination}`,
            )
          : [],
      );
      expect(new Set(work).size).toBe(work.length);
      const touched = plan.steps.flatMap((step) =>
        step.kind === 'create' ? [] : step.targets.map(({ uid }) => uid),
      );
      for (const { uid } of plan.parked) expect(touched).not.toContain(uid);
      expect(new Set(touched)).toEqual(
        new Set(plan.mailboxes.flatMap(({ messages }) => messages.map(({ uid }) => uid))),
      );
    }),
    { numRuns: 100 },
  );
});

/** The mail as a plan leaves it, and the copies that the journal then remembers. */
function applied(plan: Plan, list: readonly Mail[]): { mails: Mail[]; copied: string[] } {
  const copied: string[] = [];
  const flags = new Map(list.map((mail) => [mail.uid, new Set(mail.flags)]));
  const moved = new Set<number>();
  for (const step of plan.steps) {
    if (step.kind === 'create') continue;
    for (const { uid } of step.targets) {
      if (step.kind === 'store')
        flags.get(uid)?.[step.change.op === 'add' ? 'add' : 'delete'](step.change.flag);
      if (step.kind === 'copy') copied.push(`${uid} ${step.destination}`);
      if (step.kind === 'move') moved.add(uid);
    }
  }
  const mailsLeft = list
    .filter((mail) => !moved.has(mail.uid ?? 0))
    .map((mail) => ({ ...mail, flags: [...(flags.get(mail.uid) ?? [])] }));
  return { mails: mailsLeft, copied };
}

const settled = fc
  .array(
    fc.record({
      when: fc.constantFrom(
        '{ subject: a }',
        '{ subject: b }',
        '{ size: { over: 500 } }',
        '{ not: { subject: c } }',
      ),
      then: fc.subarray(['star', '{ label: work }', '{ copy: Work }', 'archive'], { minLength: 1 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((list) =>
    rulesOf(...list.map(({ when, then }, index) => `R${index} | ${when} | [${then.join(', ')}]`)),
  );

test('where conditions do not ask about what actions change, a second plan is empty', () => {
  fc.assert(
    fc.property(settled, mails, (text, list) => {
      const after = applied(planFor(text, list), list);
      expect(planFor(text, after.mails, { copied: after.copied }).steps).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('the order in which targets come does not change the batches', () => {
  const uids = fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { maxLength: 1200 });
  fc.assert(
    fc.property(uids, (list) => {
      const targets = list.map((uid) => ({ uid, rule: uid % 3 }));
      expect(batchesOf([...targets].reverse())).toEqual(batchesOf(targets));
    }),
    { numRuns: 30 },
  );
});
