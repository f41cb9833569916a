/** The doctor and its probe on a server that errs, and on one that goes away. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine, LiveFinding } from '../../src/engine/api.ts';
import type { Tamper } from '../../src/sandbox/connection.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;

let bench: Workbench;
let engine: Engine;

async function begin(options: Parameters<typeof makeWorkbench>[0] = {}): Promise<void> {
  bench = await makeWorkbench(options);
  engine = await bench.open();
}

afterEach(async () => {
  await engine.close();
  await bench.close();
});

const probe = async (): Promise<readonly LiveFinding[]> =>
  (await engine.checkLive(ALL, { probe: true })).filter(({ topic }) => topic === 'probe');

const names = (): readonly string[] => bench.sandbox.snapshot().map(({ name }) => name);

/** Answers of the server, changed on their way. */
const answering = (change: (text: string) => string): Tamper => ({
  command: ({ run }) => run(),
  output: (_, octets) => Buffer.from(change(octets.toString('latin1')), 'latin1'),
});

describe('a probe', () => {
  test('finds a server as it should be, and leaves no trace but its run in the journal', async () => {
    await begin();
    const before = [names(), bench.contents()];
    const findings = await probe();
    expect(findings.filter(({ severity }) => severity !== 'ok')).toEqual([]);
    expect(findings.map(({ text }) => text.split(':')[0])).toEqual([
      ...['append', 'APPENDUID', 'octets', 'INTERNALDATE', 'clock', 'keywords', 'flags', 'COPYUID'],
      ...['INTERNALDATE', 'copies', 'UID MOVE', 'UID EXPUNGE', 'EXAMINE', 'removal'],
    ]);
    expect([names(), bench.contents()]).toEqual(before);
    const [run] = await engine.runs(1);
    expect(run).toMatchObject({ kind: 'probe', endedAtMs: expect.any(Number) });
    const rows = await engine.history(run?.id ?? null);
    expect(rows).toMatchObject([{ uid: null, result: 'done' }]);
    await expect(engine.undo(rows[0]?.run ?? bad(), yes)).rejects.toMatchObject({
      code: 'RUN_NOT_UNDOABLE',
    });
  });

  test.each<[string, (text: string) => string, Partial<LiveFinding>]>([
    [
      'COPYUID that is left out',
      (text) => text.replaceAll(/\[COPYUID [^\]]*\] ?/g, ''),
      { severity: 'info', text: expect.stringMatching(/^COPYUID: not told/) },
    ],
    [
      'COPYUID that names another',
      (text) => text.replaceAll(/\[COPYUID (\d+) (\d+) \d+\]/g, '[COPYUID $1 $2 999]'),
      {
        severity: 'error',
        text: expect.stringMatching(/^COPYUID: names a message that is another/),
      },
    ],
    [
      'APPENDUID that names another',
      (text) => text.replaceAll(/\[APPENDUID (\d+) \d+\]/g, '[APPENDUID $1 999]'),
      { severity: 'error', text: expect.stringMatching(/^APPENDUID: names a message/) },
    ],
    [
      'sizes that are guessed',
      (text) => (/^\d{3}$/.test(text) ? '1' : text),
      { severity: 'warning', text: expect.stringMatching(/^octets: their number/) },
    ],
  ])('tells of %s', async (_, change, finding) => {
    await begin({ tamper: answering(change) });
    expect(await probe()).toContainEqual(expect.objectContaining(finding));
  });

  test('that is refused its mailbox says what that changes', async () => {
    await begin({
      tamper: {
        command: ({ command, run }) =>
          command.verb === 'CREATE' ? { status: 'NO', code: 'CANNOT', text: 'never' } : run(),
        output: (_, octets) => octets,
      },
    });
    const findings = await probe();
    expect(findings[0]).toMatchObject({
      severity: 'warning',
      text: expect.stringMatching(/^create: CREATE was refused: NO \[CANNOT\] never: /),
    });
    expect(findings).toHaveLength(2);
  });

  test('finds a server whose UID EXPUNGE takes what it does not name', async () => {
    await begin({
      tamper: {
        command: ({ command, run }) =>
          command.verb === 'UID EXPUNGE' ? run({ ...command, verb: 'EXPUNGE', tokens: [] }) : run(),
        output: (_, octets) => octets,
      },
    });
    expect(await probe()).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        text: expect.stringMatching(/^UID EXPUNGE: removed a message that it did not name/),
      }),
    );
    expect(names()).toEqual(['INBOX', 'Archive', 'Trash']);
  });

  test.each(['CREATE', 'APPEND', 'UID STORE', 'UID MOVE', 'UID EXPUNGE', 'DELETE'])(
    'whose connection is cut at %s is cleaned up after',
    async (verb) => {
      let cuts = 0;
      await begin({
        tamper: {
          command: ({ command, run, wire }) => {
            const reply = run();
            if (command.verb !== verb || cuts++ > 0) return reply;
            wire.cut();
            return 'silence';
          },
          output: (_, octets) => octets,
        },
      });
      const before = bench.contents();
      expect(await probe()).toMatchObject([
        {
          severity: 'error',
          text: expect.stringMatching(/^cut short: .*; what it made is removed$/),
        },
      ]);
      expect(names()).toEqual(['INBOX', 'Archive', 'Trash']);
      expect(bench.contents()).toEqual(before);
      expect(await engine.runs(1)).toMatchObject([{ endedAtMs: expect.any(Number) }]);
    },
  );

  test('that never comes back is cleaned up by the next run', async () => {
    let isDown = false;
    let wasDown = false;
    await begin({
      tamper: {
        command: ({ command, run, wire }) => {
          if (command.verb === 'UID COPY' && !wasDown) isDown = wasDown = true;
          if (!isDown) return run();
          wire.cut();
          return 'silence';
        },
        output: (_, octets) => octets,
      },
    });
    expect(await probe()).toMatchObject([
      { text: expect.stringMatching(/is removed by the next probe or run/) },
    ]);
    expect(names().filter((name) => name.includes('Probe'))).toHaveLength(2);
    isDown = false;
    const report = await engine.run(ALL, yes);
    expect(report.recovered).toHaveLength(1);
    expect(names().filter((name) => name.includes('Probe'))).toEqual([]);
    expect((await engine.runs(5)).map(({ kind, endedAtMs }) => [kind, endedAtMs !== null])).toEqual(
      [
        ['run', true],
        ['probe', true],
      ],
    );
  });
});

describe('the doctor', () => {
  test('counts the connections that can be open together', async () => {
    await begin({
      tamper: {
        command: ({ command, run, wire }) =>
          wire.number > 2 && /^(LOGIN|AUTHENTICATE)$/.test(command.verb)
            ? { status: 'NO', code: 'LIMIT', text: 'too many connections' }
            : run(),
        output: (_, octets) => octets,
      },
      account: 'limits: { connections: 4 }',
    });
    expect(await engine.checkLive(ALL)).toContainEqual({
      account: 'home',
      topic: 'connections',
      severity: 'warning',
      text: expect.stringMatching(/^2 of 4 can be open together: .*limits: { connections: 2 }$/),
    });
  });

  test('warns of mail from the future', async () => {
    const mail = { ...mailFrom('a@x.example'), internalDateMs: Date.now() + 3_600_000 };
    await begin({ mail: [mail] });
    expect(await engine.checkLive(ALL)).toContainEqual(
      expect.objectContaining({
        topic: 'clock',
        severity: 'warning',
        text: expect.stringMatching(/^the newest mail of INBOX arrived 3(599|600) s from now/),
      }),
    );
  });
});

function bad(): never {
  throw new Error('there is no run');
}
