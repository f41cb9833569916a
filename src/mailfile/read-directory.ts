/**
 * A directory of .eml files, at any depth, and Maildir (cur and new, Maildir++ below it). Names are
 * octets here: one that is not UTF-8 is read like any other, and told with U+FFFD in it.
 */
import { open, readdir } from 'node:fs/promises';
import { LIMITS } from '../core/limits.ts';
import { type Flag, SYSTEM_FLAGS } from '../mail/flags.ts';
import { type MailFile, withCrlf } from './mail-file.ts';

/** The kinds of directories that hold mail. */
export type DirectoryKind = 'maildir' | 'eml';

/** A place in the file system, and how it is told. */
interface Place {
  readonly path: Buffer;
  /** From the directory that was given; empty for that one itself. */
  readonly name: string;
}

/** There may be a hundred thousand: what else is to be known of one is worked out when it is read. */
interface Entry {
  /** Its name, a character for each octet. */
  readonly base: string;
  readonly kind: 'file' | 'directory' | 'other';
}

/**
 * Tells which kind it is: a Maildir has `cur` and `new`. Copying programs that drop empty directories
 * leave only `cur`, and a Maildir++ may have nothing but the mailboxes below it.
 */
export async function directoryKind(path: string): Promise<DirectoryKind> {
  const entries = await entriesOf(placeOf(path));
  const has = (base: string): boolean =>
    entries.some((entry) => entry.kind === 'directory' && entry.base === base);
  if (has('cur') && has('new')) return 'maildir';
  if (entries.some(({ kind, base }) => kind === 'file' && isMessageName(base))) return 'eml';
  if (has('cur')) return 'maildir';
  for (const entry of entries) {
    if (!isSubMailbox(entry)) continue;
    const cur = below(below(placeOf(path), entry.base), 'cur');
    if ((await entriesOf(cur)).length > 0) return 'maildir';
  }
  return 'eml';
}

/** Whether a file of this name is one message. */
export function isMessageName(name: string): boolean {
  return /\.(eml|msg\.txt|mail)$/i.test(name);
}

/** Every .eml below a directory, by name; hidden files and links are left out. */
export async function* readEmlDirectory(path: string): AsyncGenerator<MailFile> {
  yield* readEmlBelow(placeOf(path));
}

async function* readEmlBelow(place: Place): AsyncGenerator<MailFile> {
  for (const { base, kind } of await entriesOf(place)) {
    if (base.startsWith('.')) continue;
    if (kind === 'directory') yield* readEmlBelow(below(place, base));
    else if (kind === 'file' && isMessageName(base)) {
      const { path, name } = below(place, base);
      yield await readMessage(path, { name, flags: [] });
    }
  }
}

/** The messages of a Maildir, by name, then those of the mailboxes below it. */
export async function* readMaildir(path: string): AsyncGenerator<MailFile> {
  const top = placeOf(path);
  yield* readOneMaildir(top);
  for (const entry of await entriesOf(top)) {
    if (isSubMailbox(entry)) yield* readOneMaildir(below(top, entry.base));
  }
}

async function* readOneMaildir(place: Place): AsyncGenerator<MailFile> {
  for (const part of ['cur', 'new']) {
    const directory = below(place, part);
    for (const { kind, base } of await entriesOf(directory)) {
      if (kind !== 'file' || base.startsWith('.')) continue;
      const { path, name } = below(directory, base);
      const message = await readMessage(path, { name, flags: maildirFlags(base) });
      // Without a time in its name, that of the file: what IMAP servers tell as INTERNALDATE.
      yield { ...message, arrivedMs: maildirTime(base) ?? message.fileMs };
    }
  }
}

/** One message of a file, which does not say when it arrived. */
export async function readMessage(
  path: string | Buffer,
  known: { name: string; flags: readonly Flag[] },
): Promise<MailFile> {
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const raw = size > LIMITS.literalBytes ? null : withCrlf(await file.readFile());
    return { ...known, raw, arrivedMs: null, fileMs: Math.round(mtimeMs) };
  } finally {
    await file.close();
  }
}

const SLASH = Buffer.from('/');

function placeOf(path: string): Place {
  return { path: Buffer.from(path), name: '' };
}

function below(place: Place, base: string): Place {
  const octets = Buffer.from(base, 'latin1');
  const told = octets.toString('utf8');
  return {
    path: Buffer.concat([place.path, SLASH, octets]),
    name: place.name === '' ? told : `${place.name}/${told}`,
  };
}

/** `.Work`: a mailbox of Maildir++. */
function isSubMailbox({ kind, base }: Entry): boolean {
  return kind === 'directory' && /^\.[^.]/.test(base);
}

/** In the order of their octets, which is that of their code points. */
async function entriesOf(place: Place): Promise<readonly Entry[]> {
  try {
    const found = await readdir(place.path, { withFileTypes: true, encoding: 'buffer' });
    const entries = found.map(
      (entry): Entry => ({
        base: entry.name.toString('latin1'),
        kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other',
      }),
    );
    return entries.sort((a, b) => (a.base < b.base ? -1 : 1));
  } catch (error) {
    // A Maildir++ mailbox may lack cur or new.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

const MAILDIR_FLAGS: Readonly<Record<string, Flag>> = {
  S: SYSTEM_FLAGS.seen,
  R: SYSTEM_FLAGS.answered,
  F: SYSTEM_FLAGS.flagged,
  D: SYSTEM_FLAGS.draft,
  T: SYSTEM_FLAGS.deleted,
};

/** `…:2,FS`: flags in the order of the alphabet. */
function maildirFlags(base: string): readonly Flag[] {
  const letters = /:2,([A-Za-z]*)$/.exec(base)?.[1] ?? '';
  return [...letters].flatMap((letter) => MAILDIR_FLAGS[letter] ?? []);
}

/** A Maildir name begins with the second of delivery. */
function maildirTime(base: string): number | null {
  const seconds = /^(\d{9,11})[.,]/.exec(base)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}
