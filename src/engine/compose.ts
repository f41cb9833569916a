/** Chooses the parts behind the interfaces; no logic. */
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backend, Config } from '../config/config.ts';
import type { Emit } from '../core/events.ts';
import type { Journal } from '../journal/journal.ts';
import { openLoggedJournal } from '../journal/logged-journal.ts';
import { openMemoryJournal } from '../journal/memory-journal.ts';
import { openSqliteJournal, openSqliteProjection } from '../journal/sqlite-journal.ts';
import { redisLeases } from '../redis/lease.ts';
import type { SharedParts } from './context.ts';

/** A process that Redis does not hear of for so long has died. */
const LEASE_MS = 10_000;

const LOST =
  'Redis has forgotten what was noted last, as a replica does that takes over too early: what is noted there now holds; a copy that was made in those moments can be made twice, and what was moved in them cannot be taken back';

/** Whether anything may be written; in Redis several processes do so side by side. */
export type Access = 'read' | 'write';

/** The parts that the configuration chooses. */
export interface Parts {
  readonly journal: Journal;
  /** Null where one process does everything. */
  readonly shared: SharedParts | null;
}

/** Opens the journal where the configuration keeps it. Throws what the two ways below throw. */
export async function openParts(config: Config, access: Access, emit: Emit): Promise<Parts> {
  const { backend, stateDirectory } = config;
  if (backend.kind === 'embedded') {
    return { journal: await openJournal(stateDirectory, access), shared: null };
  }
  // Backups of what is deleted for good, and the account's budgets, stay on this machine.
  if (access !== 'read') await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  return await openRedisParts(backend, access, emit);
}

/**
 * Opens the journal in Redis. Throws REDIS_UNFIT where it would not keep what it is told, and
 * JOURNAL_UNAVAILABLE.
 */
async function openRedisParts(
  { url, prefix, password }: Extract<Backend, { kind: 'redis' }>,
  access: Access,
  emit: Emit,
): Promise<Parts> {
  // Loaded only where it is used: most start without it.
  const [{ connectRedis, connectPatiently }, { openRedisLog }, { requireFit }] = await Promise.all([
    import('../redis/connect.ts'),
    import('../redis/redis-log.ts'),
    import('../redis/requirements.ts'),
  ]);
  const secret = password === null ? null : await password.read();
  const address = { url, password: secret };
  const client = await connectRedis(address);
  try {
    const remarks = await requireFit(client, { url, hasPassword: secret !== null });
    for (const text of access === 'read' ? [] : remarks) emit({ kind: 'notice', text });
    const log = await openRedisLog({ client, prefix, access, leaseMs: LEASE_MS });
    const leases = redisLeases(client, prefix);
    const journal = openLoggedJournal({
      log,
      project: openSqliteProjection,
      isReader: access === 'read',
      guards: leases.guards,
      onLost: () => emit({ kind: 'notice', text: LOST }),
    });
    if (access === 'read') return { journal, shared: null };
    const openQueue: SharedParts['openQueue'] = async () => {
      const { createBullmqQueue } = await import('../queue/bullmq/bullmq-queue.ts');
      return createBullmqQueue({
        client: await connectPatiently(address),
        ...{ prefix, leases, leaseMs: LEASE_MS },
        onTrouble: ({ message }) =>
          emit({ kind: 'notice', text: `the queue in Redis: ${message}` }),
      });
    };
    return { journal, shared: { leases, leaseMs: LEASE_MS, fenced: journal.fenced, openQueue } };
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
