/**
 * Two installations on one INBOX, whose rules move the same messages to different places, at once:
 * every message stands once at the end (I19). Without the guard the same race leaves doubles.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Engine, openEngine } from '../../src/engine/api.ts';
import { openPlainImap, type PlainImap } from '../oracle/plain-imap.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';

const ROUNDS = 10;
const MESSAGES = 300;
const NAMES = ['A', 'B'] as const;

let server: Dovecot;
beforeAll(async () => {
  server = await startDovecot('modern');
});
afterAll(async () => {
  await server?.stop();
});

interface Standing {
  readonly missing: number;
  readonly doubled: number;
  readonly claimed: number;
  readonly inInbox: number;
}

/** An engine with its own state and rules: a third of the mail to each of three mailboxes of its own. */
async function openInstallation(
  directory: string,
  own: { name: string; user: string; shared: boolean },
): Promise<Engine> {
  const home = join(directory, own.name);
  mkdirSync(join(home, 'rules'), { recursive: true });
  const write = (file: string, text: string): void =>
    writeFileSync(join(home, file), text, { mode: 0o600 });
  write('password', `${server.password}\n`);
  const rules = [0, 1, 2].map(
    (third) =>
      `  - { name: R${third}, when: { subject: "kind${third}" }, then: [ { move: ${own.name}${third}, create: true } ] }`,
  );
  write('rules/a.yaml', `mailbox: INBOX\nrules:\n${rules.join('\n')}\n`);
  write(
    'mailwright.yaml',
    `accounts:
  home: { host: 127.0.0.1, port: ${server.port}, tls: none, user: ${own.user}, shared: ${own.shared},
    auth: { password: { file: password } }, limits: { connections: 2, commandsPerMinute: 60000 } }
safety: { maxMessages: 1000, maxPercent: 100 }
`,
  );
  const { config } = await loadConfig({ cwd: home });
  return await openEngine({
    config,
    access: 'write',
    emit: () => {},
    trace: false,
    signal: new AbortController().signal,
    timing: { settleMs: 20, graceMs: 200 },
  });
}

/** Both run at once, from the moment when both have decided. */
async function race(shared: boolean): Promise<Standing> {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-shared-'));
  const user = server.newUser();
  const client = await openPlainImap({ port: server.port, user, password: server.password });
  await client.append(
    'INBOX',
    Array.from({ length: MESSAGES }, (_, index) => ({
      raw: `From: a@x.example\r\nMessage-ID: <m${index}@x>\r\nSubject: kind${index % 3} n${index}.\r\n\r\nhi\r\n`,
      flags: [],
      internalDate: new Date(Date.UTC(2026, 0, 1)),
    })),
  );
  const engines = await Promise.all(
    NAMES.map((name) => openInstallation(directory, { name, user, shared })),
  );
  const ready = barrier(NAMES.length);
  await Promise.all(engines.map((engine) => engine.run({ scope: 'all' }, ready)));
  const standing = await lookAt(client);
  for (const engine of engines) await engine.close();
  await client.close();
  rmSync(directory, { recursive: true });
  return standing;
}

/** Lets everybody go when the last has come. */
function barrier(count: number): () => Promise<boolean> {
  let waiting = count;
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return async () => {
    waiting -= 1;
    if (waiting === 0) open();
    await opened;
    return true;
  };
}

async function lookAt(client: PlainImap): Promise<Standing> {
  const counts = new Map<string, number>();
  let claimed = 0;
  let inInbox = 0;
  const mailboxes = ['INBOX', ...NAMES.flatMap((name) => [0, 1, 2].map((third) => name + third))];
  for (const mailbox of mailboxes) {
    const { tagged } = await client.attempt(`EXAMINE ${mailbox}`);
    if (!/^\S+ OK/.test(tagged)) continue;
    const lines = await client.command(
      'UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])',
    );
    for (const { text, literals } of lines) {
      const id = /<(m\d+)@x>/.exec(literals[0]?.toString() ?? '')?.[1];
      if (id === undefined) continue;
      counts.set(id, (counts.get(id) ?? 0) + 1);
      if (/mailwrightclaim/i.test(text)) claimed += 1;
      if (mailbox === 'INBOX') inInbox += 1;
    }
  }
  const doubled = [...counts.values()].filter((count) => count > 1).length;
  return { missing: MESSAGES - counts.size, doubled, claimed, inInbox };
}

test(`with the guard, ${ROUNDS} races lose nothing, double nothing and leave no claim`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    expect({ round, ...(await race(true)) }).toEqual({
      ...{ round, missing: 0, doubled: 0, claimed: 0, inInbox: 0 },
    });
  }
});
