/** In SQLite: copies and effects that were done and are not done again, and copies that wait for their source. */
import { identityFromJournal } from '../mail/identity.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import type { Plan } from '../plan/plan.ts';
import type { CopyKey, Journal } from './journal.ts';
import type { PastWork } from './past-work.ts';
import { deleteRows, insertRows, readRowCount, readRowText } from './rows.ts';
import type { SqliteDatabase, SqliteRow } from './sqlite-driver.ts';
import { copiesMade, effectsDone, type SettledStep, stranding } from './step-effects.ts';

type PastWorkStore = Pick<Journal, 'madeCopies' | 'doneEffects' | 'strandedCopies'>;

/** The part of the journal that keeps work from being done twice. */
export function pastWorkStore(database: SqliteDatabase, path: string): PastWorkStore {
  return {
    madeCopies: async (account, mailbox) =>
      database
        .prepare('select * from copy_made where account = ? and mailbox = ?')
        .all(account, mailbox)
        .map((row) => toPastWork(row, { what: 'destination', path })),
    doneEffects: async (account, mailbox) =>
      hasTable(database, 'effect_done')
        ? database
            .prepare('select * from effect_done where account = ? and mailbox = ?')
            .all(account, mailbox)
            .map((row) => toPastWork(row, { what: 'effect', path }))
        : [],
    strandedCopies: async (account) =>
      database
        .prepare('select * from stranded_copy where account = ?')
        .all(account)
        .map((row) => ({
          account,
          identity: identityFromJournal(readRowText(row, 'identity', path)),
          internalDateMs: readRowCount(row, 'date_ms', path),
          destination: parseMailboxName(readRowText(row, 'destination', path)),
          uidValidity: readRowCount(row, 'uid_validity', path),
          uid: readRowCount(row, 'uid', path),
        })),
  };
}

/** Writes what a settled step did; the caller has opened the transaction. */
export function insertPastWork(database: SqliteDatabase, plan: Plan, settled: SettledStep): void {
  const { step, outcomes } = settled;
  const effects = effectsDone(plan, step, outcomes).map((each) => [
    ...[each.account, each.mailbox, each.uidValidity, each.uid],
    ...[each.key, each.identity, each.internalDateMs],
  ]);
  insertRows(database, 'effect_done', [...WORK_COLUMNS, 'effect', 'identity', 'date_ms'], effects);
  const copies = copiesMade(plan, step, outcomes).map((each) => [
    ...[each.account, each.mailbox, each.uidValidity, each.uid],
    ...[each.destination, each.identity, each.internalDateMs],
  ]);
  insertRows(
    database,
    'copy_made',
    [...WORK_COLUMNS, 'destination', 'identity', 'date_ms'],
    copies,
  );
  const { stranded, adopted } = stranding(plan, step, outcomes);
  const copied = stranded.map((each) => [
    ...[each.account, each.destination, each.uidValidity, each.uid],
    ...[each.identity, each.internalDateMs],
  ]);
  insertRows(database, 'stranded_copy', [...STRANDED_COLUMNS, 'identity', 'date_ms'], copied);
  const gone = adopted.map((each) => [
    ...[each.account, each.destination, each.uidValidity, each.uid],
  ]);
  deleteRows(database, 'stranded_copy', STRANDED_COLUMNS, gone);
}

const WORK_COLUMNS = ['account', 'mailbox', 'uid_validity', 'uid'];
const STRANDED_COLUMNS = ['account', 'destination', 'uid_validity', 'uid'];

/** Removes copies that were taken back; the caller has opened the transaction. */
export function forgetCopies(database: SqliteDatabase, keys: readonly CopyKey[]): void {
  const remove = database.prepare(
    `delete from copy_made where account = ? and mailbox = ? and uid_validity = ? and uid = ?
       and destination = ?`,
  );
  for (const key of keys) {
    remove.run(key.account, key.mailbox, key.uidValidity, key.uid, key.destination);
  }
}

function toPastWork(
  row: SqliteRow,
  from: { what: 'destination' | 'effect'; path: string },
): PastWork {
  const { path } = from;
  // A journal of an early version that is only read has no such columns.
  const isKnown = typeof row['identity'] === 'string';
  return {
    what: readRowText(row, from.what, path),
    uidValidity: readRowCount(row, 'uid_validity', path),
    uid: readRowCount(row, 'uid', path),
    identity: isKnown ? identityFromJournal(readRowText(row, 'identity', path)) : null,
    internalDateMs: isKnown ? readRowCount(row, 'date_ms', path) : null,
  };
}

function hasTable(database: SqliteDatabase, name: string): boolean {
  const row = database
    .prepare(`select 1 from sqlite_master where type = 'table' and name = ?`)
    .get(name);
  return row !== undefined;
}
