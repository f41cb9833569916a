/** A directory of .eml files, at any depth, and Maildir (cur and new, Maildir++ below it). */
import { open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LIMITS } from '../core/limits.ts';
import { type Flag, SYSTEM_FLAGS } from '../mail/flags.ts';
import { type MailFile, withCrlf } from './mail-file.ts';

/** The kinds of directories that hold mail. */
export type DirectoryKind = 'maildir' | 'eml';

/** Tells which kind it is: a Maildir has `cur` and `new`. */
export async function directoryKind(path: string): Promise<DirectoryKind> {
  const names = (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return names.includes('cur') && names.includes('new') ? 'maildir' : 'eml';
}

/** Every .eml below a directory, by name; hidden files and links are left out. */
export async function* readEmlDirectory(path: string, below = ''): AsyncGenerator<MailFile> {
  for (const entry of await entriesOf(join(path, below))) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* readEmlDirectory(path, name);
    else if (entry.isFile() && /\.(eml|msg\.txt|mail)$/i.test(entry.name)) {
      yield await readMessage(join(path, name), { name, flags: [], arrivedMs: null });
    }
  }
}

/** The messages of a Maildir, by name, then those of the mailboxes below it. */
export async function* readMaildir(path: string, below = ''): AsyncGenerator<MailFile> {
  const here = join(path, below);
  for (const part of ['cur', 'new']) {
    for (const entry of await entriesOf(join(here, part))) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      const name = [...(below === '' ? [] : [below]), part, entry.name].join('/');
      yield await readMessage(join(path, name), {
        name,
        flags: maildirFlags(entry.name),
        arrivedMs: maildirTime(entry.name),
      });
    }
  }
  for (const entry of await entriesOf(here)) {
    if (below !== '' || !entry.isDirectory() || !/^\.[^.]/.test(entry.name)) continue;
    yield* readMaildir(path, entry.name);
  }
}

/** One message of a file. */
export async function readMessage(
  path: string,
  known: { name: string; flags: readonly Flag[]; arrivedMs: number | null },
): Promise<MailFile> {
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const raw = size > LIMITS.literalBytes ? null : withCrlf(await file.readFile());
    return { ...known, raw, fileMs: Math.round(mtimeMs) };
  } finally {
    await file.close();
  }
}

async function entriesOf(path: string) {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
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
function maildirFlags(name: string): readonly Flag[] {
  const letters = /:2,([A-Za-z]*)$/.exec(basename(name))?.[1] ?? '';
  return [...letters].flatMap((letter) => MAILDIR_FLAGS[letter] ?? []);
}

/** A Maildir name begins with the second of delivery. */
function maildirTime(name: string): number | null {
  const seconds = /^(\d{9,11})[.,]/.exec(name)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}
