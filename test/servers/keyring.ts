/** A real keyring without a desktop: a session bus and GNOME Keyring of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureKeyring } from './install.ts';

/** A running Secret Service. */
export interface RealKeyring {
  /** What a program needs in its environment to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends both processes and removes their files. */
  stop(): Promise<void>;
}

const START_MS = 10_000;

/** Starts a bus and a keyring that is unlocked. */
export async function startKeyring(): Promise<RealKeyring> {
  const { bus, daemon } = ensureKeyring();
  const home = mkdtempSync(join(tmpdir(), 'mailwright-keyring-'));
  const children: ChildProcess[] = [];
  const kill = (): void => {
    for (const child of children) child.kill('SIGTERM');
  };
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    for (const child of children.reverse()) {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
    }
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const own = { HOME: home, XDG_RUNTIME_DIR: home, XDG_DATA_HOME: join(home, 'data') };
    const busChild = spawn(bus, ['--session', '--nofork', '--print-address=1'], {
      env: { ...process.env, ...own },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(busChild);
    const address = await firstLine(busChild);
    const env = { ...own, DBUS_SESSION_BUS_ADDRESS: address };
    const keyring = spawn(daemon, ['--foreground', '--unlock', '--components=secrets'], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    children.push(keyring);
    keyring.stdin?.end('the password of the keyring');
    const control = join(home, 'keyring', 'control');
    for (let waited = 0; !existsSync(control); waited += 50) {
      if (waited > START_MS) throw new Error('GNOME Keyring did not start');
      await delay(50);
    }
    return { env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) return text.split('\n', 1)[0] ?? '';
  }
  throw new Error('the session bus did not start');
}
