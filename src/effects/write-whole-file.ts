/** Files that are there whole or not at all, also after a power cut. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type EffectOutcome, failed, refused } from './effect-outcome.ts';
import { codeOf, errorText } from './outside-text.ts';

/**
 * Writes `octets` to a new file beside `path` and renames it there. A symbolic link at `path` is
 * replaced, never followed. Throws the error of the system, and then leaves no file behind.
 */
export async function writeWholeFile(
  path: string,
  octets: Uint8Array,
  mode: number,
): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    try {
      await file.writeFile(octets);
      // open() took the umask off; the file is to have the mode that was asked for.
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // What went wrong first is what counts.
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes a rename durable; systems that cannot open directories need no such thing. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

const COMES_BACK = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EMFILE', 'ENFILE', 'EBUSY']);

/** Tells a file error as an outcome: room and devices come back, permissions do not by themselves. */
export function fileFailure(what: string, error: unknown): EffectOutcome {
  const code = codeOf(error);
  if (code === '') throw error;
  // The rest of a system's text names temporary files, which help nobody.
  const reason = `${what}: ${errorText(error).split(', ', 1).join('')}`;
  return COMES_BACK.has(code) ? failed(reason, true) : refused(reason);
}
