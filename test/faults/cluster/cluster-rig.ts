/**
 * Many processes around one Redis, on real Dovecot: mail is delivered to many accounts while workers
 * are killed with SIGKILL and started again, and Redis itself dies. In the end every message stands
 * where plain code says that it belongs, once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT } from '../../../src/core/exit-codes.ts';
import { generateLetters, type Letter, randomFrom, toMessage } from '../../e2e/generate-mail.ts';
import { fateOf } from '../../e2e/office-rules.ts';
import { openPlainImap } from '../../oracle/plain-imap.ts';
import { difference, lineOf, standing, takeSnapshot } from '../../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../../servers/dovecot.ts';
import { type RedisServer, startRedis } from '../../servers/redis.ts';
import { type Cluster, type Role, startCluster } from './cluster.ts';

/** How large a game to play. */
export interface ClusterOptions {
  readonly accounts: number;
  /** Over all accounts. */
  readonly messages: number;
  readonly workers: Readonly<Record<Role, number>>;
  readonly seed: number;
  /** A worker is killed each so many milliseconds, on the average. */
  readonly killEveryMs: number;
  readonly redisCrashes: number;
  /** So many people give commands (`run`) all the time, of which a third is killed. */
  readonly people: number;
  /** Whether Redis is emptied once, between two kills. */
  readonly flush: boolean;
  /** How long everything may take to come to rest after the last kill. */
  readonly patienceMs: number;
}

/** How it went. */
export interface ClusterReport {
  readonly kills: number;
  readonly redisCrashes: number;
  /** Commands that people gave, and that ended by themselves. */
  readonly commands: number;
  /** What is not as it should be, in sentences. */
  readonly problems: readonly string[];
  /** From the last kill until everything stood where it belongs. */
  readonly restMs: number;
}

/** What a process alone knows when it dies beside an emptied Redis nobody can put back. */
const STILL_MS = 10_000;

interface Mailbox {
  readonly access: { readonly port: number; readonly user: string; readonly password: string };
  readonly letters: readonly Letter[];
}

/** Plays one game. */
export async function runClusterRig(options: ClusterOptions): Promise<ClusterReport> {
  const dovecot = await startDovecot('modern');
  const redis = await startRedis();
  const nowMs = Date.now();
  const mailboxes = Array.from(
    { length: options.accounts },
    (_, index): Mailbox => ({
      access: { port: dovecot.port, user: dovecot.newUser(), password: dovecot.password },
      letters: generateLetters(
        Math.ceil(options.messages / options.accounts),
        options.seed * 1000 + index,
        nowMs,
      ),
    }),
  );
  const users = mailboxes.map(({ access }) => access.user);
  const cluster = startCluster({ dovecot, redis, users, workers: options.workers });
  try {
    await cluster.untilReady(options.patienceMs);
    return await play(options, { dovecot, redis, cluster, mailboxes, nowMs });
  } finally {
    await cluster.stop();
    await redis.stop();
    await dovecot.stop();
  }
}

async function play(
  options: ClusterOptions,
  game: {
    readonly dovecot: Dovecot;
    readonly redis: RedisServer;
    readonly cluster: Cluster;
    readonly mailboxes: readonly Mailbox[];
    readonly nowMs: number;
  },
): Promise<ClusterReport> {
  const { cluster, redis, mailboxes, nowMs } = game;
  const random = randomFrom(options.seed);
  let isDelivering = true;
  let delivered = 0;
  let kills = 0;
  let redisCrashes = 0;
  let isFlushed = false;
  const delivering = deliver(mailboxes, random, (count) => {
    delivered += count;
  }).finally(() => {
    isDelivering = false;
  });
  const giving = Array.from({ length: options.people }, () =>
    giveCommands({ cluster, mailboxes, random }, () => isDelivering),
  );
  try {
    while (isDelivering) {
      await delay(options.killEveryMs * (0.5 + random()));
      cluster.killOne(random);
      kills += 1;
      const due = ((redisCrashes + 1) * options.messages) / (options.redisCrashes + 1);
      if (redisCrashes < options.redisCrashes && delivered >= due) {
        redisCrashes += 1;
        await redis.crash();
      }
      if (options.flush && !isFlushed && delivered >= options.messages / 2) {
        isFlushed = true;
        await delay(STILL_MS);
        await redis.empty();
        await delay(STILL_MS);
      }
    }
    await delivering;
  } finally {
    // A game that fails ends the cluster only when nobody gives a command any more.
    isDelivering = false;
    await Promise.allSettled(giving);
  }
  const given = await Promise.all(giving);
  const commands = given.reduce((sum, { ended }) => sum + ended, 0);
  const restedMs = Date.now();
  let problems = await check(mailboxes, nowMs);
  while (problems.length > 0 && Date.now() - restedMs < options.patienceMs) {
    await delay(2000);
    problems = await check(mailboxes, nowMs);
  }
  const restMs = Date.now() - restedMs;
  // What stands right must stay so when everything was at rest for a while.
  if (problems.length === 0) {
    await delay(5000);
    problems = await check(mailboxes, nowMs);
  }
  const complaints = [...cluster.complaints(), ...given.flatMap((each) => each.complaints)];
  return { kills, redisCrashes, commands, restMs, problems: [...problems, ...complaints] };
}

/** `run` over one account or over all, beside the workers; Redis may be away, and the command killed. */
async function giveCommands(
  game: {
    readonly cluster: Cluster;
    readonly mailboxes: readonly Mailbox[];
    readonly random: () => number;
  },
  isOn: () => boolean,
): Promise<{ readonly ended: number; readonly complaints: readonly string[] }> {
  const { cluster, mailboxes, random } = game;
  const complaints: string[] = [];
  let ended = 0;
  while (isOn()) {
    const user = mailboxes[Math.floor(random() * mailboxes.length)]?.access.user ?? '';
    const words = ['run', '--yes', ...(random() < 0.7 ? ['--account', user] : [])];
    const isKilled = random() < 1 / 3;
    const end = await cluster.command(
      words,
      isKilled ? { killAfterMs: 400 + random() * 1500 } : {},
    );
    if (end.exit === EXIT.done) ended += 1;
    const isRedisAway = end.exit === EXIT.failed && end.stderr.includes('Redis cannot be used');
    if (end.exit === EXIT.done || end.exit === null || isRedisAway) continue;
    complaints.push(`${words.join(' ')} ended with ${end.exit}: ${end.stderr}`);
  }
  return { ended, complaints };
}

/** A few messages at a time, here and there, each account in its own order. */
async function deliver(
  mailboxes: readonly Mailbox[],
  random: () => number,
  onDelivered: (count: number) => void,
): Promise<void> {
  const left = mailboxes.map(({ access, letters }) => ({ access, letters: [...letters] }));
  while (left.length > 0) {
    const index = Math.floor(random() * left.length);
    const mailbox = left[index];
    if (mailbox === undefined) continue;
    const batch = mailbox.letters.splice(0, 1 + Math.floor(random() * 10));
    const client = await openPlainImap(mailbox.access);
    await client.append('INBOX', batch.map(toMessage));
    await client.close();
    onDelivered(batch.length);
    if (mailbox.letters.length === 0) left.splice(index, 1);
    await delay(random() * 100);
  }
}

async function check(mailboxes: readonly Mailbox[], nowMs: number): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { access, letters } of mailboxes) {
    const expected = letters.flatMap((letter) => {
      const { mailbox, flags, copies } = fateOf(letter, nowMs);
      const internalDateMs = letter.internalDate.getTime();
      return [mailbox, ...copies].map((each) =>
        lineOf(each, { id: letter.id, flags, internalDateMs }),
      );
    });
    const found = standing(await takeSnapshot(access));
    problems.push(...difference(expected, found).map((line) => `${access.user}: ${line}`));
  }
  return problems;
}
