/** Gmail: mailboxes are labels. Archiving, copying, and taking both back, on a sandbox that has them. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/api.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { Tamper } from '../../src/sandbox/connection.ts';
import type { SandboxMailbox } from '../../src/sandbox/server.ts';
import { MAIL, makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
const EVERYTHING = '[Gmail]/All Mail';
const BIN = '[Gmail]/Trash';

const rules = (actions: string, mailbox = 'INBOX'): string =>
  `mailbox: "${mailbox}"\nrules:\n  - { name: It, when: { from: ci@build.example }, then: [ ${actions} ] }\n`;

let bench: Workbench;
let engine: Engine;
afterEach(async () => {
  await engine.close();
  await bench.close();
});

async function open(options: {
  rules: string;
  tamper?: Tamper;
  hidden?: boolean;
  receipts?: SandboxMailbox['messages'];
}): Promise<void> {
  const all: SandboxMailbox = { name: parseMailboxName(EVERYTHING), role: 'all' };
  bench = await makeWorkbench({
    rules: options.rules,
    account: 'provider: gmail',
    capabilities: { labels: true },
    ...(options.tamper === undefined ? {} : { tamper: options.tamper }),
    allMailboxes: [
      { name: parseMailboxName('INBOX'), messages: MAIL },
      { name: parseMailboxName('Receipts'), messages: options.receipts ?? [] },
      { name: parseMailboxName(BIN), role: 'trash' },
      ...(options.hidden === true ? [] : [all]),
    ],
  });
  engine = await bench.open();
}

async function run() {
  const report = await engine.run(ALL, yes);
  if (report.run === null) throw new Error('the run had nothing to do');
  return { run: report.run, report };
}

const sentVerbs = (): readonly string[] =>
  bench.events.flatMap((event) => {
    const line = 'line' in event && typeof event.line === 'string' ? event.line : '';
    return /\b(UID (?:MOVE|COPY|STORE|EXPUNGE))\b/.exec(line)?.[1] ?? [];
  });

const EVERY_MESSAGE = ['one', 'two', 'three', 'four'];

test('archive takes the label of INBOX away, and undo puts it back', async () => {
  await open({ rules: rules('archive') });
  const { run: id, report } = await run();
  expect(report).toMatchObject({ accounts: [{ kind: 'done', report: { done: 2, parked: [] } }] });
  expect(bench.contents()).toEqual({ INBOX: ['two', 'four'], [EVERYTHING]: EVERY_MESSAGE });

  expect(sentVerbs()).toContain('UID MOVE');
  await engine.undo(id, yes, { messages: [] });
  const { INBOX = [], ...others } = bench.contents();
  expect([...INBOX].sort()).toEqual(['four', 'one', 'three', 'two']);
  expect(others).toEqual({ [EVERYTHING]: EVERY_MESSAGE });
  expect(sentVerbs()).not.toContain('UID EXPUNGE');
  expect(await engine.run(ALL, yes)).toMatchObject({ accounts: [{ kind: 'unchanged' }] });
});

test('a label that a message has already is no hindrance to moving it there', async () => {
  await open({ rules: rules('{ move: Receipts }'), receipts: [...MAIL.slice(0, 1)] });
  const { report } = await run();
  expect(report).toMatchObject({ accounts: [{ kind: 'done', report: { done: 2, parked: [] } }] });
  expect(bench.contents()).toMatchObject({ INBOX: ['two', 'four'], Receipts: ['one', 'three'] });
});

test('undo of a copy takes the label away, and leaves the message where it is', async () => {
  await open({ rules: rules('{ copy: Receipts }') });
  const { run: id } = await run();
  expect(bench.contents()).toMatchObject({ Receipts: ['one', 'three'] });
  await engine.undo(id, yes, { messages: [] });
  expect(bench.contents()).toEqual({ INBOX: EVERY_MESSAGE, [EVERYTHING]: EVERY_MESSAGE });
  expect(sentVerbs()).not.toContain('UID EXPUNGE');
});

test('where All Mail is hidden a copy is not taken back: it could be the end of the message', async () => {
  await open({ rules: rules('{ copy: Receipts }'), hidden: true });
  const { run: id } = await run();
  await engine.undo(id, yes, { messages: [] });
  expect(bench.contents()).toEqual({ INBOX: EVERY_MESSAGE, Receipts: ['one', 'three'] });
  expect(sentVerbs()).not.toContain('UID STORE');
});

test('trash takes the message from everywhere, and undo brings it back', async () => {
  await open({ rules: rules('trash') });
  const { run: id } = await run();
  expect(bench.contents()).toEqual({
    INBOX: ['two', 'four'],
    [EVERYTHING]: ['two', 'four'],
    [BIN]: ['one', 'three'],
  });
  await engine.undo(id, yes, { messages: [] });
  const { INBOX = [] } = bench.contents();
  expect([...INBOX].sort()).toEqual(['four', 'one', 'three', 'two']);
  expect(bench.contents()[BIN]).toBeUndefined();
});

test('out of All Mail nothing moves: a label is added', async () => {
  await open({ rules: rules('{ move: Receipts }', EVERYTHING) });
  const { report } = await run();
  expect(report).toMatchObject({ accounts: [{ kind: 'done', report: { done: 2, parked: [] } }] });
  expect(bench.contents()).toEqual({
    INBOX: EVERY_MESSAGE,
    Receipts: ['one', 'three'],
    [EVERYTHING]: EVERY_MESSAGE,
  });
  expect(sentVerbs()).not.toContain('UID MOVE');
});

describe('a connection that dies at the MOVE', () => {
  /** Cuts the first MOVE, before it is carried out or after. */
  const cutting = (when: 'before' | 'after'): Tamper => {
    let isCut = false;
    return {
      command: ({ wire, command, run: carryOut }) => {
        if (isCut || command.verb !== 'UID MOVE') return carryOut();
        isCut = true;
        if (when === 'after') carryOut();
        wire.cut();
        return 'silence';
      },
      output: (_, octets) => octets,
    };
  };

  test.each(['before', 'after'] as const)(
    '%s it was carried out: the next run finishes it by MOVE alone',
    async (when) => {
      await open({ rules: rules('archive'), tamper: cutting(when) });
      await engine.run(ALL, yes);
      await engine.run(ALL, yes);
      expect(bench.contents()).toEqual({ INBOX: ['two', 'four'], [EVERYTHING]: EVERY_MESSAGE });
      expect(sentVerbs()).not.toContain('UID EXPUNGE');
      expect(sentVerbs()).not.toContain('UID STORE');
    },
  );
});
