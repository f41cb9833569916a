/** Commands about messages of the selected mailbox: fetch, search, store, copy, move, expunge. */
import { hasFlag } from '../../mail/flags.ts';
import { renderUidSet, type Uid } from '../../mail/uid-set.ts';
import {
  argumentOf,
  bad,
  type CommandSpec,
  type Connection,
  type Handler,
  no,
  ok,
  type Reply,
} from '../connection.ts';
import type { Store, StoredMailbox, StoredMessage } from '../model.ts';
import { type ParsedCommand, textOf, textsOf } from '../parse-command.ts';
import { renderFlags } from '../respond-fetch.ts';
import { compileSearch } from '../search.ts';
import type { View } from '../view.ts';
import { inNumberSet, parseNumberSet } from '../wire-text.ts';
import { fetch } from './fetch.ts';
import { namedMailbox } from './mailbox-commands.ts';
import { largestUid, type Target, targetsOf } from './targets.ts';

type ViewHandler = (
  connection: Connection,
  command: ParsedCommand,
  view: View,
) => ReturnType<Handler>;

const inView =
  (handler: ViewHandler): Handler =>
  (connection, command) =>
    connection.view === null
      ? bad('no mailbox is selected')
      : handler(connection, command, connection.view);

const reading = (handler: ViewHandler, keepsNumbers: boolean): CommandSpec => ({
  states: ['selected'],
  run: inView(handler),
  keepsNumbers,
});

const writing = (handler: ViewHandler, keepsNumbers = false): CommandSpec => ({
  states: ['selected'],
  keepsNumbers,
  run: inView((connection, command, view) =>
    view.readOnly
      ? no('the mailbox is open for reading only', 'READ-ONLY')
      : handler(connection, command, view),
  ),
});

/** By verb; the UID forms are verbs of their own. */
export const MESSAGE_COMMANDS: Readonly<Record<string, CommandSpec>> = {
  FETCH: reading(fetch, true),
  'UID FETCH': reading(fetch, false),
  SEARCH: reading(search, true),
  'UID SEARCH': reading(search, false),
  STORE: writing(store, true),
  'UID STORE': writing(store),
  COPY: reading(copy, false),
  'UID COPY': reading(copy, false),
  MOVE: { ...writing(move), needs: 'move' },
  'UID MOVE': { ...writing(move), needs: 'move' },
  EXPUNGE: writing((connection, _, view) => expunge(connection, view, () => true)),
  'UID EXPUNGE': {
    ...writing((connection, command, view) => {
      const set = parseNumberSet(argumentOf(command, 0), largestUid(view));
      if (set === undefined) return bad('a UID set is expected');
      return expunge(connection, view, (uid) => inNumberSet(set, uid));
    }),
    needs: 'uidplus',
  },
};

function search(connection: Connection, command: ParsedCommand, view: View): Reply {
  const { capabilities } = connection.settings;
  const byUid = command.verb.startsWith('UID ');
  let tokens = command.tokens;
  const wantsExtended = textOf(tokens[0])?.toUpperCase() === 'RETURN';
  const returns = wantsExtended ? textsOf(tokens[1]) : undefined;
  if (wantsExtended) {
    if (!capabilities.esearch || returns === undefined) return bad('RETURN is not served here');
    tokens = tokens.slice(2);
  }
  if (textOf(tokens[0])?.toUpperCase() === 'CHARSET') {
    const charset = textOf(tokens[1])?.toUpperCase() ?? '';
    if (!['UTF-8', 'US-ASCII'].includes(charset)) {
      return no('the charset is not known', 'BADCHARSET (UTF-8 US-ASCII)');
    }
    tokens = tokens.slice(2);
  }
  const largest = { uid: largestUid(view), sequence: view.messages.length };
  const matches = compileSearch(tokens, largest);
  if (matches === undefined) return bad('the search cannot be read');
  const found = view.messages.flatMap(({ uid }, index) => {
    const message = view.current(uid);
    const isFound = message !== undefined && matches(message, index + 1);
    return isFound ? [byUid ? uid : index + 1] : [];
  });
  if (returns === undefined) connection.line(['* SEARCH', ...found].join(' '));
  else connection.line(extended(command.tag, byUid, { returns, found }));
  return ok('searched');
}

/** RFC 4731 §3.1: MIN, MAX and ALL are left out when nothing was found. */
function extended(
  tag: string,
  byUid: boolean,
  result: { returns: readonly string[]; found: readonly number[] },
): string {
  const { found } = result;
  const returns = result.returns.length === 0 ? ['ALL'] : result.returns;
  const parts = returns.flatMap((each) => {
    const name = each.toUpperCase();
    if (name === 'COUNT') return [`COUNT ${found.length}`];
    if (found.length === 0) return [];
    if (name === 'MIN') return [`MIN ${found[0] ?? 0}`];
    if (name === 'MAX') return [`MAX ${found.at(-1) ?? 0}`];
    return name === 'ALL' ? [`ALL ${renderUidSet(found)}`] : [];
  });
  return [`* ESEARCH (TAG "${tag}")`, ...(byUid ? ['UID'] : []), ...parts].join(' ');
}

function store(connection: Connection, command: ParsedCommand, view: View): Reply {
  const match = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(argumentOf(command, 1));
  const given = command.tokens.slice(2);
  const flags = given.flatMap((each) => textsOf(each) ?? textOf(each) ?? []);
  if (match === null || given.length === 0) return bad('flags are expected');
  const targets = targetsOf(command, view);
  if (targets === undefined) return bad('the message set is wrong');
  for (const { sequence, message } of targets) {
    const next = changedFlags(message.flags, match[1] ?? '', flags);
    connection.settings.store.replaceFlags(view.mailbox, message.uid, next);
    const current = view.current(message.uid);
    if (current === undefined) continue;
    view.acknowledge(current);
    const byUid = connection.qresync || command.verb.startsWith('UID ');
    const told = [
      ...(byUid ? [`UID ${current.uid}`] : []),
      // RFC 7162 §3.1.3: also after .SILENT.
      ...(connection.qresync && current.modseq !== message.modseq
        ? [`MODSEQ (${current.modseq})`]
        : []),
      ...(match[2] === undefined ? [`FLAGS ${renderFlags(current.flags)}`] : []),
    ];
    if (match[2] !== undefined && !told.some((each) => each.startsWith('MODSEQ'))) continue;
    connection.line(`* ${sequence} FETCH (${told.join(' ')})`);
  }
  return ok('stored');
}

function changedFlags(
  before: readonly string[],
  sign: string,
  flags: readonly string[],
): readonly string[] {
  if (sign === '') return flags;
  return sign === '+' ? [...before, ...flags] : before.filter((flag) => !hasFlag(flags, flag));
}

function copy(connection: Connection, command: ParsedCommand, view: View): Reply {
  const transfer = transferOf(connection, command, view);
  return 'status' in transfer ? transfer : ok('copied', copyInto(connection, transfer));
}

/** RFC 6851 §4.3: COPYUID stands in an untagged OK before the EXPUNGE responses. */
function move(connection: Connection, command: ParsedCommand, view: View): Reply {
  const transfer = transferOf(connection, command, view);
  if ('status' in transfer) return transfer;
  const code = copyInto(connection, transfer);
  // Gmail says it in the tagged response (https://github.com/ruby/net-imap/pull/398).
  if (connection.settings.capabilities.labels) {
    dropLabels(connection, transfer, view);
    return ok('moved', code);
  }
  if (code !== undefined) connection.line(`* OK [${code}] moved`);
  const gone = new Set(transfer.targets.map(({ message }) => message.uid));
  connection.settings.store.expunge(view.mailbox, gone);
  return ok('moved', countAfter(connection, view));
}

/** From the mailbox of everything only the trash and the junk take a message; they take it from all. */
function dropLabels(connection: Connection, transfer: Transfer, view: View): void {
  const { store } = connection.settings;
  const { targets, destination } = transfer;
  const isBin = destination.role === 'trash' || destination.role === 'junk';
  if (view.mailbox.role === 'all' && !isBin) return;
  const raws = new Set(targets.map(({ message }) => message.raw));
  for (const mailbox of isBin ? store.mailboxes() : [view.mailbox]) {
    if (mailbox === destination) continue;
    const gone = mailbox.messages.filter(({ raw }) => raws.has(raw));
    store.expunge(mailbox, new Set(gone.map(({ uid }) => uid)));
  }
}

interface Transfer {
  readonly targets: readonly Target[];
  readonly destination: StoredMailbox;
}

function transferOf(connection: Connection, command: ParsedCommand, view: View): Transfer | Reply {
  const targets = targetsOf(command, view);
  if (targets === undefined || command.tokens.length !== 2) return bad('the message set is wrong');
  const destination = namedMailbox(connection, argumentOf(command, 1));
  if (destination === undefined) return no('there is no such mailbox', 'TRYCREATE');
  return { targets, destination };
}

/** Copies, and gives the COPYUID code where the server has it and anything was copied. */
function copyInto(connection: Connection, transfer: Transfer): string | undefined {
  const { targets, destination } = transfer;
  const { store: account, capabilities } = connection.settings;
  const to = targets.map(
    ({ message }) =>
      (capabilities.labels ? uidOf(destination, message) : undefined) ??
      account.append(destination, message),
  );
  if (capabilities.labels) putIntoEverything(account, transfer);
  if (!capabilities.uidplus || to.length === 0) return undefined;
  const from = targets.map(({ message }) => message.uid);
  return `COPYUID ${destination.uidValidity} ${renderUidSet(from)} ${renderUidSet(to)}`;
}

/** What comes out of the trash lies with everything else again. */
function putIntoEverything(account: Store, { targets, destination }: Transfer): void {
  const all = account.mailboxes().find(({ role }) => role === 'all');
  if (all === undefined || destination.role === 'trash' || destination.role === 'junk') return;
  for (const { message } of targets) {
    if (uidOf(all, message) === undefined) account.append(all, message);
  }
}

/** A label is put on a message once; the octets are the message. */
function uidOf(mailbox: StoredMailbox, { raw }: StoredMessage): Uid | undefined {
  return mailbox.messages.find((each) => each.raw === raw)?.uid;
}

function expunge(connection: Connection, view: View, isMeant: (uid: Uid) => boolean): Reply {
  const gone = view.mailbox.messages.filter(
    ({ uid, flags }) => isMeant(uid) && hasFlag(flags, '\\Deleted'),
  );
  connection.settings.store.expunge(view.mailbox, new Set(gone.map(({ uid }) => uid)));
  return ok('expunged', countAfter(connection, view));
}

/** What tells a client with QRESYNC how far it has heard of departures (RFC 7162 §3.2.7). */
function countAfter({ qresync }: Connection, { mailbox }: View): string | undefined {
  return qresync ? `HIGHESTMODSEQ ${mailbox.highestModseq}` : undefined;
}
