/** Chooses the parts behind the interfaces; no logic. */
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backend, Config } from '../config/config.ts';
import type { Emit } from '../core/events.ts';
import type { Journal } from '../journal/journal.ts';
import { openLoggedJournal } from '../journal/logged-journal.ts';
import { openMemoryJournal } from '../journal/memory-journal.ts';
import { openSqliteJournal, openSqliteProjection } from '../journal/sqlite-journal.ts';

/** A writer of the journal in Redis that is not heard of for so long has died. */
const WRITER_LEASE_MS = 10_000;

/** Opens the journal where the configuration keeps it. Throws what the two ways below throw. */
export async function openJournalOf(
  config: Config,
  mode: 'read' | 'write',
  emit: Emit,
): Promise<Journal> {
  const { backend, stateDirectory } = config;
  if (backend.kind === 'embedded') return await openJournal(stateDirectory, mode);
  // Backups of what is deleted for good, and the account's budgets, stay on this machine.
  if (mode === 'write') await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  return await openRedisJournal(backend, mode, emit);
}

/**
 * Opens the journal in Redis. Throws REDIS_UNFIT where it would not keep what it is told,
 * INSTANCE_RUNNING with `write` while another process writes, JOURNAL_UNAVAILABLE.
 */
async function openRedisJournal(
  { url, prefix, password }: Extract<Backend, { kind: 'redis' }>,
  access: 'read' | 'write',
  emit: Emit,
): Promise<Journal> {
  // Loaded only where it is used: most start without it.
  const [{ connectRedis }, { openRedisLog }, { requireFit }] = await Promise.all([
    import('../redis/connect.ts'),
    import('../redis/redis-log.ts'),
    import('../redis/requirements.ts'),
  ]);
  const secret = password === null ? null : await password.read();
  const client = await connectRedis({ url, password: secret });
  try {
    const remarks = await requireFit(client, { url, hasPassword: secret !== null });
    for (const text of access === 'write' ? remarks : []) emit({ kind: 'notice', text });
    const log = await openRedisLog({ client, prefix, access, leaseMs: WRITER_LEASE_MS });
    return openLoggedJournal({ log, projection: openSqliteProjection() });
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

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
