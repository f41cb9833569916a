/** The workers of a cluster: the built programs, each a process, on one configuration. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT } from '../../../src/core/exit-codes.ts';
import { OFFICE_RULES } from '../../e2e/office-rules.ts';
import type { Dovecot } from '../../servers/dovecot.ts';
import type { RedisServer } from '../../servers/redis.ts';
import { PACKAGE_ROOT } from '../../support/package-root.ts';

/** A kind of worker. */
export type Role = 'trigger' | 'scan' | 'act';

/** Running workers. */
export interface Cluster {
  /** Resolves when every account was looked at for the first time. */
  untilReady(patienceMs: number): Promise<void>;
  /** Kills a worker with SIGKILL; another of its role is started in its place. */
  killOne(random: () => number): void;
  /** Gives a command beside the workers, as a person would; it may be killed with SIGKILL on its way. */
  command(
    words: readonly string[],
    more?: { killAfterMs?: number; onStderr?: (soFar: string) => void },
  ): Promise<CommandEnd>;
  /** What workers said that no worker should say. */
  complaints(): readonly string[];
  /** Ends all with SIGTERM, and removes their files. */
  stop(): Promise<void>;
}

/** How a command ended. */
export interface CommandEnd {
  /** Null where it was killed. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a cluster works on. */
export interface ClusterPlace {
  readonly dovecot: Pick<Dovecot, 'port' | 'password'>;
  readonly redis: Pick<RedisServer, 'url'>;
  readonly users: readonly string[];
  readonly workers: Readonly<Record<Role, number>>;
}

interface Worker {
  readonly role: Role;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

/** Starts the workers. */
export function startCluster({ dovecot, redis, users, workers }: ClusterPlace): Cluster {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-cluster-'));
  mkdirSync(join(directory, 'rules'));
  writeFileSync(join(directory, 'rules/office.yaml'), OFFICE_RULES);
  const accounts = users.map(
    (user) =>
      `  ${user}:\n    host: 127.0.0.1\n    port: ${dovecot.port}\n    tls: none\n    user: ${user}\n` +
      '    auth: { password: { env: CLUSTER_PASSWORD } }\n    roles: { junk: Junk, trash: Trash }\n',
  );
  const safety = '{ maxMessages: 100000, maxPercent: 100, maxDeletes: 10000, maxCreates: 10000 }';
  const backend = `{ redis: "${redis.url}", prefix: cluster }`;
  writeFileSync(
    join(directory, 'mailwright.yaml'),
    `accounts:\n${accounts.join('')}safety: ${safety}\nbackend: ${backend}\n`,
  );
  const looked = new Set<string>();
  const complaints: string[] = [];
  let isStopping = false;
  const spawnOne = (role: Role): Worker =>
    spawnWorker(role, {
      directory,
      password: dovecot.password,
      onEnd: (exit, last) => {
        if (isStopping) return;
        // Redis was away when it started: who keeps it running starts it again, as after a kill.
        const isRedisAway = exit === EXIT.failed && last.includes('Redis cannot be used');
        if (!isRedisAway) complaints.push(`${role} ended by itself, exit ${exit}: ${last}`);
        const index = running.findIndex(({ child }) => child.exitCode !== null);
        if (index >= 0) running[index] = spawnOne(role);
      },
      onLine: (line) => {
        const said = parseLine(line);
        if (said['event'] === 'job-ended' && said['outcome'] === 'done') {
          looked.add(String(said['account']));
        }
        if (said['code'] === 'BUG' || said['event'] === undefined)
          complaints.push(`${role}: ${line}`);
      },
    });
  const running = (['trigger', 'scan', 'act'] as const).flatMap((role) =>
    Array.from({ length: workers[role] }, () => spawnOne(role)),
  );
  return {
    untilReady: async (patienceMs) => {
      const endMs = Date.now() + patienceMs;
      while (users.some((user) => !looked.has(user))) {
        if (Date.now() > endMs) throw new Error(`only ${looked.size} accounts were looked at`);
        await delay(100);
      }
    },
    killOne: (random) => {
      const index = Math.floor(random() * running.length);
      const victim = running[index];
      if (victim === undefined) return;
      victim.child.kill('SIGKILL');
      running[index] = spawnOne(victim.role);
    },
    command: async (words, more = {}) =>
      await runCommand(words, { directory, password: dovecot.password, ...more }),
    complaints: () => complaints,
    stop: async () => {
      isStopping = true;
      for (const { child } of running) child.kill('SIGTERM');
      await Promise.all(running.map(({ ended }) => ended));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function spawnWorker(
  role: Role,
  given: {
    directory: string;
    password: string;
    onLine: (line: string) => void;
    onEnd: (exit: number, last: string) => void;
  },
): Worker {
  const program = join(PACKAGE_ROOT, `dist/workers/${role}.js`);
  const child = spawn(process.execPath, [program, '--log', 'json', '--log-level', 'debug'], {
    cwd: given.directory,
    env: { ...process.env, CLUSTER_PASSWORD: given.password, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let rest = '';
  let last = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) given.onLine(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    last = text;
    for (const line of text.split('\n')) {
      if (/^ {4}at |^caused/.test(line)) given.onLine(line);
    }
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('close', (exit) => {
    if (exit !== null) given.onEnd(exit, last);
  });
  return { role, child, ended };
}

async function runCommand(
  words: readonly string[],
  given: {
    directory: string;
    password: string;
    killAfterMs?: number;
    onStderr?: (soFar: string) => void;
  },
): Promise<CommandEnd> {
  const { directory, password, killAfterMs, onStderr } = given;
  const child = spawn(process.execPath, [join(PACKAGE_ROOT, 'dist/src/cli/main.js'), ...words], {
    cwd: directory,
    env: { ...process.env, CLUSTER_PASSWORD: password, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      if (name === 'stderr') onStderr?.(said.stderr);
    });
  }
  const timer =
    killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { exit, ...said };
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // Not a line of the log: it is a complaint, and told as it stands.
    return {};
  }
}
