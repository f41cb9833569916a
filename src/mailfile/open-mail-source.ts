/** A path → its messages, whatever holds them. */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../core/app-error.ts';
import type { MailFile } from './mail-file.ts';
import { directoryKind, readEmlDirectory, readMaildir, readMessage } from './read-directory.ts';
import { readMbox } from './read-mbox.ts';

/**
 * Gives the messages of a .eml file, a directory of them, a Maildir or an mbox, in a stable order.
 * Throws MAIL_FILE_UNREADABLE when the path does not exist or cannot be read.
 */
export async function* openMailSource(path: string): AsyncGenerator<MailFile> {
  try {
    yield* readPath(path);
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    const reason = error.message;
    throw new AppError('MAIL_FILE_UNREADABLE', `${path} cannot be read: ${reason}`, {
      path,
      reason,
    });
  }
}

async function* readPath(path: string): AsyncGenerator<MailFile> {
  const found = await stat(path);
  const name = basename(path);
  if (found.isDirectory()) {
    yield* (await directoryKind(path)) === 'maildir' ? readMaildir(path) : readEmlDirectory(path);
  } else if (await isMbox(path)) {
    yield* readMbox(path, { name, fileMs: Math.round(found.mtimeMs) });
  } else {
    yield await readMessage(path, { name, flags: [], arrivedMs: null });
  }
}

/** An mbox begins with `From `; a message never does: it would be a field name with a blank in it. */
async function isMbox(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 0);
    return buffer.toString('latin1', 0, bytesRead) === 'From ';
  } finally {
    await file.close();
  }
}
