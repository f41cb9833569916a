/** A lock file beside a file, against other processes of ours that write it at the same time. */
import { randomBytes } from 'node:crypto';
import { open, readFile, stat, unlink } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';
import { codeOf } from '../core/outside-text.ts';

/** A lock is held for one reading and one writing of a small file, unless its user says otherwise. */
const WAIT_MS = 10_000;

/** Nobody writes a list for so long: the holder was stopped, or its number went to another process. */
const STALE_MS = 60_000;

/** A lock that we hold. */
export interface FileLock {
  /** Whether it is still ours; false when it was taken over because we stood still too long. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** What came of asking for a lock. */
export type LockResult =
  | { readonly kind: 'locked'; readonly lock: FileLock }
  | { readonly kind: 'busy'; readonly reason: string };

/**
 * Takes `path`.lock, or waits up to `waitMs` (default: ten seconds) for it. A lock whose process is
 * gone, or that is older than a minute, is taken over. Throws the errors of the file system.
 */
export async function lockFile(
  path: string,
  clock: Clock,
  waitMs: number = WAIT_MS,
): Promise<LockResult> {
  const lockPath = `${path}.lock`;
  const token = `${process.pid} ${randomBytes(12).toString('hex')}\n`;
  const deadline = clock.nowMs() + waitMs;
  while (!(await claim(lockPath, token))) {
    if (await removeStale(lockPath)) continue;
    if (clock.nowMs() >= deadline) {
      return {
        kind: 'busy',
        reason: `${lockPath} is held; if no Mailwright is running, delete it`,
      };
    }
    await clock.sleep(3 + Math.floor(Math.random() * 20));
  }
  return {
    kind: 'locked',
    lock: {
      isHeld: async () => (await readToken(lockPath)) === token,
      release: async () => {
        if ((await readToken(lockPath)) === token) await unlink(lockPath);
      },
    },
  };
}

/** Makes the lock; false when there is one. */
async function claim(lockPath: string, token: string): Promise<boolean> {
  try {
    const file = await open(lockPath, 'wx', 0o600);
    try {
      await file.writeFile(token);
    } catch (error) {
      await unlink(lockPath);
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes a lock whose holder is gone; true when the lock is worth asking for again. Two processes
 * may find the same stale lock, and the slower one must not remove the new lock of the faster: only
 * who makes the claim file of that very lock (its token is in the name) may remove it, and only
 * after looking at it again.
 */
async function removeStale(lockPath: string): Promise<boolean> {
  const token = await readToken(lockPath);
  if (token === null) return true;
  if (!(await isStale(lockPath, token))) return false;
  const claimPath = `${lockPath}.${token.replaceAll(/[^0-9a-f]+/g, '').slice(0, 40)}.stale`;
  if (!(await claim(claimPath, token))) return false;
  try {
    if ((await readToken(lockPath)) === token && (await isStale(lockPath, token))) {
      await unlink(lockPath);
    }
    return true;
  } finally {
    await unlink(claimPath);
  }
}

async function isStale(lockPath: string, token: string): Promise<boolean> {
  const pid = Number(/^(\d{1,10}) /.exec(token)?.[1] ?? 0);
  if (pid > 0 && !isAlive(pid)) return true;
  try {
    // The file's time is the system's, so it is compared with the system's, not with `clock`.
    return Date.now() - (await stat(lockPath)).mtimeMs > STALE_MS;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function readToken(lockPath: string): Promise<string | null> {
  try {
    return await readFile(lockPath, 'latin1');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
