/** Who a message is from, as far as a rule would ask: a mailing list, else the sender. */
import { listId } from '../../language/list-id.ts';
import type { Headers } from '../../mail/message-view.ts';

/** A list or a sender. */
export interface Correspondent {
  readonly kind: 'list' | 'sender';
  /** The identifier of the list, or the address, in small letters. */
  readonly key: string;
  /** Written by a machine, or to many: by its headers, or by the name of its sender. */
  readonly isBulk: boolean;
}

/** The header fields that are read. */
export const SURVEY_FIELDS = [
  'from',
  'list-id',
  'list-unsubscribe',
  'precedence',
  'auto-submitted',
] as const;

/** Local parts behind which nobody sits. */
const MACHINES =
  /^(no|do-?not|dont)[-_.]?reply|^(notifications?|newsletters?|news|alerts?|updates?|info|marketing|offers|mailer|billing|invoices?|orders?|receipts?|service|bounces?|postmaster|cron|ci|build)([-_+.]|$)/;

/** Tells; undefined where neither can be read, or a rule could not name it. */
export function correspondentOf(headers: Headers): Correspondent | undefined {
  const [listText] = valuesOf(headers.text('list-id'));
  const list = listText === undefined ? '' : listId(listText).toLowerCase();
  if (isPlain(list)) return { kind: 'list', key: list, isBulk: true };
  const senders = headers.addresses('from');
  const [sender] = senders.kind === 'values' ? senders.values : [];
  const address = sender?.address.toLowerCase() ?? '';
  if (!isPlain(address) || !/^[^@\s]+@[^@\s]+$/.test(address)) return undefined;
  const isAutomatic =
    valuesOf(headers.text('list-unsubscribe')).length > 0 ||
    valuesOf(headers.text('precedence')).some((text) => /^(bulk|list|junk)$/i.test(text.trim())) ||
    valuesOf(headers.text('auto-submitted')).some((text) => !/^no\b/i.test(text.trim()));
  const local = address.slice(0, address.lastIndexOf('@'));
  return { kind: 'sender', key: address, isBulk: isAutomatic || MACHINES.test(local) };
}

/** Printable, and short enough to be one. */
function isPlain(text: string): boolean {
  return text !== '' && text.length <= 200 && !/[\p{C}\p{Z}"\\]/u.test(text);
}

function valuesOf(reading: ReturnType<Headers['text']>): readonly string[] {
  return reading.kind === 'values' ? reading.values : [];
}
