import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { renderUidSet } from '../../src/mail/uid-set.ts';
import { batchesOf } from '../../src/plan/build-plan.ts';
import { planFor, rulesOf, stepWords } from './support.ts';

const from = (name: string) => ({ headers: { from: `${name}@x.example`, subject: name } });

describe('the steps of a plan', () => {
  const rules = rulesOf(
    'Ann | { from: ann@x.example } | [{ move: New/A, create: true }, star]',
    'Bob | { from: bob@x.example } | [{ copy: New/A, create: true }, { copy: Work }, mark_read, archive]',
    'Cleo | { from: cleo@x.example } | [star, { create: Made }, { label: later }]',
  );
  const plan = planFor(rules, [
    { uid: 5, ...from('ann') },
    { uid: 2, ...from('bob') },
    { uid: 9, ...from('cleo') },
    { uid: 4, ...from('dora') },
    { uid: 7, mailbox: 'Work', ...from('ann') },
  ]);

  test('create first, then per mailbox flags, copies, and last the moves', () => {
    expect(plan.steps.map(stepWords)).toEqual([
      'create New/A',
      'create Made',
      'store INBOX +\\Flagged 5,9',
      'store INBOX +\\Seen 2',
      'store INBOX +later 9',
      'copy INBOX New/A 2',
      'copy INBOX Work 2',
      'move INBOX New/A 5',
      'move INBOX Archive 2',
      'store Work +\\Flagged 7',
      'move Work New/A 7',
    ]);
  });

  test('have ids in order and name the rule that asked', () => {
    expect(plan.steps[0]?.id).toBe('20260301T120000-abcdef/personal/1');
    expect(plan.steps.at(-1)?.id).toBe('20260301T120000-abcdef/personal/11');
    const star = plan.steps[2];
    const asked =
      star?.kind === 'store' ? star.targets.map(({ rule }) => plan.rules[rule]?.name) : [];
    expect(asked).toEqual(['Ann', 'Cleo']);
  });

  test('keep what every message was when it was decided, and nothing of the others', () => {
    expect(plan.mailboxes).toMatchObject([
      { name: 'INBOX', exists: 4, uidValidity: 7, messages: [{ uid: 5 }, { uid: 2 }, { uid: 9 }] },
      {
        name: 'Work',
        exists: 1,
        messages: [{ uid: 7, identity: 'identity-7', basic: { sizeBytes: 1000 } }],
      },
    ]);
  });
});

test('a message that is parked has its reason in the plan and no step', () => {
  const plan = planFor(rulesOf('A | { subject: x } | [archive]'), [
    { uid: 3, unreadable: ['subject'] },
  ]);
  expect(plan.steps).toEqual([]);
  expect(plan.mailboxes).toEqual([]);
  expect(plan.parked).toEqual([
    { mailbox: 'INBOX', uid: 3, rule: 'A', reason: 'cannot be decided: subject: broken' },
  ]);
});

test('no decision, no plan', () => {
  expect(planFor(rulesOf('A | { seen: true } | [archive]'), [{ uid: 1 }])).toMatchObject({
    rules: [],
    mailboxes: [],
    steps: [],
    parked: [],
  });
});

describe('batches', () => {
  test('hold at most 500 messages', () => {
    const targets = Array.from({ length: 1201 }, (_, index) => ({ uid: index + 1, rule: 0 }));
    expect(batchesOf(targets).map((batch) => batch.length)).toEqual([500, 500, 201]);
  });

  test('are in UID order, each message once, each with its own rule', () => {
    const targets = [9, 3, 7, 3].map((uid) => ({ uid, rule: uid * 10 }));
    expect(batchesOf(targets)).toEqual([[3, 7, 9].map((uid) => ({ uid, rule: uid * 10 }))]);
    expect(batchesOf([])).toEqual([]);
  });

  test('fit one command line, whatever the UIDs, beside the longest mailbox name', () => {
    // Modified UTF-7 makes at most eight bytes of the three of one character.
    const name = parseMailboxName('漢'.repeat(Math.floor(LIMITS.mailboxNameBytes / 3)));
    const rest = 'A00000001 UID MOVE  ""\r\n'.length + Math.ceil((Buffer.byteLength(name) * 8) / 3);
    const uid = fc.integer({ min: 1, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.uniqueArray(uid, { minLength: 1, maxLength: 1500 }), (uids) => {
        const batches = batchesOf(uids.map((each) => ({ uid: each, rule: 0 })));
        for (const batch of batches) {
          const set = renderUidSet(batch.map((target) => target.uid));
          expect(batch.length).toBeLessThanOrEqual(LIMITS.batchUids);
          expect(rest + set.length).toBeLessThanOrEqual(LIMITS.commandLineBytes);
        }
        expect(batches.flat().map((target) => target.uid)).toEqual([...uids].sort((a, b) => a - b));
      }),
      { numRuns: 30 },
    );
  });

  test('the widest UIDs of a full batch still fit into a command line', () => {
    const mails = Array.from({ length: 600 }, (_, index) => ({ uid: 4_000_000_000 + 2 * index }));
    const plan = planFor(rulesOf('A | { seen: false } | [archive]'), mails);
    const batches = plan.steps.flatMap((step) => (step.kind === 'move' ? [step.targets] : []));
    expect(batches.map(({ length }) => length)).toEqual([500, 100]);
    for (const batch of batches) {
      const set = renderUidSet(batch.map(({ uid }) => uid));
      expect(set.length).toBeLessThan(LIMITS.commandLineBytes - 1024);
    }
  });
});
