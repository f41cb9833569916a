/**
 * A mailbox that every run finds the same: the mail is loaded once, looked at once by each contender so
 * that the server's caches hold what each asks for, and put away; before a run it is laid back.
 */
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openPlainImap, type PlainImap, quote } from '../../test/oracle/plain-imap.ts';
import type { Dovecot } from '../../test/servers/dovecot.ts';
import { loadMail } from './load.ts';
import { type CorpusPlan, generateCorpus } from './messages.ts';
import { destinationsOf } from './rule-set.ts';

/** Where the mail is, and where each message belongs. */
export interface Stage {
  readonly server: Dovecot;
  readonly user: string;
  readonly plan: CorpusPlan;
  /** Loads mail that arrives later; it belongs to the stage from then on. */
  deliver(more: CorpusPlan): Promise<void>;
  /** Puts the mail away as it now is. */
  keep(): void;
  /** Lays the mail back as it was put away, and lets one client look at it. */
  restore(): Promise<void>;
  /** Throws unless each message lies where the first rule that matches it puts it. */
  verify(who: string): Promise<void>;
  /** Resolves when no server process works for anybody. */
  untilQuiet(): Promise<void>;
}

/** Loads the mail of a plan into a new account. */
export async function openStage(server: Dovecot, plan: CorpusPlan): Promise<Stage> {
  const user = server.newUser();
  const login = { port: server.port, user, password: server.password };
  const home = server.homeOf(user);
  const kept = `${home}.kept`;
  const expected = new Map<number, string>();
  const load = async (more: CorpusPlan, mailboxes: readonly string[]): Promise<void> => {
    await loadMail(login, {
      mailboxes,
      messages: noting(generateCorpus(more), ({ id, destination }) =>
        expected.set(id, destination),
      ),
    });
  };
  const mailboxes = destinationsOf(plan.rules);
  await load(
    plan,
    mailboxes.filter((name) => name !== 'Archive'),
  );
  const untilQuiet = (): Promise<void> => quiet(server.pid);
  return {
    ...{ server, user, plan, untilQuiet },
    deliver: (more) => load(more, []),
    keep: () => layOut(home, kept),
    restore: async () => {
      await untilQuiet();
      layOut(kept, home);
      const client = await openPlainImap(login);
      await client.command('EXAMINE INBOX');
      await client.close();
      await untilQuiet();
    },
    verify: async (who) => {
      const client = await openPlainImap(login);
      const found = await readPlaces(client, ['INBOX', ...mailboxes]);
      await client.close();
      compare(who, { expected, found });
    },
  };
}

function* noting<T>(items: Iterable<T>, note: (item: T) => void): Generator<T> {
  for (const item of items) {
    note(item);
    yield item;
  }
}

/**
 * Copies a home. Files of messages never change once written, so they are linked; indexes and logs
 * are copied.
 */
function layOut(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  execFileSync('cp', ['-al', from, to]);
  const names = execFileSync('find', [to, '-type', 'f', '!', '-name', 'u.*'], { encoding: 'utf8' });
  for (const file of names.split('\n').filter(Boolean)) {
    const { uid, gid, atime, mtime } = statSync(file);
    const copy = `${file}.copy`;
    copyFileSync(file, copy);
    chownSync(copy, uid, gid);
    utimesSync(copy, atime, mtime);
    renameSync(copy, file);
  }
}

/** No `imap` process of the server is left: each ends with its client. */
async function quiet(master: number): Promise<void> {
  for (let attempt = 0; attempt < 3000; attempt++) {
    const isBusy = readdirSync('/proc').some(
      (name) => /^\d+$/.test(name) && isWorker(name, master),
    );
    if (!isBusy) return;
    await delay(10);
  }
  throw new Error('a process of Dovecot did not end within 30 s');
}

function isWorker(pid: string, master: number): boolean {
  try {
    const stat = readFileSync(join('/proc', pid, 'stat'), 'utf8');
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    return stat.includes('(imap)') && Number(parent) === master;
  } catch {
    // It ended meanwhile.
    return false;
  }
}

async function readPlaces(
  client: PlainImap,
  mailboxes: readonly string[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, string[]>();
  for (const mailbox of mailboxes) {
    const opened = await client.command(`EXAMINE ${quote(mailbox)}`);
    if (opened.some(({ text }) => text === '* 0 EXISTS')) continue;
    const rows = await client.command('FETCH 1:* BODY.PEEK[HEADER.FIELDS (X-Bench-Id)]');
    for (const { literals } of rows) {
      const id = /^x-bench-id: (\d+)/im.exec(literals[0]?.toString('latin1') ?? '')?.[1];
      if (id === undefined) continue;
      found.set(Number(id), [...(found.get(Number(id)) ?? []), mailbox]);
    }
  }
  return found;
}

function compare(
  who: string,
  {
    expected,
    found,
  }: { expected: ReadonlyMap<number, string>; found: ReadonlyMap<number, readonly string[]> },
): void {
  const wrong: string[] = [];
  for (const [id, mailbox] of expected) {
    const places = found.get(id) ?? [];
    if (places.length === 1 && places[0] === mailbox) continue;
    wrong.push(`message ${id} belongs in ${mailbox} and is in ${places.join(' and ') || 'none'}`);
  }
  if (wrong.length === 0 && found.size === expected.size) return;
  throw new Error(
    `WRONG RESULT of ${who}: ${wrong.length} of ${expected.size} messages\n${wrong.slice(0, 5).join('\n')}`,
  );
}
