/** In SQLite: where our moves put messages. */
import { type AccountId, accountId, runId, stepId } from '../core/brand.ts';
import { identityFromJournal } from '../mail/identity.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import type { Plan } from '../plan/plan.ts';
import type { Journal } from './journal.ts';
import { type MovedMessage, type MovedPlace, placeText, type TakenBackMove } from './moved.ts';
import { insertRows, readRowCount, readRowText } from './rows.ts';
import type { SqliteDatabase, SqliteRow } from './sqlite-driver.ts';
import { parsePlan, settledSteps } from './sqlite-plan-rows.ts';
import { movesMade, movesTakenBack, type SettledStep, snoozesEnded } from './step-effects.ts';

/** The part of the journal that knows where messages were moved. */
export function movedStore(
  database: SqliteDatabase,
  path: string,
): Pick<Journal, 'movedMessages' | 'movedInto'> {
  return {
    movedMessages: async (account, identities) => {
      if (!hasMoved(database)) return [];
      const known = readMoved(database, path, account);
      const rows = database.prepare('select * from moved where account = ? and identity = ?');
      return [...new Set(identities)].flatMap((identity) =>
        known(rows.all(account, identity), (row) => row.identity === identity),
      );
    },
    movedInto: async (account, mailbox, beforeMs) => {
      if (!hasMoved(database)) return [];
      const rows = database
        .prepare('select * from moved where account = ? and destination = ? and at_ms <= ?')
        .all(account, mailbox, beforeMs);
      return readMoved(
        database,
        path,
        account,
      )(rows, ({ destination, atMs }) => destination.mailbox === mailbox && atMs <= beforeMs);
    },
  };
}

/**
 * The table holds the moves of plans that have ended. What steps of a plan that was cut off have moved,
 * or moved back, stands with these steps, and counts as well.
 */
function readMoved(
  database: SqliteDatabase,
  path: string,
  account: AccountId,
): (rows: readonly SqliteRow[], isAsked: (row: MovedMessage) => boolean) => MovedMessage[] {
  const open = database
    .prepare('select * from plan where account = ? and ended = 0')
    .all(account)
    .map((row) => parsePlan(row, path))
    .map((plan) => movesOf(plan, settledSteps(database, plan, path)));
  const made = open.flatMap((each) => each.made);
  const takenBack = new Set(open.flatMap((each) => each.takenBack).map(moveText));
  const left = new Set(open.flatMap((each) => each.left).map(placeText));
  // An earlier version wrote the rows of each step at once: they may be in the table already.
  return (rows, isAsked) => {
    const known = new Map(
      [...made.filter(isAsked), ...rows.map((row) => toMoved(row, path))].map((row) => [
        moveText({ step: row.step, uid: row.source.uid }),
        row,
      ]),
    );
    return [...known]
      .filter(
        ([move, { destination }]) => !takenBack.has(move) && !left.has(placeText(destination)),
      )
      .map(([, row]) => row);
  };
}

/** What the settled steps of a plan mean for the table. */
function movesOf(plan: Plan, settled: readonly SettledStep[]): Moves {
  return {
    made: settled.flatMap((step) => movesMade(plan, step)),
    takenBack: settled.flatMap((step) => movesTakenBack(plan, step)),
    left: settled.flatMap((step) => snoozesEnded(plan, step)),
  };
}

interface Moves {
  readonly made: readonly MovedMessage[];
  readonly takenBack: readonly TakenBackMove[];
  readonly left: readonly MovedPlace[];
}

function moveText({ step, uid }: TakenBackMove): string {
  return `${step} ${uid}`;
}

/** So many steps are written at a time: enough to fill pages, and not a whole large plan in memory. */
const STEPS_AT_ONCE = 20;

/**
 * Writes what a plan moved, or moved back, when it ends: all at once, so that each page of the table is
 * written once. The caller has opened the transaction.
 */
export function insertMoved(
  database: SqliteDatabase,
  plan: Plan,
  settled: readonly SettledStep[],
): void {
  for (let start = 0; start < settled.length; start += STEPS_AT_ONCE) {
    const moves = movesOf(plan, settled.slice(start, start + STEPS_AT_ONCE));
    insertMade(database, moves.made);
    deleteTakenBack(database, plan, moves);
  }
}

function insertMade(database: SqliteDatabase, made: readonly MovedMessage[]): void {
  // In the order of the table's key, so that its pages are filled one after the other.
  const inOrder = [...made].sort((a, b) => (a.identity < b.identity ? -1 : 1));
  const rows = inOrder.map(({ account, identity, source, destination, ...row }) => [
    ...[account, identity, row.step, source.uid, row.internalDateMs, row.ruleRevision, row.atMs],
    ...[source.mailbox, source.uidValidity],
    ...[destination.mailbox, destination.uidValidity, destination.uid],
  ]);
  insertRows(database, 'moved', MOVED_COLUMNS, rows);
}

function deleteTakenBack(
  database: SqliteDatabase,
  { account }: Plan,
  { takenBack, left }: Moves,
): void {
  const remove = database.prepare('delete from moved where step = ? and source_uid = ?');
  for (const { step, uid } of takenBack) remove.run(step, uid);
  const forget = database.prepare(
    `delete from moved where account = ? and destination = ? and destination_validity = ?
     and destination_uid = ?`,
  );
  for (const { mailbox, uidValidity, uid } of left) forget.run(account, mailbox, uidValidity, uid);
}

const MOVED_COLUMNS = [
  ...['account', 'identity', 'step', 'source_uid', 'date_ms', 'revision', 'at_ms'],
  ...['source', 'source_validity', 'destination', 'destination_validity', 'destination_uid'],
];

/** A journal of an earlier version, opened to be read, has no such table; often there is nothing in it. */
function hasMoved(database: SqliteDatabase): boolean {
  const table = `select 1 from sqlite_master where type = 'table' and name = 'moved'`;
  if (database.prepare(table).get() === undefined) return false;
  const any = 'select 1 from moved union all select 1 from plan where ended = 0 limit 1';
  return database.prepare(any).get() !== undefined;
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
