/** Real Redis for tests: on loopback, on a free port, with a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './dovecot.ts';
import { ensureRedis } from './install.ts';

/** A running server. */
export interface RedisServer {
  readonly url: string;
  /** Ends it with SIGKILL, as a machine that loses power, and starts it again on the same data. */
  crash(): Promise<void>;
  /** FLUSHALL. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

/** A machine that is busy with everything else takes its time. */
const START_MS = 60_000;
const FIT = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' };

/** Starts a server; `settings` go over those that a journal needs. */
export async function startRedis(
  settings: Readonly<Record<string, string>> = {},
): Promise<RedisServer> {
  const binary = ensureRedis();
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-redis-'));
  const port = await freePort();
  const all = {
    ...FIT,
    ...settings,
    port: String(port),
    bind: '127.0.0.1',
    dir: directory,
    save: '',
  };
  const flags = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  let child = await startOnce(binary, flags, port);
  const killAtExit = (): void => void child.kill('SIGTERM');
  process.once('exit', killAtExit);
  return {
    url: `redis://127.0.0.1:${port}`,
    crash: async () => {
      await end(child, 'SIGKILL');
      child = await startOnce(binary, flags, port);
    },
    empty: () => tell(port, 'FLUSHALL'),
    stop: async () => {
      process.off('exit', killAtExit);
      await end(child, 'SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function startOnce(
  binary: string,
  flags: readonly string[],
  port: number,
): Promise<ChildProcess> {
  const child = spawn(binary, flags, { stdio: 'ignore' });
  const endMs = Date.now() + START_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > endMs) throw new Error('Redis did not start');
    await delay(20);
  }
  return child;
}

/** Loading its data, a server accepts connections and refuses commands. */
async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('data', (data: Buffer) => {
      socket.destroy();
      resolve(/^\+PONG|^-NOAUTH/.test(data.toString()));
    });
    socket.write('PING\r\n');
  });
}

async function tell(port: number, command: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', reject);
    socket.on('data', () => {
      socket.destroy();
      resolve();
    });
    socket.write(`${command}\r\n`);
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await ended;
}
