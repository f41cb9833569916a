/** How far the engine is behind: what `status --live` says, and what a listener tells at its looks. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { manualClock } from '../../src/core/clock.ts';
import type { AppEvent } from '../../src/core/events.ts';
import type { Engine } from '../../src/engine/api.ts';
import { openJournal } from '../../src/engine/compose.ts';
import { lagTeller } from '../../src/engine/lag.ts';
import { connect } from '../../src/engine/sessions.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

const INBOX = parseMailboxName('INBOX');
const yes = async (): Promise<boolean> => true;
let bench: Workbench;
let engine: Engine;
beforeEach(async () => {
  bench = await makeWorkbench();
  engine = await bench.open();
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

const lagNow = async () => (await engine.status(true)).accounts.map(({ lag }) => lag);

test('nothing is behind without a bookmark, nor right after a run', async () => {
  expect(await lagNow()).toEqual([[]]);
  await engine.run({ scope: 'all' }, yes);
  expect(await lagNow()).toEqual([[]]);
  expect((await engine.status()).accounts.map(({ lag }) => lag)).toEqual([null]);
});

test('mail beyond the bookmark is counted, with the age of the oldest', async () => {
  await engine.run({ scope: 'all' }, yes);
  bench.sandbox.append(INBOX, mailFrom('ann@friend.example', 'five'));
  bench.sandbox.append(INBOX, { ...mailFrom('b@x.example', 'six'), internalDateMs: 0 });
  expect(await lagNow()).toEqual([
    [{ mailbox: INBOX, unprocessed: 2, oldestMs: Date.UTC(2026, 0, 1) }],
  ]);
  await engine.run({ scope: 'new' }, yes);
  expect(await lagNow()).toEqual([[]]);
});

test('an account that cannot be asked says why, and the others answer', async () => {
  await engine.close();
  await bench.close();
  bench = await makeWorkbench({ secondAccount: true });
  engine = await bench.open();
  expect(await lagNow()).toEqual([[], { problem: expect.stringContaining('refused') }]);
});

test('a listener tells at each look how far the account is behind, and since when', async () => {
  await engine.run({ scope: 'all' }, yes);
  await engine.close();
  const { config } = await loadConfig({ cwd: bench.directory });
  const [account] = config.accounts.values();
  if (account === undefined) throw new Error('the configuration has an account');
  const journal = await openJournal(config.stateDirectory, 'write');
  const events: AppEvent[] = [];
  const clock = manualClock(5000);
  const context = {
    ...{ config, journal, clock, trace: false, shared: null, signal: new AbortController().signal },
    ...{ emit: (event: AppEvent) => void events.push(event), timing: { settleMs: 1, graceMs: 1 } },
  };
  const session = await connect(context, account, 'read');
  let rings = 0;
  const look = lagTeller(context, account, () => void rings++);
  await look(session);
  bench.sandbox.append(INBOX, mailFrom('ann@friend.example', 'five'));
  await look(session);
  await clock.advance(60_000);
  await look(session);
  await session.logout();
  await journal.close();
  engine = await bench.open();
  expect(events.filter(({ kind }) => kind === 'lag')).toEqual([
    { kind: 'lag', account: 'home', unprocessed: 0, sinceMs: null },
    { kind: 'lag', account: 'home', unprocessed: 1, sinceMs: 5000 },
    { kind: 'lag', account: 'home', unprocessed: 1, sinceMs: 5000 },
  ]);
  expect(rings).toBe(2);
});
