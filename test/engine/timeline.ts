/** A daemon on a sandbox server whose days pass in milliseconds; it can be stopped and started again. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../src/config/load-config.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { type Engine, openEngine } from '../../src/engine/api.ts';
import type { Flag } from '../../src/mail/flags.ts';
import { parseMailboxName, type Role } from '../../src/mail/mailbox-name.ts';
import type { StoredMessage } from '../../src/sandbox/model.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { simulatedClock } from '../support/simulated-clock.ts';

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
/** A Monday, 08:00 UTC. */
export const START_MS = Date.UTC(2026, 2, 2, 8);

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['Trash', 'trash'],
  ['Sent', 'sent'],
]);

/** The daemon and its time. */
export interface Timeline {
  readonly sandbox: Sandbox;
  nowMs(): number;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Lets time pass while the daemon runs. */
  pass(ms: number): Promise<void>;
  /** Time passes while nothing runs. */
  sleepUntil(ms: number): void;
  /** `mailwright run --yes`. */
  run(): Promise<void>;
  /** Subjects with flags, by mailbox, sorted. */
  where(): Readonly<Record<string, readonly string[]>>;
  /** Sets the flags of a message, as its owner would. */
  flag(mailbox: string, subject: string, flags: readonly Flag[]): void;
  remove(mailbox: string, subject: string): void;
  /** Edits the rule file; read at the next start. */
  rewrite(rules: string): void;
  /** The client's lines of the conversation while something is done. */
  commandsDuring(work: () => Promise<void>): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Opens a timeline at `START_MS`; `Trash` and `Sent` have their roles. */
export async function openTimeline(options: {
  readonly rules: string;
  readonly mailboxes: readonly string[];
  /** Further lines of the account, in flow style. */
  readonly account?: string;
}): Promise<Timeline> {
  const sandbox = await startSandbox({
    user: 'ann',
    password: 'pass',
    mailboxes: options.mailboxes.map((name) => {
      const role = ROLES.get(name);
      const mailbox = { name: parseMailboxName(name) };
      return role === undefined ? mailbox : { ...mailbox, role };
    }),
  });
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-timeline-'));
  mkdirSync(join(directory, 'rules'));
  const write = (file: string, text: string): void =>
    writeFileSync(join(directory, file), text, { mode: 0o600 });
  write('password', 'pass\n');
  write('rules/a.yaml', options.rules);
  const more = options.account === undefined ? '' : `, ${options.account}`;
  const account = `{ host: 127.0.0.1, port: ${sandbox.port}, tls: none, user: ann, auth: { password: { file: password } }${more} }`;
  write('mailwright.yaml', `accounts:\n  home: ${account}\n`);
  const clock = simulatedClock(START_MS);
  const events: AppEvent[] = [];
  let running: { engine: Engine; abort: AbortController; ended: Promise<unknown> } | null = null;

  const open = async (abort: AbortController): Promise<Engine> =>
    await openEngine({
      ...{ access: 'write', trace: true, clock, signal: abort.signal },
      config: (await loadConfig({ cwd: directory })).config,
      emit: (event) => void events.push(event),
      timing: { settleMs: 5, graceMs: 20 },
    });
  /** Nothing was said for a while of real time: an answer may also come late. */
  const quiet = async (): Promise<void> => {
    for (let before = -1; before !== events.length; ) {
      before = events.length;
      await delay(4);
    }
  };
  const pass = async (ms: number): Promise<void> => {
    const endMs = clock.nowMs() + ms;
    do await quiet();
    while (clock.step(endMs));
    await quiet();
  };
  /** Works while time goes on. */
  const withTime = async (work: Promise<unknown>): Promise<void> => {
    const ticking = setInterval(() => clock.step(clock.nowMs() + 1000), 2);
    await work;
    clearInterval(ticking);
  };
  const find = (mailbox: string, subject: string) => {
    const box = sandbox.store.find(mailbox);
    const message = box?.messages.find((each) => subjectOf(each) === subject);
    if (box === undefined || message === undefined) throw new Error(`no ${subject} in ${mailbox}`);
    return { box, message };
  };
  const stop = async (): Promise<void> => {
    const before = running;
    running = null;
    if (before === null) return;
    before.abort.abort();
    await withTime(before.ended.then(() => before.engine.close()));
  };
  return {
    sandbox,
    nowMs: () => clock.nowMs(),
    start: async () => {
      const abort = new AbortController();
      const engine = await open(abort);
      const from = events.length;
      running = { engine, abort, ended: engine.watch() };
      const isReady = (): boolean =>
        events.slice(from).some((event) => event.kind === 'job-ended' && event.outcome === 'done');
      while (!isReady()) await delay(5);
    },
    stop,
    pass,
    sleepUntil: (ms) => {
      clock.after(ms - clock.nowMs(), () => {});
      while (clock.nowMs() < ms) clock.step(ms);
    },
    run: async () => {
      const engine = await open(new AbortController());
      await withTime(engine.run({ scope: 'all' }, async () => true));
      await engine.close();
    },
    where: () =>
      Object.fromEntries(
        sandbox
          .snapshot()
          .filter(({ messages }) => messages.length > 0)
          .map(({ name, messages }) => [name, messages.map(describe).sort()]),
      ),
    flag: (mailbox, subject, flags) => {
      const { box, message } = find(mailbox, subject);
      sandbox.store.replaceFlags(box, message.uid, flags);
      sandbox.store.announce();
    },
    remove: (mailbox, subject) => {
      const { box, message } = find(mailbox, subject);
      sandbox.store.expunge(box, new Set([message.uid]));
      sandbox.store.announce();
    },
    rewrite: (rules) => write('rules/a.yaml', rules),
    commandsDuring: async (work) => {
      const from = events.length;
      await work();
      return events
        .slice(from)
        .flatMap((event) =>
          event.kind === 'trace' && event.from === 'client' ? [event.line] : [],
        );
    },
    close: async () => {
      await stop();
      await sandbox.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function subjectOf({ raw }: StoredMessage): string {
  return /^Subject: (.*)\r$/m.exec(Buffer.from(raw).toString())?.[1] ?? '';
}

function describe(message: StoredMessage): string {
  return [subjectOf(message), ...message.flags].join(' ');
}
