import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AppEvent } from '../../src/core/events.ts';
import type { Engine } from '../../src/engine/api.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

/** A machine that is busy with other things needs longer. */
vi.setConfig({ testTimeout: 20_000 });

const INBOX = parseMailboxName('INBOX');
const ALL = { scope: 'all' } as const;

let bench: Workbench;
beforeEach(async () => {
  bench = await makeWorkbench({ account: 'limits: { bytesPerDay: 2KB }' });
});
afterEach(async () => {
  await bench.close();
});

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error('it did not happen within 10 s');
    await delay(5);
  }
}

/** The code of what went wrong in a plan. */
async function codeOf(engine: Engine): Promise<string | undefined> {
  const { failures } = await engine.plan(ALL);
  return failures[0]?.error.code;
}

/** Uses the day's bytes up. */
async function planUntilSpent(): Promise<void> {
  const engine = await bench.open();
  let code: string | undefined;
  for (let turn = 0; turn < 20 && code === undefined; turn++) code = await codeOf(engine);
  await engine.close();
  expect(code).toBe('BUDGET_SPENT');
}

test('the bytes of the day outlive the process, and end with the day', async () => {
  await planUntilSpent();
  const engine = await bench.open();
  expect(await codeOf(engine)).toBe('BUDGET_SPENT');
  await engine.close();
  const state = join(bench.directory, '.mailwright');
  expect(readdirSync(state)).not.toContain('bytes-today.json.new');
  bench.write('.mailwright/bytes-today.json', '{"day":"2020-01-01","bytes":{"home":99999}}');
  const next = await bench.open();
  expect(await codeOf(next)).toBeUndefined();
  await next.close();
});

test('a damaged count is begun anew', async () => {
  const first = await bench.open();
  await first.close();
  writeFileSync(join(bench.directory, '.mailwright/bytes-today.json'), '{"day":');
  const engine = await bench.open();
  expect(await codeOf(engine)).toBeUndefined();
  await engine.close();
});

test('the daemon is throttled until the day turns, and goes on listening', async () => {
  await planUntilSpent();
  const engine = await bench.open();
  const watching = engine.watch();
  const throttled = (event: AppEvent): boolean =>
    event.kind === 'account-state' && event.state === 'throttled';
  await until(() => bench.events.some(({ kind }) => kind === 'watching'));
  await delay(200);
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => bench.events.some(throttled) || bench.contents()['Builds'] !== undefined);
  await until(() => bench.events.some(({ kind }) => kind === 'bell'));
  bench.abort.abort();
  await watching;
  await engine.close();
  const told = bench.events.find(throttled);
  const tomorrow = (Math.floor(Date.now() / 86_400_000) + 1) * 86_400_000;
  expect(told).toMatchObject({ untilMs: tomorrow, reason: expect.stringContaining('today') });
  expect(bench.contents()['Builds']).toBeUndefined();
});
