/** The name of this installation, and the claims of others, in SQLite. */
import type { Uid } from '../mail/uid-set.ts';
import type { Journal } from './journal.ts';
import { readStepId } from './outcome-json.ts';
import { corrupt, readRowCount, readRowText } from './rows.ts';
import type { SqliteDatabase } from './sqlite-driver.ts';

type ClaimStore = Pick<Journal, 'installation' | 'noteClaims' | 'claimsLeft' | 'setClaimsLeft'>;

const UNNAMED = '00000000';

/** The part of the journal that the shared-mailbox guard needs. */
export function claimStore(database: SqliteDatabase, path: string): ClaimStore {
  return {
    installation: async () => {
      const hasTable = database
        .prepare(`select 1 from sqlite_master where type = 'table' and name = 'installation'`)
        .get();
      // A journal of an early version that is only read: it gets its name when it is first written.
      if (hasTable === undefined) return UNNAMED;
      const row = database.prepare('select name from installation').get();
      return row === undefined ? corrupt(path, 'installation') : readRowText(row, 'name', path);
    },
    noteClaims: async ({ account, mailbox, uidValidity, atMs, claims }) => {
      const since = new Map<Uid, number>();
      database.transaction(() => {
        const place = [account, mailbox, uidValidity] as const;
        const where = 'where account = ? and mailbox = ? and uid_validity = ? and uid = ?';
        const find = database.prepare(`select claim, first_ms from claim_seen ${where}`);
        const remove = database.prepare(`delete from claim_seen ${where}`);
        const insert = database.prepare(
          `insert into claim_seen(account, mailbox, uid_validity, uid, claim, first_ms)
           values (?, ?, ?, ?, ?, ?)`,
        );
        for (const [uid, claim] of claims) {
          const known = find.get(...place, uid);
          if (known !== undefined && known['claim'] === claim) {
            since.set(uid, readRowCount(known, 'first_ms', path));
            continue;
          }
          remove.run(...place, uid);
          if (claim === null) continue;
          insert.run(...place, uid, claim, atMs);
          since.set(uid, atMs);
        }
      });
      return since;
    },
    claimsLeft: async (account) => {
      const row = database.prepare('select step from claim_left where account = ?').get(account);
      return row === undefined ? null : readStepId(row, path);
    },
    setClaimsLeft: async (account, by) => {
      database.transaction(() => {
        database.prepare('delete from claim_left where account = ?').run(account);
        if (by === null) return;
        database.prepare('insert into claim_left(account, step) values (?, ?)').run(account, by);
      });
    },
  };
}
