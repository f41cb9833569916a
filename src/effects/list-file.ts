/**
 * `add_to` and `remove_from`: list files, one entry a line, `#` comments. Comments, order and line
 * ends stay; the file is always whole, and two processes do not lose each other's entries.
 */
import { lstat, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type EffectOutcome, wordsOf } from './effect-outcome.ts';

const LOCK_TRIES = 400;
const LOCK_WAIT_MS = 25;
/** A lock that is older was left by a process that died. */
const LOCK_STALE_MS = 10_000;

/** Adds an entry unless it is there; without letter case. May be repeated freely. */
export async function addToList(path: string, entry: string): Promise<EffectOutcome> {
  return await changeList(path, entry, (lines, isEntry) => {
    if (lines.some(isEntry)) return null;
    const last = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
    return [...last, entry.trim(), ''];
  });
}

/** Takes every line with the entry out. May be repeated freely. */
export async function removeFromList(path: string, entry: string): Promise<EffectOutcome> {
  return await changeList(path, entry, (lines, isEntry) =>
    lines.some(isEntry) ? lines.filter((line) => !isEntry(line)) : null,
  );
}

async function changeList(
  path: string,
  entry: string,
  change: (
    lines: readonly string[],
    isEntry: (line: string) => boolean,
  ) => readonly string[] | null,
): Promise<EffectOutcome> {
  const why = whyNoEntry(entry);
  if (why !== undefined) return { kind: 'refused', reason: why };
  try {
    // A list may be a link to a file elsewhere: the file is replaced, the link stays.
    const file = await targetOf(path);
    return await locked(file, async () => {
      const text = await readText(file);
      const ending = text.includes('\r\n') ? '\r\n' : '\n';
      const folded = fold(entry);
      const isEntry = (line: string): boolean => fold(line) === folded;
      const lines = text === '' ? [] : text.split(/\r?\n/);
      const changed = change(lines, isEntry);
      if (changed !== null) await replace(file, changed.join(ending));
      return { kind: 'done', evidence: path };
    });
  } catch (error) {
    return { kind: 'failed', reason: `${path}: ${wordsOf(error)}` };
  }
}

function whyNoEntry(entry: string): string | undefined {
  if (entry.trim() === '') return 'the message has no value for this list';
  if (entry.trim().startsWith('#')) return 'an entry that begins with "#" would be a comment';
  return /\p{Cc}/u.test(entry) ? 'an entry is one line without control characters' : undefined;
}

function fold(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}

async function targetOf(path: string): Promise<string> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await realpath(path) : path;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return path;
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw error;
  }
}

/** On the disk under another name first, then under its own: a crash leaves the old or the new one. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`,
  );
  const mode = await modeOf(path);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 0o600;
    throw error;
  }
}

async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  await takeLock(lock);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function takeLock(lock: string): Promise<void> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    try {
      const file = await open(lock, 'wx', 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    await breakStale(lock);
    await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS));
  }
  throw new Error('another process keeps the list locked');
}

async function breakStale(lock: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(lock);
    if (Date.now() - mtimeMs > LOCK_STALE_MS) await rm(lock, { force: true });
  } catch (error) {
    // Its owner has just let go.
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
