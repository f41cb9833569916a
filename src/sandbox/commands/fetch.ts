/** FETCH and UID FETCH, and what a client with QRESYNC asks to have changed (RFC 7162 §3.1.4, §3.2.6). */
import { hasFlag } from '../../mail/flags.ts';
import { renderUidSet } from '../../mail/uid-set.ts';
import { bad, type Connection, ok, type Reply } from '../connection.ts';
import { departedSince } from '../model.ts';
import { type ParsedCommand, type Token, textsOf } from '../parse-command.ts';
import { compileFetch, type FetchItem, MODSEQ, renderFetch } from '../respond-fetch.ts';
import type { View } from '../view.ts';
import { inNumberSet } from '../wire-text.ts';
import { setOf, type Target, targetsOf } from './targets.ts';

/** Sends the rows. Without PEEK a row marks its message as read. */
export function fetch(connection: Connection, command: ParsedCommand, view: View): Reply {
  const { capabilities } = connection.settings;
  const byUid = command.verb.startsWith('UID ');
  const items = compileFetch(command.tokens[1], { byUid, modseq: capabilities.qresync });
  if (items === undefined) return bad('the items cannot be read or are not served here');
  const targets = targetsOf(command, view);
  if (targets === undefined) return bad('the message set is wrong');
  if (command.tokens.length === 2) return sendRows(connection, view, { targets, items });
  const since = capabilities.qresync ? readSince(command.tokens[2]) : undefined;
  const isKnown = since !== undefined && command.tokens.length === 3;
  if (!isKnown) return bad('the modifier cannot be read or is not served here');
  // RFC 7162 §3.2.6: VANISHED goes with UID FETCH, and only after ENABLE.
  if (since.vanished && !(byUid && connection.qresync)) return bad('VANISHED is not possible here');
  if (since.vanished) sendDepartures(connection, command, { view, modseq: since.modseq });
  return sendRows(connection, view, {
    targets: targets.filter(({ message }) => message.modseq > since.modseq),
    items: items.includes(MODSEQ) ? items : [...items, MODSEQ],
  });
}

function sendRows(
  connection: Connection,
  view: View,
  { targets, items }: { targets: readonly Target[]; items: readonly FetchItem[] },
): Reply {
  const setsSeen = !view.readOnly && items.some((item) => item.setsSeen);
  for (const { sequence, message } of targets) {
    connection.pieces([...renderFetch(sequence, message, items), '\r\n']);
    if (setsSeen && !hasFlag(message.flags, '\\Seen')) {
      const flags = [...message.flags, '\\Seen'];
      connection.settings.store.replaceFlags(view.mailbox, message.uid, flags);
    }
  }
  return ok('fetched');
}

/**
 * EARLIER is for what the client does not count any more (RFC 7162 §3.2.10.1). Who left since then is told
 * at the end of the command as always.
 */
function sendDepartures(
  connection: Connection,
  command: ParsedCommand,
  { view, modseq }: { view: View; modseq: number },
): void {
  const set = setOf(command, view) ?? [];
  const counted = new Set(view.messages.map(({ uid }) => uid));
  const gone = departedSince(view.mailbox, modseq).filter(
    (uid) => inNumberSet(set, uid) && !counted.has(uid),
  );
  if (gone.length > 0) connection.line(`* VANISHED (EARLIER) ${renderUidSet(gone)}`);
}

/** `(CHANGEDSINCE n)` and `(CHANGEDSINCE n VANISHED)`; undefined for anything else. */
function readSince(token: Token | undefined): { modseq: number; vanished: boolean } | undefined {
  const [name, modseq = '', ...more] = textsOf(token)?.map((text) => text.toUpperCase()) ?? [];
  if (name !== 'CHANGEDSINCE' || !/^\d{1,15}$/.test(modseq) || more.length > 1) return undefined;
  if (more.length === 1 && more[0] !== 'VANISHED') return undefined;
  return { modseq: Number(modseq), vanished: more.length === 1 };
}
