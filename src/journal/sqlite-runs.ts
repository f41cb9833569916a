/** Runs, cursors, copies that were made, and suppressions in SQLite. */
import { type AccountId, accountId, runId } from '../core/brand.ts';
import type { Cursor } from '../mail/cursor.ts';
import { identityFromJournal } from '../mail/identity.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import { type Journal, type RunKind, type RunRecord, suppressionText } from './journal.ts';
import { readRowCount, readRowNullable, readRowText } from './rows.ts';
import type { SqliteDatabase, SqliteRow } from './sqlite-driver.ts';

type RunStore = Pick<
  Journal,
  | 'beginRun'
  | 'endRun'
  | 'run'
  | 'runs'
  | 'undosOf'
  | 'cursor'
  | 'saveCursors'
  | 'suppressions'
  | 'parked'
  | 'releaseParked'
  | 'releaseMessages'
>;

/** The part of the journal that is about runs and bookmarks. */
export function runStore(database: SqliteDatabase, path: string): RunStore {
  return {
    beginRun: async ({ id, kind, startedAtMs, undoes }) => {
      database.transaction(() =>
        database
          .prepare('insert into run(id, kind, started_ms, undoes) values (?, ?, ?, ?)')
          .run(id, kind, startedAtMs, undoes),
      );
    },
    endRun: async (id, atMs, left = 'nothing') => {
      database.transaction(() => {
        database.prepare('update run set ended_ms = ? where id = ?').run(atMs, id);
        if (left === 'rest') return;
        database
          .prepare('update run set undone_by = ? where id = (select undoes from run where id = ?)')
          .run(id, id);
      });
    },
    run: async (id) => {
      const row = database.prepare(`${SELECT_RUN} where id = ?`).get(id);
      return row === undefined ? null : toRun(row, path);
    },
    runs: async (limit) =>
      database
        .prepare(`${SELECT_RUN} order by started_ms desc, id desc limit ?`)
        .all(limit)
        .map((row) => toRun(row, path)),
    undosOf: async (run) =>
      database
        .prepare(`${SELECT_RUN} where undoes = ? order by started_ms, id`)
        .all(run)
        .map((row) => toRun(row, path)),
    cursor: async (account, mailbox) => {
      const row = database
        .prepare('select * from cursor where account = ? and mailbox = ?')
        .get(account, mailbox);
      return row === undefined
        ? null
        : {
            account,
            mailbox,
            uidValidity: readRowCount(row, 'uid_validity', path),
            uidNext: readRowCount(row, 'uid_next', path),
            // A journal of an early version that is only read has no such column.
            ...(typeof row['seen_ms'] === 'number' ? { seenAtMs: row['seen_ms'] } : {}),
          };
    },
    saveCursors: async (cursors) => {
      database.transaction(() => insertCursors(database, cursors));
    },
    suppressions: async (account) => readSuppressions(database, account, path),
    releaseParked: async (account, mailboxes) => {
      database.transaction(() => {
        const remove = database.prepare('delete from parked where account = ? and mailbox = ?');
        for (const mailbox of mailboxes) remove.run(account, mailbox);
      });
    },
    releaseMessages: async (account, mailbox, uids) => {
      database.transaction(() => {
        const remove = database.prepare(
          'delete from parked where account = ? and mailbox = ? and uid = ?',
        );
        for (const uid of uids) remove.run(account, mailbox, uid);
      });
    },
    parked: async (limit) =>
      database
        .prepare(
          `select * from parked where seq in
             (select max(seq) from parked group by account, mailbox, uid)
           order by seq desc limit ?`,
        )
        .all(limit)
        .map((row) => ({
          run: runId(readRowText(row, 'run', path)),
          account: accountId(readRowText(row, 'account', path)),
          mailbox: parseMailboxName(readRowText(row, 'mailbox', path)),
          uid: readRowCount(row, 'uid', path),
          rule: readRowNullable(row, 'rule', path),
          reason: readRowText(row, 'reason', path),
        })),
  };
}

/** Writes cursors; the caller has opened the transaction. */
export function insertCursors(database: SqliteDatabase, cursors: readonly Cursor[]): void {
  const insert = database.prepare(
    `insert or replace into cursor(account, mailbox, uid_validity, uid_next, seen_ms)
     values (?, ?, ?, ?, ?)`,
  );
  for (const { account, mailbox, uidValidity, uidNext, seenAtMs } of cursors) {
    insert.run(account, mailbox, uidValidity, uidNext, seenAtMs ?? null);
  }
}

function readSuppressions(
  database: SqliteDatabase,
  account: AccountId,
  path: string,
): ReadonlySet<string> {
  const rows = database
    .prepare('select identity, revision from suppression where account = ?')
    .all(account);
  return new Set(
    rows.map((row) =>
      suppressionText(
        identityFromJournal(readRowText(row, 'identity', path)),
        readRowText(row, 'revision', path),
      ),
    ),
  );
}

/** `parts`: the undos of the run that have ended, oldest first. */
const SELECT_RUN = `select *, (select group_concat(id, ' ') from (
    select id from run as part where part.undoes = run.id and part.ended_ms is not null
    order by part.started_ms, part.id)) as parts from run`;

const RUN_KINDS: readonly RunKind[] = [
  ...(['run', 'arrival', 'schedule', 'apply', 'undo', 'probe'] as const),
];

function toRun(row: SqliteRow, path: string): RunRecord {
  const kind = readRowText(row, 'kind', path);
  const undoes = readRowNullable(row, 'undoes', path);
  const undoneBy = readRowNullable(row, 'undone_by', path);
  const parts = readRowNullable(row, 'parts', path)?.split(' ') ?? [];
  return {
    id: runId(readRowText(row, 'id', path)),
    kind: RUN_KINDS.find((known) => known === kind) ?? 'run',
    startedAtMs: readRowCount(row, 'started_ms', path),
    endedAtMs: row['ended_ms'] === null ? null : readRowCount(row, 'ended_ms', path),
    undoes: undoes === null ? null : runId(undoes),
    undoneBy: undoneBy === null ? null : runId(undoneBy),
    partlyUndoneBy: undoneBy === null ? parts.map(runId) : [],
  };
}
