/**
 * Two installations with the guard on one INBOX, whose rules move the same messages to different
 * places, and a third client that knows nothing of claims and moves, flags and deletes at random.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load-config.ts';
import { type Engine, openEngine } from '../../../src/engine/api.ts';
import { type Random, seededRandom } from '../../../src/sandbox/sample/random.ts';
import { openPlainImap, type PlainImap } from '../../oracle/plain-imap.ts';
import { takeSnapshot } from '../../oracle/snapshot.ts';
import type { Dovecot } from '../../servers/dovecot.ts';

/** A race. */
export interface RaceOptions {
  readonly server: Dovecot;
  readonly seed: number;
  readonly messages: number;
  readonly shared: boolean;
  /** Whether the third client is at work. */
  readonly stranger: boolean;
}

/** What stands at the end. */
export interface RaceReport {
  /** Messages that nobody but the installations touched, and that stand more than once. */
  readonly doubled: readonly string[];
  /** Messages that stand nowhere, though the third client did not delete them. */
  readonly lost: readonly string[];
  /** Messages that the third client laid hands on and that stand more than once. */
  readonly doubledWithOthers: number;
  /** Claims that are left. */
  readonly claims: number;
  /** What the third client did. */
  readonly interfered: number;
  /** Messages that neither took away. */
  readonly inInbox: number;
}

const NAMES = ['A', 'B'] as const;
/** A claim that was not found is looked for again by the next runs. */
const PEACEFUL_RUNS = 3;

/** Runs both installations until both have nothing to do, with the third client at work beside them. */
export async function runRace(options: RaceOptions): Promise<RaceReport> {
  const { server, messages, shared } = options;
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-race-'));
  const user = server.newUser();
  const login = { port: server.port, user, password: server.password };
  const client = await openPlainImap(login);
  await client.append(
    'INBOX',
    Array.from({ length: messages }, (_, index) => ({
      raw: `From: a@x.example\r\nX-Test-Id: m${index}\r\nMessage-ID: <m${index}@x>\r\nSubject: kind${index % 3} n${index}.\r\n\r\nhi\r\n`,
      flags: [],
      internalDate: new Date(Date.UTC(2026, 0, 1)),
    })),
  );
  await client.attempt('CREATE Elsewhere');
  const engines = await Promise.all(
    NAMES.map((name) => openInstallation(directory, { server, name, user, shared })),
  );
  const ready = barrier(NAMES.length);
  const touched = new Set<string>();
  const deleted = new Set<string>();
  let isOver = !options.stranger;
  const meddling = meddle(client, {
    random: seededRandom(options.seed),
    isOver: () => isOver,
    touched,
    deleted,
  });
  try {
    await Promise.all(engines.map((engine) => engine.run({ scope: 'all' }, ready)));
  } finally {
    isOver = true;
  }
  await meddling;
  // Once more, in peace: what was left to the other is taken up.
  for (let round = 0; round < PEACEFUL_RUNS; round++) {
    for (const engine of engines) await engine.run({ scope: 'all' }, async () => true);
  }
  for (const engine of engines) await engine.close();
  await client.close();
  rmSync(directory, { recursive: true });
  return await lookAt(login, { messages, touched, deleted });
}

/** An engine with its own state and rules: a third of the mail to each of three mailboxes of its own. */
async function openInstallation(
  directory: string,
  own: { server: Dovecot; name: string; user: string; shared: boolean },
): Promise<Engine> {
  const home = join(directory, own.name);
  mkdirSync(join(home, 'rules'), { recursive: true });
  const write = (file: string, text: string): void =>
    writeFileSync(join(home, file), text, { mode: 0o600 });
  write('password', `${own.server.password}\n`);
  const rules = [0, 1, 2].map(
    (third) =>
      `  - { name: R${third}, when: { subject: "kind${third}" }, then: [ { move: ${own.name}${third}, create: true } ] }`,
  );
  write('rules/a.yaml', `mailbox: INBOX\nrules:\n${rules.join('\n')}\n`);
  write(
    'mailwright.yaml',
    `accounts:
  home: { host: 127.0.0.1, port: ${own.server.port}, tls: none, user: ${own.user}, shared: ${own.shared},
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

interface Meddling {
  readonly random: Random;
  isOver(): boolean;
  readonly touched: Set<string>;
  readonly deleted: Set<string>;
}

/** One message after the other is moved, flagged or deleted. */
async function meddle(client: PlainImap, by: Meddling): Promise<void> {
  const { random, touched, deleted } = by;
  while (!by.isOver()) {
    await client.command('SELECT INBOX');
    const lines = await client.command('UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (X-Test-Id)])');
    const found = lines.flatMap(({ text, literals }) => {
      const uid = /UID (\d+)/.exec(text)?.[1];
      const id = /X-Test-Id: (\S+)/.exec(literals[0]?.toString() ?? '')?.[1];
      return uid === undefined || id === undefined ? [] : [{ uid, id }];
    });
    const chosen = found[random.below(Math.max(1, found.length))];
    if (chosen === undefined) return;
    touched.add(chosen.id);
    const deed = random.below(3);
    if (deed === 0) await client.attempt(`UID MOVE ${chosen.uid} Elsewhere`);
    else if (deed === 1) await client.attempt(`UID STORE ${chosen.uid} +FLAGS.SILENT (\\Flagged)`);
    else {
      deleted.add(chosen.id);
      await client.attempt(`UID STORE ${chosen.uid} +FLAGS.SILENT (\\Deleted)`);
      await client.attempt(`UID EXPUNGE ${chosen.uid}`);
    }
  }
}

async function lookAt(
  login: { port: number; user: string; password: string },
  by: { messages: number; touched: ReadonlySet<string>; deleted: ReadonlySet<string> },
): Promise<RaceReport> {
  const counts = new Map<string, number>();
  let claims = 0;
  const snapshot = await takeSnapshot(login);
  for (const messages of snapshot.values()) {
    for (const { id, flags } of messages) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      if (flags.some((flag) => /mailwrightclaim/i.test(flag))) claims += 1;
    }
  }
  const ids = Array.from({ length: by.messages }, (_, index) => `m${index}`);
  const twice = ids.filter((id) => (counts.get(id) ?? 0) > 1);
  return {
    doubled: twice.filter((id) => !by.touched.has(id)),
    lost: ids.filter((id) => !counts.has(id) && !by.deleted.has(id)),
    doubledWithOthers: twice.filter((id) => by.touched.has(id)).length,
    claims,
    interfered: by.touched.size,
    inInbox: snapshot.get('INBOX')?.length ?? 0,
  };
}
