/** In SQLite: where our moves put messages. */
import { accountId, runId, stepId } from '../core/brand.ts';
import { identityFromJournal } from '../mail/identity.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import type { Plan } from '../plan/plan.ts';
import type { Journal } from './journal.ts';
import type { MovedMessage } from './moved.ts';
import { insertRows, readRowCount, readRowText } from './rows.ts';
import type { SqliteDatabase, SqliteRow } from './sqlite-driver.ts';
import { movesMade, movesTakenBack, type SettledStep, snoozesEnded } from './step-effects.ts';

/** The part of the journal that knows where messages were moved. */
export function movedStore(
  database: SqliteDatabase,
  path: string,
): Pick<Journal, 'movedMessages' | 'movedInto'> {
  return {
    movedMessages: async (account, identities) => {
      if (!hasMoved(database)) return [];
      const rows = database.prepare('select * from moved where account = ? and identity = ?');
      return [...new Set(identities)].flatMap((identity) =>
        rows.all(account, identity).map((row) => toMoved(row, path)),
      );
    },
    movedInto: async (account, mailbox, beforeMs) => {
      if (!hasMoved(database)) return [];
      return database
        .prepare('select * from moved where account = ? and destination = ? and at_ms <= ?')
        .all(account, mailbox, beforeMs)
        .map((row) => toMoved(row, path));
    },
  };
}

/** Writes what a settled step moved, or moved back; the caller has opened the transaction. */
export function insertMoved(database: SqliteDatabase, plan: Plan, settled: SettledStep): void {
  const made = movesMade(plan, settled).map(
    ({ account, identity, source, destination, ...row }) => [
      ...[account, identity, row.step, source.uid, row.internalDateMs, row.ruleRevision, row.atMs],
      ...[source.mailbox, source.uidValidity],
      ...[destination.mailbox, destination.uidValidity, destination.uid],
    ],
  );
  insertRows(database, 'moved', MOVED_COLUMNS, made);
  const remove = database.prepare('delete from moved where step = ? and source_uid = ?');
  for (const { step, uid } of movesTakenBack(plan, settled)) remove.run(step, uid);
  const forget = database.prepare(
    `delete from moved where account = ? and destination = ? and destination_validity = ?
     and destination_uid = ?`,
  );
  for (const { mailbox, uidValidity, uid } of snoozesEnded(plan, settled)) {
    forget.run(plan.account, mailbox, uidValidity, uid);
  }
}

const MOVED_COLUMNS = [
  ...['account', 'identity', 'step', 'source_uid', 'date_ms', 'revision', 'at_ms'],
  ...['source', 'source_validity', 'destination', 'destination_validity', 'destination_uid'],
];

/** A journal of an earlier version, opened to be read, has no such table. */
function hasMoved(database: SqliteDatabase): boolean {
  const table = `select 1 from sqlite_master where type = 'table' and name = 'moved'`;
  if (database.prepare(table).get() === undefined) return false;
  return database.prepare('select 1 from moved limit 1').get() !== undefined;
}

function toMoved(row: SqliteRow, path: string): MovedMessage {
  const [run = '', account = '', number = ''] = readRowText(row, 'step', path).split('/');
  const owner = accountId(account);
  return {
    account: owner,
    step: stepId(runId(run), owner, Number(number)),
    identity: identityFromJournal(readRowText(row, 'identity', path)),
    internalDateMs: readRowCount(row, 'date_ms', path),
    ruleRevision: readRowText(row, 'revision', path),
    atMs: readRowCount(row, 'at_ms', path),
    source: {
      mailbox: parseMailboxName(readRowText(row, 'source', path)),
      uidValidity: readRowCount(row, 'source_validity', path),
      uid: readRowCount(row, 'source_uid', path),
    },
    destination: {
      mailbox: parseMailboxName(readRowText(row, 'destination', path)),
      uidValidity: readRowCount(row, 'destination_validity', path),
      uid: readRowCount(row, 'destination_uid', path),
    },
  };
}
