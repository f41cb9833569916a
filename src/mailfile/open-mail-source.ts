/** A path → its messages, whatever holds them. */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../core/app-error.ts';
import type { MailFile } from './mail-file.ts';
import {
  directoryKind,
  isMessageName,
  readEmlDirectory,
  readMaildir,
  readMessage,
} from './read-directory.ts';
import { readMbox } from './read-mbox.ts';

/**
 * Gives the messages of a .eml file, a directory of them, a Maildir or an mbox, in a stable order.
 * An empty Maildir and an empty mbox hold none. Throws MAIL_FILE_UNREADABLE when the path does not
 * exist, cannot be read, or is a directory without mail.
 */
export async function* openMailSource(path: string): AsyncGenerator<MailFile> {
  try {
    yield* readPath(path);
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw unreadable(path, error.message);
  }
}

async function* readPath(path: string): AsyncGenerator<MailFile> {
  const found = await stat(path);
  const name = basename(path);
  if (found.isDirectory()) {
    yield* readDirectory(path);
  } else if (!found.isFile()) {
    // A device or a pipe may never end.
    throw unreadable(path, 'it is neither a file nor a directory');
  } else if (await isMbox(path)) {
    yield* readMbox(path, { name, fileMs: Math.round(found.mtimeMs) });
  } else if (found.size > 0 || isMessageName(name)) {
    yield await readMessage(path, { name, flags: [] });
  }
}

async function* readDirectory(path: string): AsyncGenerator<MailFile> {
  if ((await directoryKind(path)) === 'maildir') {
    yield* readMaildir(path);
    return;
  }
  let isEmpty = true;
  for await (const message of readEmlDirectory(path)) {
    isEmpty = false;
    yield message;
  }
  // A mistyped path must not look like a mailbox in which there is nothing to do.
  if (isEmpty) throw unreadable(path, 'it holds no .eml file and is no Maildir');
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

function unreadable(path: string, reason: string): AppError {
  return new AppError('MAIL_FILE_UNREADABLE', `${path} cannot be read: ${reason}`, {
    path,
    reason,
  });
}
