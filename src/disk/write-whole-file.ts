/**
 * The room of our own small files: whole or not at all, also after a power cut, and one writer at a
 * time. Promises to follow no symbolic link when it writes. Never knows what is in a file.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes `octets` to a new file beside `path` and renames it there. A symbolic link at `path` is
 * replaced, never followed. Throws the error of the system, and then leaves no file behind.
 */
export async function writeWholeFile(
  path: string,
  octets: Uint8Array,
  mode: number,
): Promise<void> {
  await putFile(path, octets, { mode, place: rename });
}

/** The same for a file that must not be there yet. Throws EEXIST where something is. */
export async function createWholeFile(
  path: string,
  octets: Uint8Array,
  mode: number,
): Promise<void> {
  const place = async (temporary: string): Promise<void> => {
    // A link fails where the name is taken; a rename would take it over.
    await link(temporary, path);
    await unlink(temporary);
  };
  await putFile(path, octets, { mode, place });
}

async function putFile(
  path: string,
  octets: Uint8Array,
  how: { mode: number; place: (temporary: string, path: string) => Promise<void> },
): Promise<void> {
  const { mode } = how;
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
    await how.place(temporary, path);
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
