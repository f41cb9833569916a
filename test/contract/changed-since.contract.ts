/**
 * What somebody touches between looking and acting stays, also where it is told by MODSEQ alone: on each
 * server with QRESYNC.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { executePlan } from '../../src/act/execute-plan.ts';
import { manualClock } from '../../src/core/clock.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { openSession } from '../../src/imap/connect.ts';
import { openMemoryJournal } from '../../src/journal/memory-journal.ts';
import type { MailSession } from '../../src/mail/mail-session.ts';
import { FILED, INBOX, NOTHING_OUTSIDE, planOf, RUN, targets } from '../act/bench.ts';
import { openPlainImap, type PlainImap } from '../oracle/plain-imap.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

/** A server with QRESYNC that gives each test an account with an empty INBOX. */
export interface ServerUnderTest {
  access(): Promise<{ readonly port: number; readonly user: string; readonly password: string }>;
  stop(): Promise<void>;
}

let server: ServerUnderTest;
let client: PlainImap;
let session: MailSession;
const lines: string[] = [];

/** Declares the suite. */
export function changedSinceContract(name: string, start: () => Promise<ServerUnderTest>): void {
  describe(`${name} tells what changed since a look`, () => {
    beforeAll(async () => {
      server = await start();
    });
    afterAll(async () => {
      await server.stop();
    });
    beforeEach(openBoth);
    test(
      'touched messages and vanished ones are named, from the first use of the mailbox on',
      namesTouched,
    );
    test(
      'a move leaves what was touched since the look, and reads nothing of the rest',
      leavesTouched,
    );
  });
}

async function openBoth(): Promise<() => Promise<void>> {
  const access = await server.access();
  client = await openPlainImap(access);
  await client.command('CREATE Filed');
  const names = ['a', 'b', 'c', 'd', 'e'];
  await client.append(
    'INBOX',
    names.map((name) => ({
      raw: `From: ann@friend.example\r\nSubject: ${name}\r\nMessage-ID: <${name}@x>\r\n\r\nhi\r\n`,
      flags: name === 'e' ? ['\\Seen'] : [],
      internalDate: new Date(),
    })),
  );
  lines.length = 0;
  const emit = (event: AppEvent): void => {
    if (event.kind === 'trace' && event.from === 'client') lines.push(event.line);
  };
  session = await openSession(loopbackAccount(access), {
    mode: 'write',
    emit,
    trace: true,
  }).login();
  return async () => {
    session.destroy();
    await client.close();
  };
}

const subjectsIn = async (mailbox: string): Promise<readonly string[]> => {
  await client.command(`EXAMINE ${mailbox}`);
  const rows = await client.command('UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (Subject)]');
  return rows.flatMap(({ literals }) =>
    literals.map((octets) => octets.toString('latin1').trim().replace('Subject: ', '')),
  );
};

async function namesTouched(): Promise<void> {
  const box = await session.examine(INBOX);
  const { highestModseq } = box.info;
  if (highestModseq === null) throw new Error('HIGHESTMODSEQ is told');
  expect(await box.changedSince([1, 2, 3, 4, 5], highestModseq)).toEqual(new Set());
  await client.command('SELECT INBOX');
  await client.command('UID STORE 2 +FLAGS (\\Flagged)');
  await client.command('UID STORE 5 -FLAGS (\\Seen)');
  await client.command('UID STORE 3 +FLAGS (\\Deleted)');
  await client.command('UID EXPUNGE 3');
  await box.noop();
  expect(await box.changedSince([1, 2, 3, 4, 5], highestModseq)).toEqual(new Set([2, 3, 5]));
  expect(await box.changedSince([1, 4], highestModseq)).toEqual(new Set());
}

async function leavesTouched(): Promise<void> {
  const box = await session.examine(INBOX);
  const { highestModseq } = box.info;
  const plan = await planOf(session, [
    { kind: 'move', mailbox: INBOX, destination: FILED, targets: targets(1, 2, 3, 4, 5) },
  ]);
  if (highestModseq === null) throw new Error('HIGHESTMODSEQ is told');
  await client.command('SELECT INBOX');
  await client.command('UID STORE 2 +FLAGS (\\Flagged)');
  await client.command('UID STORE 3 +FLAGS (\\Deleted)');
  await client.command('UID EXPUNGE 3');
  // Changed and changed back: it is as it was, and may go.
  await client.command('UID STORE 4 +FLAGS (todo)');
  await client.command('UID STORE 4 -FLAGS (todo)');
  const journal = openMemoryJournal();
  await journal.beginRun({ id: RUN, kind: 'run', startedAtMs: 0, undoes: null });
  await journal.savePlan(plan, []);
  lines.length = 0;
  const report = await executePlan(
    {
      session,
      journal,
      clock: manualClock(0),
      emit: () => {},
      signal: new AbortController().signal,
      timing: { settleMs: 0, graceMs: 0 },
      sameSession: true,
      seen: new Map([[INBOX, { uidValidity: box.info.uidValidity, modseq: highestModseq }]]),
      outside: NOTHING_OUTSIDE,
      abroad: () => Promise.reject(new Error('no other account')),
    },
    plan,
  );
  expect(report).toMatchObject({ done: 3, superseded: 2, parked: [] });
  expect(await subjectsIn('Filed')).toEqual(['a', 'd', 'e']);
  expect(await subjectsIn('INBOX')).toEqual(['b']);
  const fetches = lines.filter((line) => line.includes('UID FETCH'));
  expect(fetches[0]).toMatch(/UID FETCH 1:5 \(UID FLAGS\) \(CHANGEDSINCE \d+ VANISHED\)/);
  expect(fetches.slice(1).every((line) => !/FETCH (1|1:5|5) /.test(line))).toBe(true);
}
