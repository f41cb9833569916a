/** The tables, as forward-only steps; `user_version` tells how many have been made. */
import { AppError } from '../core/app-error.ts';
import type { SqliteDatabase } from './sqlite-driver.ts';

const MIGRATIONS: readonly string[] = [
  `create table run(
     id text primary key, kind text not null, started_ms integer not null, ended_ms integer,
     undoes text, undone_by text);
   create table plan(
     run text not null, account text not null, json text not null, ended integer not null default 0,
     primary key(run, account)) without rowid;
   create index plan_open on plan(account) where ended = 0;
   create table intent(
     seq integer primary key, step text not null, phase text not null, at_ms integer not null,
     uids text not null, baseline_validity integer, baseline_next integer);
   create index intent_step on intent(step);
   create table outcome(
     step text not null, stage text not null check(stage in ('proved', 'settled')), json text not null,
     primary key(step, stage)) without rowid;
   create table parked(
     seq integer primary key, run text not null, account text not null, mailbox text not null,
     uid integer not null, rule text, reason text not null);
   create index parked_message on parked(account, mailbox, uid);
   create table cursor(
     account text not null, mailbox text not null, uid_validity integer not null,
     uid_next integer not null, primary key(account, mailbox)) without rowid;
   create table suppression(
     account text not null, identity text not null, revision text not null,
     primary key(account, identity, revision)) without rowid;
   create table copy_made(
     account text not null, mailbox text not null, uid_validity integer not null,
     uid integer not null, destination text not null,
     primary key(account, mailbox, uid_validity, uid, destination)) without rowid;`,
  `create table remembered(
     account text not null, mailbox text not null, uid_validity integer not null,
     uid integer not null, author text not null, message_id text not null, recipients text not null,
     marks text not null, date_ms integer not null, gone integer not null,
     primary key(account, mailbox, uid_validity, uid)) without rowid;
   create table effect_done(
     account text not null, mailbox text not null, uid_validity integer not null,
     uid integer not null, effect text not null,
     primary key(account, mailbox, uid_validity, uid, effect)) without rowid;
   create table memory_cursor(
     account text not null, mailbox text not null, uid_validity integer not null,
     uid_next integer not null, headers text not null, is_sent integer not null,
     primary key(account, mailbox)) without rowid;`,
  `alter table copy_made add column identity text;
   alter table copy_made add column date_ms integer;
   alter table effect_done add column identity text;
   alter table effect_done add column date_ms integer;
   create table stranded_copy(
     account text not null, identity text not null, date_ms integer not null,
     destination text not null, uid_validity integer not null, uid integer not null,
     primary key(account, destination, uid_validity, uid)) without rowid;
   alter table cursor add column seen_ms integer;`,
  `create table installation(name text not null);
   insert into installation(name) values (lower(hex(randomblob(4))));
   create table claim_left(account text primary key, step text not null) without rowid;
   create table claim_seen(
     account text not null, mailbox text not null, uid_validity integer not null,
     uid integer not null, claim text not null, first_ms integer not null,
     primary key(account, mailbox, uid_validity, uid)) without rowid;`,
  `create table waiting_plan(
     account text primary key, run text not null, json text not null, reason text not null,
     at_ms integer not null) without rowid;`,
  `create table moved(
     account text not null, identity text not null, step text not null, source_uid integer not null,
     date_ms integer not null, revision text not null, at_ms integer not null,
     source text not null, source_validity integer not null, destination text not null,
     destination_validity integer not null, destination_uid integer not null,
     primary key(account, identity, step, source_uid)) without rowid;
   create index moved_step on moved(step, source_uid);
   create index moved_into on moved(account, destination, at_ms);
   create index run_undoes on run(undoes) where undoes is not null;`,
  `create table schedule_done(
     account text not null, file text not null, at_ms integer not null,
     primary key(account, file)) without rowid;`,
  `create table wait(
     account text not null, mailbox text not null, uid_validity integer not null,
     uid integer not null, rule text not null, due_ms integer not null,
     primary key(account, mailbox, uid_validity, uid, rule)) without rowid;
   create index wait_due on wait(due_ms, account);`,
  `alter table wait add column back text;
   alter table wait add column identity text;
   alter table wait add column date_ms integer;`,
  // From here on the rows of moved are written when a plan ends: whoever writes them with each step
  // must not end a plan that was begun so.
  `select 1;`,
];

/** The newest version. */
export const JOURNAL_VERSION = MIGRATIONS.length;

/**
 * Brings a database to the newest version, or to an earlier one that tests begin from. Throws
 * JOURNAL_UNAVAILABLE for one from the future.
 */
export function migrate(database: SqliteDatabase, path: string, to = JOURNAL_VERSION): void {
  database.transaction(() => {
    const version = versionOf(database);
    if (version > MIGRATIONS.length) throw fromTheFuture(path, version);
    for (const [index, sql] of MIGRATIONS.slice(0, to).entries()) {
      if (index >= version) database.exec(sql);
    }
    database.exec(`pragma user_version = ${Math.max(to, version)}`);
  });
}

/** Refuses to read a database of a later version; of an earlier one, what it has is read. */
export function requireVersion(database: SqliteDatabase, path: string): void {
  const version = versionOf(database);
  if (version < 1 || version > MIGRATIONS.length) throw fromTheFuture(path, version);
}

function versionOf(database: SqliteDatabase): number {
  return Number(database.prepare('pragma user_version').get()?.['user_version'] ?? 0);
}

function fromTheFuture(path: string, version: number): AppError {
  const reason = `it has format ${version}, this version of Mailwright writes ${MIGRATIONS.length}`;
  return new AppError('JOURNAL_UNAVAILABLE', `the journal ${path} cannot be used: ${reason}`, {
    path,
    reason,
  });
}
