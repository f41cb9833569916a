/** What an answer to CHANGEDSINCE is believed to say, and when it says nothing. */
import { expect, test } from 'vitest';
import { accountId } from '../../../src/core/brand.ts';
import { quietLogger, skippedLines, traceLogger } from '../../../src/imap/trace.ts';
import { INBOX, open, TARGET } from '../scripted-session.ts';

const WITH_QRESYNC = {
  CAPABILITY: ['* CAPABILITY IMAP4rev1 ENABLE QRESYNC MOVE UIDPLUS UNSELECT', 'TAG OK done'],
  ENABLE: ['* ENABLED QRESYNC', 'TAG OK enabled'],
};

async function changedBy(...answer: readonly string[]): Promise<readonly number[] | null> {
  const script = { ...WITH_QRESYNC, 'UID FETCH': [...answer, 'TAG OK done'] };
  const { session, server } = await open(script);
  const box = await session.select(INBOX);
  const changed = await box.changedSince([1, 2, 3, 4, 5], 17n);
  expect(server.received.join('\n')).toContain(
    'UID FETCH 1:5 (UID FLAGS) (CHANGEDSINCE 17 VANISHED)',
  );
  return changed === null ? null : [...changed].sort();
}

test.each([
  ['nothing', [], []],
  ['a row', ['* 2 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ (18))'], [2]],
  ['what left before', ['* VANISHED (EARLIER) 3:4,90:99'], [3, 4]],
  ['what leaves now', ['* VANISHED 5'], [5]],
  ['a message that nobody asked for', ['* 9 FETCH (UID 9 FLAGS () MODSEQ (18))'], []],
  ['a row without its UID', ['* 2 FETCH (FLAGS ())'], null],
  ['a set that is none', ['* VANISHED (EARLIER) 3:*'], null],
  ['a departure by number', ['* 3 EXPUNGE'], null],
  ['a keyword that is no atom', ['* 2 FETCH (UID 2 FLAGS (\\Flagged a"b) MODSEQ (18))'], null],
  ['half a line', ['* 2 FETCH (UID 2 FLAGS (\\Fla'], null],
])('%s', async (_, answer, expected) => {
  expect(await changedBy(...answer)).toEqual(expected);
});

test.each([
  ['is refused', { 'UID FETCH': ['TAG BAD what is that'] }],
  ['was not enabled', { ENABLE: ['TAG OK nothing enabled'] }],
  ['may not be enabled', { ENABLE: ['TAG NO not here'] }],
])('where it %s, nobody knows', async (_, script) => {
  const { session } = await open({ ...WITH_QRESYNC, ...script });
  const box = await session.select(INBOX);
  expect(await box.changedSince([1], 17n)).toBeNull();
});

test('of what VANISHED names during a MOVE only what was asked for has been moved', async () => {
  const { session } = await open({
    ...WITH_QRESYNC,
    'UID MOVE': ['* OK [COPYUID 9 1:2 11:12]', '* VANISHED 1,77', 'TAG OK done'],
  });
  const box = await session.select(INBOX);
  const moved = await box.move([1, 2], TARGET);
  expect(moved).toMatchObject({ kind: 'done', evidence: { expungedCount: 1 } });
});

test.each(['quiet', 'traced'])(
  'a line that imapflow passes over is counted when it is %s',
  (how) => {
    const skipped = skippedLines();
    const redact = (text: string): string => text;
    const logger =
      how === 'quiet'
        ? quietLogger(skipped)
        : traceLogger(accountId('home'), () => {}, { redact, skipped });
    logger.error({ msg: 'something else' });
    expect(skipped.count()).toBe(0);
    logger.error({ src: 's', msg: '* 2 FETCH (', payloadBytes: 11 });
    expect(skipped.count()).toBe(1);
  },
);
