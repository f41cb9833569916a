/** Rules that are to be decided later, in SQLite: the due-time index. */
import { accountId } from '../core/brand.ts';
import { identityFromJournal } from '../mail/identity.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import type { Plan } from '../plan/plan.ts';
import type { Journal, SnoozedMessage, Wait } from './journal.ts';
import { readRowCount, readRowText } from './rows.ts';
import type { SqliteDatabase, SqliteRow } from './sqlite-driver.ts';
import { type SettledStep, snoozesMade } from './step-effects.ts';

type WaitStore = Pick<Journal, 'noteWaits' | 'dropWaits' | 'waits' | 'accountsDue'>;

/** The part of the journal that knows what is due when. */
export function waitStore(database: SqliteDatabase, path: string): WaitStore {
  const toWait = (row: SqliteRow): Wait => ({
    account: accountId(readRowText(row, 'account', path)),
    mailbox: parseMailboxName(readRowText(row, 'mailbox', path)),
    uidValidity: readRowCount(row, 'uid_validity', path),
    uid: readRowCount(row, 'uid', path),
    rule: readRowText(row, 'rule', path),
    dueMs: readRowCount(row, 'due_ms', path),
    snoozed: toSnoozed(row, path),
  });
  return {
    noteWaits: async (waits) => {
      database.transaction(() => {
        insertWaits(database, waits);
      });
    },
    dropWaits: async (waits) => {
      database.transaction(() => {
        const remove = database.prepare(
          `delete from wait where account = ? and mailbox = ? and uid_validity = ? and uid = ?
           and rule = ?`,
        );
        for (const { account, mailbox, uidValidity, uid, rule } of waits) {
          remove.run(account, mailbox, uidValidity, uid, rule);
        }
      });
    },
    waits: async (account, untilMs) =>
      database
        .prepare('select * from wait where account = ? and due_ms <= ? order by mailbox, uid, rule')
        .all(account, untilMs)
        .map(toWait),
    accountsDue: async (untilMs) =>
      database
        .prepare('select distinct account from wait where due_ms <= ? order by account')
        .all(untilMs)
        .map((row) => accountId(readRowText(row, 'account', path))),
  };
}

/** Writes what a settled step put aside; the caller has opened the transaction. */
export function insertSnoozes(database: SqliteDatabase, plan: Plan, settled: SettledStep): void {
  insertWaits(database, snoozesMade(plan, settled));
}

function insertWaits(database: SqliteDatabase, waits: readonly Wait[]): void {
  const insert = database.prepare(
    `insert or replace into wait(account, mailbox, uid_validity, uid, rule, due_ms, back, identity,
       date_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { account, mailbox, uidValidity, uid, rule, dueMs, snoozed } of waits) {
    const { back = null, identity = null, internalDateMs = null } = snoozed ?? {};
    insert.run(
      ...[account, mailbox, uidValidity, uid, rule, dueMs],
      ...[back, identity, internalDateMs],
    );
  }
}

function toSnoozed(row: SqliteRow, path: string): SnoozedMessage | null {
  if (row['back'] === null) return null;
  return {
    back: parseMailboxName(readRowText(row, 'back', path)),
    identity: identityFromJournal(readRowText(row, 'identity', path)),
    internalDateMs: readRowCount(row, 'date_ms', path),
  };
}
