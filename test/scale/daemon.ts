/** The daemon under measurement: the built program with one account for each of a farm. */
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import type { Farm } from './farm.ts';

const RULES = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ { move: Filed, create: true } ]
`;

/** Clock ticks of /proc/PID/stat in a second; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A running daemon and what the kernel says of it. */
export interface MeasuredDaemon {
  /** Resolves when every account is listened to and the first jobs are done. */
  untilReady(): Promise<void>;
  /** Resident memory in bytes. */
  rssBytes(): number;
  /** Open sockets. */
  sockets(): number;
  /** Share of one core during so many seconds. */
  cpuShare(seconds: number): Promise<number>;
  /** What it said. */
  output(): string;
  /** Of how many accounts it said last that it listens for them; of those shared among processes. */
  listensFor(): number;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** How a daemon is started. */
export interface DaemonOptions {
  /** Further options of Node, with blanks between. */
  readonly nodeOptions: string;
  /** Further lines of mailwright.yaml. */
  readonly more?: string;
  /** What further an account says, in flow style, with a comma before it. */
  readonly account?: string;
}

/** Starts `mailwright start` on the first `count` accounts of a farm. */
export function startDaemon(
  farm: Farm,
  count: number,
  { nodeOptions, more = '', account = '' }: DaemonOptions,
): MeasuredDaemon {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-scale-'));
  mkdirSync(join(directory, 'rules'));
  writeFileSync(join(directory, 'rules/scale.yaml'), RULES);
  const accounts = farm.accounts
    .slice(0, count)
    .map(
      ({ port, user }, index) =>
        `  a${index}: { host: 127.0.0.1, port: ${port}, tls: none, user: ${user}, auth: { password: { env: SCALE_PASSWORD } }${account} }\n`,
    );
  writeFileSync(join(directory, 'mailwright.yaml'), `accounts:\n${accounts.join('')}${more}\n`);
  const child = spawn(
    process.execPath,
    [
      ...nodeOptions.split(' ').filter(Boolean),
      join(PACKAGE_ROOT, 'dist/src/cli/main.js'),
      'start',
    ],
    {
      cwd: directory,
      env: { ...process.env, SCALE_PASSWORD: farm.password, NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const proc = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  const cpuShare = async (seconds: number): Promise<number> => {
    const before = cpuSeconds(proc('stat'));
    await delay(seconds * 1000);
    return (cpuSeconds(proc('stat')) - before) / seconds;
  };
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    untilReady: async () => {
      while (output.split(': watching ').length - 1 < count) {
        if (child.exitCode !== null) throw new Error(`the daemon ended:\n${output}`);
        await delay(100);
      }
      // The first job of each account sets its bookmark; there is no word of that, only rest.
      while ((await cpuShare(2)) > 0.1);
    },
    rssBytes: () => Number(/^VmRSS:\s+(\d+) kB/m.exec(proc('status'))?.[1] ?? 0) * 1024,
    sockets: () =>
      readdirSync(`/proc/${child.pid}/fd`).filter((fd) =>
        readlinkSync(`/proc/${child.pid}/fd/${fd}`).startsWith('socket:'),
      ).length,
    cpuShare,
    output: () => output,
    listensFor: () => {
      const said = output.match(/listens for (\d+) of/g)?.at(-1);
      return Number(/\d+/.exec(said ?? '0')?.[0]);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** utime and stime, the 14th and 15th field; the 2nd may hold blanks. */
function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
