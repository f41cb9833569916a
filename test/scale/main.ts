/**
 * `npm run scale -- [--accounts 1000] [--dovecot] [--seconds N] [--deliveries N] [--node OPTIONS]
 * [--processes N]`:
 * watches a farm of mailboxes from one process of the built program and prints what an account costs:
 * memory over that of a process with one account, processor time at rest, and how long mail takes
 * from delivery until it is filed. With `--processes` so many processes share the accounts through Redis.
 */
import { parseArgs } from 'node:util';
import { timeToAnnounce } from './announced.ts';
import { type MeasuredDaemon, startDaemon } from './daemon.ts';
import { type Farm, startDovecotFarm, startSandboxFarm } from './farm.ts';
import { measureShared } from './shared.ts';

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    deliveries: { type: 'string', default: '200' },
    dovecot: { type: 'boolean', default: false },
    node: { type: 'string', default: '' },
    processes: { type: 'string' },
  },
});
const accounts = Number(values.accounts);

/** Deliveries under way at a time. */
const LANES = 4;
/** So many accounts are listened to by an independent client. */
const ANNOUNCEMENTS = 20;
/** Time for the heap to settle before memory is read. */
const SETTLE_SECONDS = 15;

const farm = await (values.dovecot ? startDovecotFarm(accounts) : startSandboxFarm(accounts));
try {
  await (values.processes === undefined ? measure(farm) : share(farm, Number(values.processes)));
} finally {
  await farm.stop();
}

async function share(target: Farm, processes: number): Promise<void> {
  const deliveries = Number(values.deliveries);
  for await (const { name, text } of measureShared(target, { processes, deliveries })) {
    print(name, text);
  }
}

async function measure(target: Farm): Promise<void> {
  const base = startDaemon(target, 1, { nodeOptions: values.node });
  await base.untilReady();
  await base.cpuShare(SETTLE_SECONDS);
  const baseBytes = base.rssBytes();
  await base.stop();
  print('base', `${megabytes(baseBytes)} MB with 1 account`);

  const beganMs = performance.now();
  const daemon = startDaemon(target, accounts, { nodeOptions: values.node });
  try {
    await daemon.untilReady();
    print(
      'ready',
      `${accounts} accounts after ${((performance.now() - beganMs) / 1000).toFixed(1)} s`,
    );
    await daemon.cpuShare(SETTLE_SECONDS);
    printMemory('memory', daemon, baseBytes);
    print('sockets', `${daemon.sockets()} open`);
    const share = await daemon.cpuShare(Number(values.seconds));
    print('idle', `${(share * 100).toFixed(2)} % of a core over ${values.seconds} s`);
    print('latency', await latencies(target));
    if (values.dovecot) print('announced', await announcements(target));
    printMemory('after mail', daemon, baseBytes);
    const problems = daemon.output().match(/^[A-Z_]+: .*$/gm) ?? [];
    print('problems', `${problems.length}${problems.length > 0 ? `, first: ${problems[0]}` : ''}`);
  } finally {
    await daemon.stop();
  }
}

function printMemory(name: string, daemon: MeasuredDaemon, baseBytes: number): void {
  const bytes = daemon.rssBytes();
  const each = (bytes - baseBytes) / 1024 / Math.max(1, accounts - 1);
  print(name, `${megabytes(bytes)} MB, ${each.toFixed(0)} KB an account over the base`);
}

/** Delivers to accounts at random, a few at a time. */
async function latencies(target: Farm): Promise<string> {
  const found: number[] = [];
  let left = Number(values.deliveries);
  const busy = new Set<number>();
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      let account = Math.floor(Math.random() * accounts);
      // Two messages to one account at a time could not be told from one another.
      while (busy.has(account)) account = (account + 1) % accounts;
      busy.add(account);
      found.push(await target.deliver(account));
      busy.delete(account);
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, accounts) }, lane));
  found.sort((a, b) => a - b);
  const at = (share: number): string =>
    (found[Math.min(found.length - 1, Math.floor(found.length * share))] ?? 0).toFixed(0);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms from delivery to filed, ${found.length} messages`;
}

/** The server's own part of the latency. */
async function announcements({ accounts: all, password }: Farm): Promise<string> {
  const found: number[] = [];
  for (const account of all.slice(0, ANNOUNCEMENTS)) {
    found.push(await timeToAnnounce(account, password));
  }
  found.sort((a, b) => a - b);
  const median = found[Math.floor(found.length / 2)] ?? 0;
  return `p50 ${median.toFixed(0)} ms of that until Dovecot tells any client that idles`;
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}

function print(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(11)} ${text}\n`);
}
