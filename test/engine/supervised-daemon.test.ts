/** The daemon against servers that refuse, are busy, or go away: how often they are asked. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import type { AppEvent } from '../../src/core/events.ts';
import type { Engine } from '../../src/engine/api.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { no, type Reply, type TamperedWire } from '../../src/sandbox/connection.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

/** A machine that is busy with other things needs longer. */
vi.setConfig({ testTimeout: 20_000 });

const INBOX = parseMailboxName('INBOX');

let bench: Workbench;
let engine: Engine;
const wires = new Set<TamperedWire>();
let watching: Promise<unknown>;

afterEach(async () => {
  bench.abort.abort();
  await watching;
  await engine.close();
  await bench.close();
});

/** A server that answers commands with something else, as long as there is something. */
async function startWith(answer: (verb: string) => Reply | undefined): Promise<void> {
  wires.clear();
  bench = await makeWorkbench({
    tamper: {
      command: ({ wire, command, run }) => {
        wires.add(wire);
        return answer(command.verb) ?? run();
      },
      output: (_, octets) => octets,
    },
  });
  engine = await bench.open();
  watching = engine.watch();
}

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 15_000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error('it did not happen within 15 s');
    await delay(5);
  }
}

const states = (): readonly string[] =>
  bench.events.flatMap((event) => (event.kind === 'account-state' ? [event.state] : []));

const isLogin = (verb: string): boolean => verb === 'LOGIN' || verb === 'AUTHENTICATE';

test('a server that throttles is asked once, by one connection, and told to whom it matters', async () => {
  let logins = 0;
  await startWith((verb) => {
    if (!isLogin(verb)) return undefined;
    logins++;
    return no('too many logins, try again in 30 minutes', 'LIMIT');
  });
  await until(() => states().includes('throttled'));
  // Whoever else would ask had the time of several first waits.
  await delay(1500);
  expect(logins).toBe(1);
  const told = bench.events.find(
    (event): event is Extract<AppEvent, { kind: 'account-state' }> =>
      event.kind === 'account-state' && event.state === 'throttled',
  );
  expect((told?.untilMs ?? 0) - Date.now()).toBeGreaterThan(29 * 60_000);
  expect(bench.events.filter(({ kind }) => kind === 'problem')).toMatchObject([
    { code: 'SERVER_BUSY', hint: '127.0.0.1 asks to be left alone for 1800 s' },
  ]);
});

test('a refused password is asked with twice, over watcher and jobs together', async () => {
  let logins = 0;
  await startWith((verb) => {
    if (!isLogin(verb)) return undefined;
    logins++;
    return no('no', 'AUTHENTICATIONFAILED');
  });
  await until(() => states().includes('auth failed'));
  await delay(1500);
  expect(logins).toBe(2);
});

test('a command that meets a limit stops the jobs of the account, not its ear', async () => {
  let isBusy = false;
  await startWith((verb) =>
    isBusy && verb === 'UID FETCH' ? no('rate limit hit', 'LIMIT') : undefined,
  );
  await until(() => states().includes('scanning') && states().at(-1) === 'idle');
  isBusy = true;
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => states().includes('throttled'));
  isBusy = false;
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'six'));
  await until(() => bench.events.filter(({ kind }) => kind === 'bell').length >= 2);
  await delay(300);
  expect(bench.contents()['Builds']).toBeUndefined();
});

test('a server that comes back is connected to again, and nothing is missed', async () => {
  let isAway = false;
  await startWith((verb) => (isAway && isLogin(verb) ? no('broken', 'SERVERBUG') : undefined));
  await until(() => states().includes('scanning') && states().at(-1) === 'idle');
  isAway = true;
  for (const wire of wires) wire.cut();
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => states().includes('backing off'));
  isAway = false;
  await until(() => (bench.contents()['Builds'] ?? []).includes('five \\Seen'));
  expect(states()).not.toContain('auth failed');
});
