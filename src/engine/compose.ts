/** Chooses the parts behind the interfaces; no logic. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal } from '../journal/journal.ts';
import { openMemoryJournal } from '../journal/memory-journal.ts';
import { openSqliteJournal } from '../journal/sqlite-journal.ts';

/**
 * Opens the journal of a state directory. Reading needs no lock, and no directory: where nothing
 * has ever run, the journal is an empty one in memory, so that `plan` leaves no trace on the disk.
 */
export async function openJournal(directory: string, mode: 'read' | 'write'): Promise<Journal> {
  if (mode === 'write') return await openSqliteJournal({ directory });
  return (await exists(join(directory, 'journal.sqlite')))
    ? await openSqliteJournal({ directory, readOnly: true })
    : openMemoryJournal();
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Absent or out of reach: opening it for writing tells which, with a proper error.
    return false;
  }
}
