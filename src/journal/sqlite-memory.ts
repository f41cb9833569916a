/** The memory of an account in SQLite: digests only, rebuildable from the server. */
import type { RememberedMessage } from '../mail/mail-memory.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import type { Journal } from './journal.ts';
import { readRowCount, readRowText } from './rows.ts';
import type { SqliteDatabase, SqliteRow } from './sqlite-driver.ts';

type MemoryStore = Pick<Journal, 'loadMemory' | 'saveMemory'>;

/** The part of the journal that remembers senders and deliveries. */
export function memoryStore(database: SqliteDatabase, path: string): MemoryStore {
  return {
    loadMemory: async (account) => {
      if (!hasTables(database)) return { messages: [], cursors: [] };
      const messages = database
        .prepare('select * from remembered where account = ?')
        .all(account)
        .map((row) => toMessage(row, path));
      const cursors = database
        .prepare('select * from memory_cursor where account = ?')
        .all(account)
        .map((row) => ({
          mailbox: parseMailboxName(readRowText(row, 'mailbox', path)),
          uidValidity: readRowCount(row, 'uid_validity', path),
          uidNext: readRowCount(row, 'uid_next', path),
          headers: words(readRowText(row, 'headers', path)),
          isSent: readRowCount(row, 'is_sent', path) === 1,
        }));
      return { messages, cursors };
    },
    saveMemory: async (account, { messages, cursors }) => {
      if (messages.length === 0 && cursors.length === 0) return;
      database.transaction(() => {
        const insert = database.prepare(
          `insert or replace into remembered(account, mailbox, uid_validity, uid, author, message_id,
             recipients, marks, date_ms, gone) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        );
        for (const message of messages) {
          const { mailbox, uidValidity, uid, author, messageId } = message;
          insert.run(
            ...[account, mailbox, uidValidity, uid, author, messageId],
            ...[message.recipients.join(' '), message.marks.join(' ')],
            ...[message.internalDateMs, message.gone ? 1 : 0],
          );
        }
        const insertCursor = database.prepare(
          `insert or replace into memory_cursor(account, mailbox, uid_validity, uid_next, headers,
             is_sent) values (?, ?, ?, ?, ?, ?)`,
        );
        for (const { mailbox, uidValidity, uidNext, headers, isSent } of cursors) {
          insertCursor.run(
            ...[account, mailbox, uidValidity, uidNext, headers.join(' '), isSent ? 1 : 0],
          );
        }
      });
    },
  };
}

/** A journal of the format before, opened for reading, has none. */
function hasTables(database: SqliteDatabase): boolean {
  const sql = "select 1 as found from sqlite_master where type = 'table' and name = 'remembered'";
  return database.prepare(sql).get() !== undefined;
}

function toMessage(row: SqliteRow, path: string): RememberedMessage {
  return {
    mailbox: parseMailboxName(readRowText(row, 'mailbox', path)),
    uidValidity: readRowCount(row, 'uid_validity', path),
    uid: readRowCount(row, 'uid', path),
    author: readRowText(row, 'author', path),
    messageId: readRowText(row, 'message_id', path),
    recipients: words(readRowText(row, 'recipients', path)),
    marks: words(readRowText(row, 'marks', path)),
    internalDateMs: readRowCount(row, 'date_ms', path),
    gone: readRowCount(row, 'gone', path) === 1,
  };
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}
