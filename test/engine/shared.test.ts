/** `shared: true` from the configuration to the mailbox: claims come, go, and are told about. */
import { afterEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { manualClock } from '../../src/core/clock.ts';
import { type Engine, openEngine } from '../../src/engine/api.ts';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
const OTHER = '$MailwrightClaim-bbbbbbbb';
const STORE = /UID STORE \S+ ([+-]FLAGS) \((\$MailwrightClaim-[0-9a-f]{8})\)/;

describe('an account that is shared', () => {
  let bench: Workbench;
  let engine: Engine;
  const clock = manualClock(Date.UTC(2026, 1, 1));
  const start = async (account = 'shared: true'): Promise<void> => {
    bench = await makeWorkbench({ account });
    // Waiting for another installation takes no time.
    engine = await openEngine({
      config: (await loadConfig({ cwd: bench.directory })).config,
      access: 'write',
      emit: (event) => void bench.events.push(event),
      trace: true,
      signal: bench.abort.signal,
      clock,
    });
  };
  afterEach(async () => {
    await engine.close();
    await bench.close();
  });

  const claimsSent = (): readonly string[] =>
    bench.events.flatMap((event) => {
      if (event.kind !== 'trace' || event.from !== 'client') return [];
      const [, op, claim] = STORE.exec(event.line) ?? [];
      return op === undefined ? [] : [`${op} ${claim}`];
    });

  /** Another program sets or clears a keyword on the first message. */
  const mark = async (op: '+' | '-', keyword = OTHER): Promise<void> => {
    const login = { port: bench.sandbox.port, user: 'ann', password: 'pass' };
    const client = await openPlainImap(login);
    await client.command('SELECT INBOX');
    await client.command(`UID STORE 1 ${op}FLAGS (${keyword})`);
    await client.close();
  };

  test('is worked in under claims of this installation, and none stays', async () => {
    await start();
    await engine.run(ALL, yes);
    const name = (await engine.status()).accounts[0]?.installation;
    expect(name).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(claimsSent())).toEqual(
      new Set([`+FLAGS $MailwrightClaim-${name}`, `-FLAGS $MailwrightClaim-${name}`]),
    );
    expect(bench.contents()).toEqual({
      INBOX: ['two \\Flagged', 'four'],
      Builds: ['one \\Seen', 'three \\Seen'],
      Archive: ['two \\Flagged'],
    });
    bench.events.length = 0;
    expect(await engine.run(ALL, yes)).toMatchObject({ accounts: [{ kind: 'unchanged' }] });
    expect(claimsSent()).toEqual([]);
  });

  test('keeps for another what the other has claimed, and takes it up in a later run', async () => {
    await start();
    await mark('+');
    await engine.run(ALL, yes);
    expect(bench.contents()['INBOX']).toContain(`one ${OTHER} \\Seen`);
    expect(bench.contents()['Builds']).toEqual(['three \\Seen']);
    await mark('-');
    await engine.run(ALL, yes);
    expect(bench.contents()['Builds']).toEqual(['three \\Seen', 'one \\Seen']);
  });

  test('tells of a claim that stays, and how to go on without that installation', async () => {
    await start();
    await mark('+');
    await engine.run(ALL, yes);
    expect((await engine.status()).parked).toEqual([]);
    clock.advance(11 * 60_000);
    await engine.run(ALL, yes);
    expect((await engine.status()).parked).toMatchObject([
      { mailbox: 'INBOX', uid: 1, reason: expect.stringContaining('add bbbbbbbb to shared.gone') },
    ]);
    expect(claimsSent().filter((line) => line.includes('bbbbbbbb'))).toEqual([]);
  });

  test('is freed of an installation that is named as gone', async () => {
    await start('shared: { gone: [bbbbbbbb] }');
    await mark('+');
    await engine.run(ALL, yes);
    expect(bench.contents()['Builds']).toEqual(['one \\Seen', 'three \\Seen']);
  });
});

test('check --live tells where nobody can be told, and a run parks what it would move', async () => {
  const permanent = /PERMANENTFLAGS \([^)]*\)/g;
  const bench = await makeWorkbench({
    account: 'shared: true',
    tamper: {
      command: ({ run }) => run(),
      output: (_, octets) => {
        const text = octets.toString('latin1');
        return Buffer.from(
          text.replaceAll(permanent, 'PERMANENTFLAGS (\\Seen \\Flagged \\Deleted)'),
          'latin1',
        );
      },
    },
  });
  const engine = await bench.open();
  const findings = await engine.checkLive({ scope: 'all' });
  expect(findings.filter(({ severity }) => severity === 'error')).toMatchObject([
    { account: 'home', text: expect.stringMatching(/^INBOX keeps no keywords, so shared cannot/) },
  ]);
  await engine.run(ALL, yes);
  expect(bench.contents()['INBOX']).toContain('one \\Seen');
  const { parked } = await engine.status();
  expect(parked.map(({ uid, reason }) => [uid, reason.includes('keeps no keywords')])).toEqual(
    expect.arrayContaining([
      [1, true],
      [2, true],
      [3, true],
    ]),
  );
  await engine.close();
  await bench.close();
});

test('an account that is not shared has no claims, and status tells no name', async () => {
  const bench = await makeWorkbench();
  const engine = await bench.open();
  await engine.run(ALL, yes);
  expect(JSON.stringify(bench.events)).not.toContain('MailwrightClaim');
  expect((await engine.status()).accounts[0]?.installation).toBeNull();
  await engine.close();
  await bench.close();
});
