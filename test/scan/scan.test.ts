/** Staged loading: scan.ts, with merge-headers.ts. */
import { describe, expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { mergeHeaders } from '../../src/mail/merge-headers.ts';
import type { Field } from '../../src/mail/message-view.ts';
import { decide, isIdle } from '../../src/plan/decide.ts';
import type { Decision } from '../../src/plan/decision.ts';
import { firstFields } from '../../src/scan/pushdown.ts';
import { scan } from '../../src/scan/scan.ts';
import { messageOf, ruleSetOf } from '../language/support.ts';
import { contextOf, rulesOf } from '../plan/support.ts';
import { type Box, mailboxOf } from './support.ts';

async function run(
  rulesText: string,
  box: Box,
  options: { signal?: AbortSignal; first?: readonly Field[] } = {},
) {
  const rules = ruleSetOf(rulesText).files.flatMap((file) => file.rules);
  const { reader, fetches } = mailboxOf(box);
  const progress: string[] = [];
  const result = await scan<Decision>({
    reader,
    account: accountId('personal'),
    hasGmail: false,
    uids: box.mails.map((mail) => mail.uid ?? 1),
    first: options.first ?? firstFields(rules),
    decide: (view) => decide(view, rules, contextOf()),
    keep: (decision) => (isIdle(decision) ? null : decision),
    onProgress: (done, total) => progress.push(`${done}/${total}`),
    signal: options.signal ?? new AbortController().signal,
  });
  const acted = result.results.map((decision) => decision.view.ref.uid);
  return { acted, fetches, progress, vanished: result.vanishedCount };
}

const from = (name: string) => ({ from: `${name}@x.example` });

describe('the fewest items are fetched', () => {
  test.each([
    [
      'flags decide: no header is read',
      ['A | { seen: true } | [star]'],
      ['1,2,3 basic', '2 basic+identity'],
    ],
    [
      'headers are asked at once where they decide first',
      ['A | { from: ann@x.example } | [star]'],
      ['1,2,3 from', '1 basic+identity'],
    ],
    [
      'a header is read only where flags left it open',
      ['A | { seen: true, subject: hello } | [star]'],
      ['1,2,3 basic', '2 subject', '2 basic+identity'],
    ],
    [
      'nothing more for messages that no rule wants',
      ['A | { from: nobody@x.example } | [star]'],
      ['1,2,3 from'],
    ],
    [
      'a field of a destination is read for messages that match',
      ['A | { seen: true } | [{ move: "{{ subject }}", create: true }]'],
      ['1,2,3 basic', '2 basic+identity', '2 subject'],
    ],
    [
      'an observing rule needs no identity',
      ['A | { seen: true } | [star] | mode: observe'],
      ['1,2,3 basic'],
    ],
  ])('%s', async (_, rules, expected) => {
    const mails = [
      { uid: 1, headers: from('ann') },
      { uid: 2, flags: ['\\Seen'], headers: { ...from('bob'), subject: 'hello' } },
      { uid: 3, headers: from('cleo') },
    ];
    expect((await run(rulesOf(...rules), { mails })).fetches).toEqual(expected);
  });
});

test('where flags and a header are missing, flags come first: they may be enough', async () => {
  const mails = [{ uid: 1 }, { uid: 2, flags: ['\\Seen'], headers: { subject: 'hello' } }];
  const rules = rulesOf('A | { seen: true, subject: hello } | [star]');
  const { fetches } = await run(rules, { mails }, { first: [] });
  expect(fetches).toEqual(['1,2 basic', '2 subject', '2 basic+identity']);
});

describe('a message that vanishes while it is read', () => {
  const mails = [1, 2, 3].map((uid) => ({ uid, headers: from('ann') }));
  const rules = rulesOf('A | { from: ann@x.example } | [archive]');
  test.each([
    ['before the first stage', { 0: [2] }],
    ['before the last stage', { 1: [2] }],
  ])('%s is never decided, and is counted', async (_, vanish) => {
    expect(await run(rules, { mails, vanish })).toMatchObject({ acted: [1, 3], vanished: 1 });
  });

  test('takes none of the others with it', async () => {
    expect(await run(rules, { mails, vanish: { 0: [1, 2, 3] } })).toMatchObject({
      acted: [],
      vanished: 3,
    });
  });
});

test('pages are bounded, progress counts messages, results stand in UID order', async () => {
  const count = LIMITS.fetchPageUids + 5;
  const mails = Array.from({ length: count }, (_, index) => ({
    uid: index + 1,
    flags: ['\\Seen'],
  }));
  const { acted, fetches, progress } = await run(rulesOf('A | { seen: true } | [archive]'), {
    mails,
  });
  expect(fetches).toHaveLength(4);
  expect(progress).toEqual([`${LIMITS.fetchPageUids}/${count}`, `${count}/${count}`]);
  expect(acted).toEqual(mails.map((mail) => mail.uid));
});

test.each([
  ['where most messages are acted on, one FETCH brings what that takes', 1, 'basic+identity+from'],
  ['where few are, the others are spared it', 5, 'from'],
])('%s', async (_, every, words) => {
  const count = 3 * LIMITS.fetchPageUids;
  const mails = Array.from({ length: count }, (_each, index) => ({
    uid: index + 1,
    headers: from(index % every === 0 ? 'ann' : 'bob'),
  }));
  const rules = rulesOf('A | { from: ann@x.example } | [archive]');
  const { acted, fetches } = await run(rules, { mails });
  const last = fetches.find((line) => line.startsWith(`${2 * LIMITS.fetchPageUids + 1},`));
  expect(last?.split(' ').at(-1)).toBe(words);
  expect(acted).toHaveLength(count / every);
});

test('an abort ends the scan before its next page', async () => {
  const abort = new AbortController();
  abort.abort(new Error('stopped'));
  const scanning = run(
    rulesOf('A | { seen: true } | [archive]'),
    { mails: [{ uid: 1 }] },
    { signal: abort.signal },
  );
  await expect(scanning).rejects.toThrow('stopped');
});

test('a fact that never satisfies its asker is a bug, not a loop', async () => {
  const { reader } = mailboxOf({ mails: [{ uid: 1 }] });
  const scanning = scan<{ kind: 'decided' }>({
    reader,
    account: accountId('personal'),
    hasGmail: false,
    uids: [1],
    first: ['basic'],
    decide: () => ({ kind: 'needs', fields: ['header:x'] }),
    keep: (result) => result,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  await expect(scanning).rejects.toMatchObject({ code: 'BUG' });
});

test('headers of two stages are read as one', () => {
  const one = messageOf({
    headers: { from: 'a@x', subject: 'old' },
    loaded: ['from', 'subject'],
  }).headers;
  const two = messageOf({ headers: { subject: 'new' }, loaded: ['subject', 'cc'] }).headers;
  if (one === undefined || two === undefined) throw new Error('both have headers');
  const both = mergeHeaders(one, two);
  expect(['from', 'subject', 'cc', 'to'].map((name) => both.isLoaded(name))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(both.addresses('from')).toMatchObject({ values: [{ address: 'a@x' }] });
  expect(both.text('subject')).toEqual({ kind: 'values', values: ['new'] });
  expect(both.text('cc')).toEqual({ kind: 'values', values: [] });
});
