/**
 * Where the time of reading goes: the rows that a run asks for, read by imapflow alone, by our session on
 * top of it, and by a reader that does no more than cut them out.
 */
import { connect } from 'node:net';
import { ImapFlow } from 'imapflow';
import { accountId } from '../../src/core/brand.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createBudget } from '../../src/imap/budget.ts';
import { renderItems } from '../../src/imap/commands/fetch-items.ts';
import { openSession } from '../../src/imap/connect.ts';
import { skippedLines } from '../../src/imap/trace.ts';
import { openWire } from '../../src/imap/wire.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { loopbackAccount } from '../../test/support/loopback-account.ts';
import { headerRules } from '../corpus/rule-set.ts';
import type { Stage } from '../corpus/stage.ts';
import { median } from '../measure.ts';
import { createFetchReader } from '../peers/fetch-reader.ts';
import { warmUp } from '../peers/warm-up.ts';
import { onStage } from './on-stage.ts';
import type { BenchOptions, Figure } from './scenario.ts';

const MESSAGES = 20_000;
const PAGE = 1000;
const ITEMS = { basic: true, identity: true, headers: ['from', 'list-id', 'subject'] } as const;

/** Reads the rows and gives how many came. */
type Reader = (stage: Stage) => Promise<number>;

const READERS: readonly (readonly [string, Reader])[] = [
  ['a reader that only cuts rows out', readBare],
  ['imapflow, its rows thrown away', readWithImapflow],
  ['our session, on imapflow', readWithSession],
];

/** 20,000 rows of flags, date, size and header fields. */
export async function* reader(options: BenchOptions): AsyncGenerator<Figure> {
  const count = Math.round(MESSAGES / options.divisor);
  const plan = { count, rules: headerRules(50), share: 0.5 };
  yield* onStage(plan, options, async function* (stage) {
    await warmUp(stage);
    const used = new Map(READERS.map(([name]) => [name, [] as number[]]));
    for (let run = 0; run < options.runs; run++) {
      for (const [name, read] of READERS) {
        options.note(`${name}, run ${run + 1} of ${options.runs}`);
        const before = process.cpuUsage();
        const rows = await read(stage);
        const { user, system } = process.cpuUsage(before);
        if (rows !== count) throw new Error(`${name}: ${rows} rows instead of ${count}`);
        used.get(name)?.push((user + system) / 1000);
      }
    }
    for (const [name, times] of used) {
      yield { what: `${count} rows: ${name}`, value: `${Math.round(median(times))} ms of CPU` };
    }
  });
}

function pages(count: number): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(count / PAGE) }, (_, page) =>
    Array.from(
      { length: Math.min(PAGE, count - page * PAGE) },
      (_each, at) => page * PAGE + at + 1,
    ),
  );
}

async function readWithSession({ server, user, plan }: Stage): Promise<number> {
  const { port, password } = server;
  const account = loopbackAccount({ port, user, password });
  const options = { mode: 'read', emit: () => {}, trace: false } as const;
  const session = await openSession(account, options).login();
  const box = await session.examine(parseMailboxName('INBOX'));
  let rows = 0;
  for (const uids of pages(plan.count)) {
    await box.fetchEach(uids, ITEMS, () => {
      rows++;
    });
  }
  await session.logout();
  return rows;
}

async function readWithImapflow({ server, user, plan }: Stage): Promise<number> {
  const { port, password: pass } = server;
  const client = new ImapFlow({
    ...{ host: '127.0.0.1', port, secure: false, doSTARTTLS: false, logger: false },
    ...{ auth: { user, pass }, disableAutoIdle: true },
  });
  await client.connect();
  const account = accountId('bench');
  const budget = createBudget({
    ...{ account, clock: systemClock, limits: { commandsPerMinute: 1_000_000 } },
    ledger: { used: () => 0, add: () => {} },
  });
  const redact = (text: string): string => text;
  const wire = openWire(client, {
    account,
    mode: 'read',
    budget,
    redact,
    clock: systemClock,
    skipped: skippedLines(),
  });
  await wire.send({ verb: 'EXAMINE', arguments: [{ type: 'STRING', value: 'INBOX' }] });
  let rows = 0;
  for (const uids of pages(plan.count)) {
    await wire.send({
      verb: 'UID FETCH',
      arguments: [{ type: 'SEQUENCE', value: `${uids[0]}:${uids.at(-1)}` }, renderItems(ITEMS)],
      untagged: {
        FETCH: () => {
          rows++;
        },
      },
    });
  }
  await client.logout();
  return rows;
}

const FIELDS = 'FROM LIST-ID SUBJECT';
const IDENTITY = 'MESSAGE-ID DATE FROM TO SUBJECT RECEIVED';

async function readBare({ server, user, plan }: Stage): Promise<number> {
  const items = `UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (${FIELDS})] BODY.PEEK[HEADER.FIELDS (${IDENTITY})]`;
  const lines = [
    `LOGIN ${user} ${server.password}`,
    'EXAMINE INBOX',
    ...pages(plan.count).map((uids) => `UID FETCH ${uids[0]}:${uids.at(-1)} (${items})`),
    'LOGOUT',
  ];
  const socket = connect(server.port, '127.0.0.1').setNoDelay(true);
  let rows = 0;
  let next = 0;
  const say = (): void => {
    const line = lines[next++];
    if (line !== undefined) socket.write(`${next} ${line}\r\n`);
  };
  return await new Promise((resolve, reject) => {
    const take = createFetchReader({
      onRow: ({ literals }) => {
        // Other untagged lines have no literals.
        if (literals.length === 2) rows++;
        else if (next === 0) say();
      },
      onTagged: (line) => (/^\d+ OK/.test(line) ? say() : reject(new Error(line))),
    });
    socket.on('data', take);
    socket.on('error', reject);
    socket.on('close', () => resolve(rows));
  });
}
