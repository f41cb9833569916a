/** Commands about mailboxes by name: list, count, make, rename, delete, open, append. */
import { hasFlag } from '../../mail/flags.ts';
import { decodeMailboxName, encodeMailboxName } from '../../mail/modified-utf7.ts';
import {
  argumentOf,
  bad,
  type CommandSpec,
  type Connection,
  LOGGED_IN,
  no,
  ok,
  type Reply,
  selectMailbox,
} from '../connection.ts';
import type { StoredMailbox } from '../model.ts';
import { type ParsedCommand, textOf, textsOf } from '../parse-command.ts';
import { parseDateTime, quoted } from '../wire-text.ts';
import { listMailboxes } from './list.ts';

/** By verb. */
export const MAILBOX_COMMANDS: Readonly<Record<string, CommandSpec>> = {
  LIST: { states: LOGGED_IN, run: (connection, command) => listMailboxes(connection, command) },
  LSUB: { states: LOGGED_IN, run: (connection, command) => listMailboxes(connection, command) },
  SUBSCRIBE: { states: LOGGED_IN, run: () => ok('every mailbox is subscribed here') },
  UNSUBSCRIBE: { states: LOGGED_IN, run: () => no('every mailbox is subscribed here', 'CANNOT') },
  STATUS: { states: LOGGED_IN, run: status },
  CREATE: { states: LOGGED_IN, run: create },
  DELETE: { states: LOGGED_IN, run: remove },
  RENAME: { states: LOGGED_IN, run: rename },
  SELECT: { states: LOGGED_IN, run: (connection, command) => open(connection, command, false) },
  EXAMINE: { states: LOGGED_IN, run: (connection, command) => open(connection, command, true) },
  UNSELECT: {
    states: ['selected'],
    needs: 'unselect',
    run: (connection) => {
      connection.select(null);
      return ok('left');
    },
  },
  CLOSE: {
    states: ['selected'],
    run: (connection) => {
      const { view, settings } = connection;
      // RFC 9051 §6.4.1: expunges silently, unless the mailbox was opened for reading only.
      if (view !== null && !view.readOnly) {
        const gone = view.mailbox.messages.filter(({ flags }) => hasFlag(flags, '\\Deleted'));
        settings.store.expunge(view.mailbox, new Set(gone.map(({ uid }) => uid)));
      }
      connection.select(null);
      return ok('closed');
    },
  },
  APPEND: { states: LOGGED_IN, run: append },
};

/** The mailbox that an argument names, if it can be opened. */
export function namedMailbox(connection: Connection, wireName: string): StoredMailbox | undefined {
  const found = connection.settings.store.find(decodeMailboxName(wireName));
  return found?.selectable === true ? found : undefined;
}

function status(connection: Connection, command: ParsedCommand): Reply {
  const mailbox = namedMailbox(connection, argumentOf(command, 0));
  if (mailbox === undefined) return no('there is no such mailbox', 'NONEXISTENT');
  const counts: Readonly<Record<string, number>> = {
    MESSAGES: mailbox.messages.length,
    RECENT: 0,
    UIDNEXT: mailbox.uidNext,
    UIDVALIDITY: mailbox.uidValidity,
    UNSEEN: mailbox.messages.filter(({ flags }) => !hasFlag(flags, '\\Seen')).length,
    SIZE: mailbox.messages.reduce((sum, { raw }) => sum + raw.length, 0),
  };
  const items = textsOf(command.tokens[1])?.map((item) => item.toUpperCase()) ?? [];
  if (items.length === 0 || items.some((item) => counts[item] === undefined)) {
    return bad('STATUS takes a mailbox and known items');
  }
  const told = items.map((item) => `${item} ${counts[item] ?? 0}`).join(' ');
  connection.line(`* STATUS ${quoted(encodeMailboxName(mailbox.name))} (${told})`);
  return ok('counted');
}

function create(connection: Connection, command: ParsedCommand): Reply {
  const { store } = connection.settings;
  const { prefix, separator } = store.namespace;
  let name = decodeMailboxName(argumentOf(command, 0));
  // RFC 9051 §6.3.4: a separator at the end only announces mailboxes below.
  if (separator !== '' && name.endsWith(separator)) name = name.slice(0, -separator.length);
  if (name === '' || (separator !== '' && name.split(separator).includes(''))) {
    return no('a level of the name is empty', 'CANNOT');
  }
  if (!name.startsWith(prefix)) {
    return no(`a mailbox name begins with ${quoted(prefix)} here`, 'CANNOT');
  }
  return store.create(name) === null
    ? no('the mailbox is there already', 'ALREADYEXISTS')
    : ok('created');
}

function remove(connection: Connection, command: ParsedCommand): Reply {
  const { store } = connection.settings;
  const mailbox = store.find(decodeMailboxName(argumentOf(command, 0)));
  if (mailbox === undefined) return no('there is no such mailbox', 'NONEXISTENT');
  if (mailbox.name === 'INBOX') return no('INBOX cannot be deleted', 'CANNOT');
  // RFC 9051 §6.3.5: a name that is not a mailbox any more goes when nothing lies below it.
  const below = `${mailbox.name}${store.namespace.separator}`;
  if (!mailbox.selectable && store.mailboxes().some(({ name }) => name.startsWith(below))) {
    return no('mailboxes lie below it', 'HASCHILDREN');
  }
  store.remove(mailbox);
  return ok('deleted');
}

function rename(connection: Connection, command: ParsedCommand): Reply {
  const { store } = connection.settings;
  const mailbox = store.find(decodeMailboxName(argumentOf(command, 0)));
  const to = decodeMailboxName(argumentOf(command, 1));
  if (mailbox === undefined) return no('there is no such mailbox', 'NONEXISTENT');
  if (to === '') return bad('RENAME takes two names');
  if (store.find(to) !== undefined) return no('the new name is taken', 'ALREADYEXISTS');
  if (to.startsWith(`${mailbox.name}${store.namespace.separator}`)) {
    return no('a mailbox cannot go below itself', 'CANNOT');
  }
  store.rename(mailbox, to);
  return ok('renamed');
}

function open(connection: Connection, command: ParsedCommand, readOnly: boolean): Reply {
  connection.select(null);
  const mailbox = namedMailbox(connection, argumentOf(command, 0));
  if (mailbox === undefined) return no('there is no such mailbox', 'NONEXISTENT');
  const { messages } = selectMailbox(connection, mailbox, readOnly);
  const keywords = new Set(messages.flatMap(({ flags }) => flags));
  for (const flag of SYSTEM_FLAGS) keywords.delete(flag);
  const flags = [...SYSTEM_FLAGS, ...keywords].join(' ');
  connection.line(`* FLAGS (${flags})`);
  connection.line(
    readOnly
      ? '* OK [PERMANENTFLAGS ()] nothing can be changed'
      : `* OK [PERMANENTFLAGS (${flags} \\*)] keywords may be made`,
  );
  connection.line(`* ${messages.length} EXISTS`);
  connection.line('* 0 RECENT');
  const unseen = messages.findIndex((message) => !hasFlag(message.flags, '\\Seen'));
  if (unseen >= 0) connection.line(`* OK [UNSEEN ${unseen + 1}] first unread message`);
  connection.line(`* OK [UIDVALIDITY ${mailbox.uidValidity}] numbers are valid`);
  connection.line(`* OK [UIDNEXT ${mailbox.uidNext}] next number`);
  if (connection.settings.capabilities.qresync) {
    connection.line(`* OK [HIGHESTMODSEQ ${mailbox.highestModseq}] changes are counted`);
  }
  return ok('opened', readOnly ? 'READ-ONLY' : 'READ-WRITE');
}

const SYSTEM_FLAGS = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];

function append(connection: Connection, command: ParsedCommand): Reply {
  const { store, clock, capabilities } = connection.settings;
  const body = command.tokens.at(-1);
  if (command.tokens.length < 2 || body?.kind !== 'string') return bad('a message is expected');
  const mailbox = namedMailbox(connection, argumentOf(command, 0));
  if (mailbox === undefined) return no('there is no such mailbox', 'TRYCREATE');
  const options = command.tokens.slice(1, -1);
  const flags = options[0]?.kind === 'list' ? textsOf(options[0]) : [];
  const dateText = textOf(options.find((each) => each.kind === 'string'));
  const dateMs = dateText === undefined ? clock.nowMs() : parseDateTime(dateText);
  if (flags === undefined || dateMs === undefined) return bad('flags or date cannot be read');
  const uid = store.append(mailbox, { raw: body.octets, flags, internalDateMs: dateMs });
  return capabilities.uidplus
    ? ok('appended', `APPENDUID ${mailbox.uidValidity} ${uid}`)
    : ok('appended');
}
