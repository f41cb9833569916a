/** `add_to` and `remove_from`: list files that people edit and rules write, one entry a line. */
import { mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, systemClock } from '../core/clock.ts';
import { LIMITS } from '../core/limits.ts';
import { codeOf, errorText, outsideText } from '../core/outside-text.ts';
import { lockFile } from '../disk/file-lock.ts';
import { writeWholeFile } from '../disk/write-whole-file.ts';
import { done, type EffectOutcome, failed, refused } from './effect-outcome.ts';
import { fileFailure } from './file-failure.ts';

/** What reading a list file gave. */
export type ListReading =
  | { readonly kind: 'list'; readonly entries: readonly string[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A change of the text of a list; null when it needs none. */
type Edit = (text: string) => string | null;

interface ListText {
  readonly text: string;
  readonly mode: number;
}

/**
 * Reads the entries of a list, in order, as they are written. A line that starts with `#` is a
 * comment, an empty one is nothing. A file that is missing is an empty list.
 */
export async function readList(path: string): Promise<ListReading> {
  try {
    const found = await readText(path);
    if (typeof found === 'string') return { kind: 'unreadable', reason: found };
    return { kind: 'list', entries: linesOf(found.text).map(entryOf).filter(isEntry) };
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return { kind: 'unreadable', reason: `cannot read ${outsideText(path)}: ${errorText(error)}` };
  }
}

/**
 * Puts `entry` at the end of the list, which is made (mode 0600, its directory 0700) when it is
 * missing. Idempotent: an entry that is there, in any letter case, is done without a write.
 * Comments, order and line ends stay. Refuses an entry that would be read back as something else.
 */
export async function addToList(
  path: string,
  entry: string,
  clock: Clock = systemClock,
): Promise<EffectOutcome> {
  const wanted = entry.trim();
  const defect = defectOf(entry);
  if (defect !== null) return refused(`cannot add "${outsideText(entry)}" to a list: ${defect}`);
  return editList(path, clock, (text) => {
    const lines = linesOf(text);
    if (lines.some((line) => isSame(line, wanted))) return null;
    const lineEnd = /\r?\n/.exec(text)?.[0] ?? '\n';
    const last = text === '' || text === BOM || text.endsWith('\n') ? '' : lineEnd;
    return `${text}${last}${wanted}${lineEnd}`;
  });
}

/**
 * Takes every line of `entry` out of the list, in any letter case. Idempotent: what is not there is
 * done without a write. Comments, order and line ends of the rest stay.
 */
export async function removeFromList(
  path: string,
  entry: string,
  clock: Clock = systemClock,
): Promise<EffectOutcome> {
  const unwanted = entry.trim();
  if (unwanted === '' || unwanted.startsWith('#'))
    return done(`${outsideText(path)} has no such entry`);
  return editList(path, clock, (text) => {
    const lines = linesOf(text);
    const kept = lines.filter((line) => !isSame(line, unwanted));
    if (kept.length === lines.length) return null;
    return `${text.startsWith(BOM) ? BOM : ''}${kept.join('')}`;
  });
}

async function editList(given: string, clock: Clock, edit: Edit): Promise<EffectOutcome> {
  const what = `cannot change the list ${outsideText(given)}`;
  try {
    // A list may be a link into another directory; it stays one, and its target is replaced.
    const path = await targetOf(given);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const locked = await lockFile(path, clock);
    if (locked.kind === 'busy') return failed(`${what}: ${locked.reason}`, true);
    try {
      const found = await readText(path);
      if (typeof found === 'string') return refused(found);
      const text = edit(found.text);
      if (text === null) return done(`${given} is already so`);
      const octets = Buffer.from(text, 'utf8');
      if (octets.length > LIMITS.listFileBytes) return refused(`${what}: ${tooLarge()}`);
      if (!(await locked.lock.isHeld())) {
        return failed(`${what}: another process took the lock over`, true);
      }
      await writeWholeFile(path, octets, found.mode);
      return done(`${given} was written`);
    } finally {
      await locked.lock.release();
    }
  } catch (error) {
    return fileFailure(what, error);
  }
}

/** The text of a list, or why it cannot be one. Throws the errors of the file system. */
async function readText(path: string): Promise<ListText | string> {
  try {
    const { size, mode } = await stat(path);
    if (size > LIMITS.listFileBytes) return `the list ${outsideText(path)}: ${tooLarge()}`;
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      await readFile(path),
    );
    return { text, mode: mode & 0o777 };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { text: '', mode: 0o600 };
    if (codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return `the list ${outsideText(path)} is not UTF-8; save it as UTF-8 in your editor`;
    }
    throw error;
  }
}

async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return path;
    throw error;
  }
}

const BOM = '\ufeff';

/** The lines with their ends. */
function linesOf(text: string): readonly string[] {
  return (text.startsWith(BOM) ? text.slice(1) : text).match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The entry of a line; a comment gives the empty string. */
function entryOf(line: string): string {
  const entry = line.trim();
  return entry.startsWith('#') ? '' : entry;
}

function isEntry(entry: string): boolean {
  return entry !== '';
}

function isSame(line: string, entry: string): boolean {
  return fold(entryOf(line)) === fold(entry);
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}

function defectOf(entry: string): string | null {
  if (entry.trim() === '') return 'it is empty';
  if (entry.trimStart().startsWith('#')) return 'a line that starts with # is a comment';
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\ufeff]/u.test(entry)) {
    return 'it has a line break or a control character';
  }
  if (entry.length > LIMITS.listEntryChars) {
    return `it is longer than ${LIMITS.listEntryChars} characters`;
  }
  return null;
}

function tooLarge(): string {
  return `it is larger than ${LIMITS.listFileBytes} bytes; take entries out, or split it`;
}
