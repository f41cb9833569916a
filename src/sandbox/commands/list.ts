/** LIST (RFC 9051 §6.3.9) with roles (RFC 6154). Selection and return options are not served. */
import { decodeMailboxName, encodeMailboxName } from '../../mail/modified-utf7.ts';
import { argumentOf, bad, type Connection, ok, type Reply } from '../connection.ts';
import { childrenOf, type Store, type StoredMailbox } from '../model.ts';
import type { ParsedCommand } from '../parse-command.ts';
import { quoted } from '../wire-text.ts';

/** Answers LIST, and LSUB in the same way, since every mailbox counts as subscribed. */
export function listMailboxes(connection: Connection, command: ParsedCommand): Reply {
  const { store, capabilities } = connection.settings;
  const { verb, tokens } = command;
  if (tokens.length !== 2 || tokens.some(({ kind }) => kind === 'list')) {
    return bad(`${verb} takes a reference and a pattern`);
  }
  const { separator } = store.namespace;
  const shown = separator === '' ? 'NIL' : quoted(separator);
  const pattern = decodeMailboxName(argumentOf(command, 0) + argumentOf(command, 1));
  // RFC 9051 §6.3.9: an empty pattern asks for the separator only.
  if (argumentOf(command, 1) === '') {
    connection.line(`* ${verb} (\\Noselect) ${shown} ""`);
    return ok('listed');
  }
  const matches = listPattern(pattern, separator);
  for (const mailbox of store.mailboxes()) {
    if (!matches.test(mailbox.name)) continue;
    const attributes = attributesOf(store, mailbox, capabilities.specialUse).join(' ');
    const name = quoted(encodeMailboxName(mailbox.name));
    connection.line(`* ${verb} (${attributes}) ${shown} ${name}`);
  }
  return ok('listed');
}

function attributesOf(store: Store, mailbox: StoredMailbox, roles: boolean): readonly string[] {
  const { role, selectable, name } = mailbox;
  const hasChildren = childrenOf(store, name).length > 0;
  return [
    ...(selectable ? [] : ['\\Noselect']),
    hasChildren ? '\\HasChildren' : '\\HasNoChildren',
    ...(role === null || !roles ? [] : [`\\${role.charAt(0).toUpperCase()}${role.slice(1)}`]),
  ];
}

/** `*` is any run, `%` any run within one level; INBOX matches in any letter case. */
function listPattern(pattern: string, separator: string): RegExp {
  const level = separator === '' ? '.*' : `[^${escaped(separator)}]*`;
  const body = [...pattern]
    .map((char) => (char === '*' ? '.*' : char === '%' ? level : escaped(char)))
    .join('');
  return new RegExp(`^${body}$`, /^inbox$/i.test(pattern) ? 'i' : '');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (char) => `\\${char}`);
}
