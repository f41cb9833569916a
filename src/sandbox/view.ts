/**
 * What one connection has told its client about the selected mailbox. Comparing that with the
 * mailbox as it is gives the untagged responses that are due (RFC 9051 §7.4, §7.5.1).
 */
import { renderUidSet, type Uid } from '../mail/uid-set.ts';
import type { StoredMailbox, StoredMessage } from './model.ts';
import { renderFlags } from './respond-fetch.ts';

/** A selected mailbox as the client knows it. */
export interface View {
  readonly mailbox: StoredMailbox;
  readonly readOnly: boolean;
  /** By sequence number, the first at index 0; some may be gone from the mailbox by now. */
  readonly messages: readonly StoredMessage[];
  /** The message as it is now; undefined when it is gone. */
  current(uid: Uid): StoredMessage | undefined;
  /** The client has just been told these flags, or asked not to be. */
  acknowledge(message: StoredMessage): void;
  /**
   * The responses that bring the client up to date. Without `expunges` vanished messages stay:
   * FETCH, STORE and SEARCH must not shift sequence numbers under a client (RFC 9051 §7.5.1). A client
   * with QRESYNC is told of all that vanished at once, by UID, and of MODSEQ (RFC 7162 §3.2.4, §3.2.10).
   */
  catchUp(expunges: boolean): readonly string[];
}

/** Starts a view at the mailbox as it is now. */
export function openView(
  mailbox: StoredMailbox,
  { readOnly, qresync }: { readOnly: boolean; qresync: boolean },
): View {
  let known: StoredMessage[] = [...mailbox.messages];
  let seen = mailbox.messages;
  const index = (): ReadonlyMap<Uid, StoredMessage> =>
    new Map(mailbox.messages.map((message) => [message.uid, message]));
  return {
    mailbox,
    readOnly,
    get messages() {
      return known;
    },
    current: (uid) => mailbox.messages.find((message) => message.uid === uid),
    acknowledge: (message) => {
      known = known.map((each) => (each.uid === message.uid ? message : each));
    },
    catchUp: (expunges) => {
      if (seen === mailbox.messages) return [];
      const now = index();
      const lines: string[] = [];
      if (expunges) {
        const kept: StoredMessage[] = [];
        const gone: Uid[] = [];
        for (const message of known) {
          if (now.has(message.uid)) kept.push(message);
          else if (qresync) gone.push(message.uid);
          else lines.push(`* ${kept.length + 1} EXPUNGE`);
        }
        if (gone.length > 0) lines.push(`* VANISHED ${renderUidSet(gone)}`);
        known = kept;
        seen = mailbox.messages;
      }
      const last = known.at(-1)?.uid ?? 0;
      const arrived = mailbox.messages.filter(({ uid }) => uid > last);
      known = known.map((message, position) => {
        const latest = now.get(message.uid);
        if (latest === undefined || latest === message) return message;
        const modseq = qresync ? ` MODSEQ (${latest.modseq})` : '';
        lines.push(
          `* ${position + 1} FETCH (UID ${latest.uid}${modseq} FLAGS ${renderFlags(latest.flags)})`,
        );
        return latest;
      });
      if (arrived.length === 0) return lines;
      known = [...known, ...arrived];
      return [...lines, `* ${known.length} EXISTS`];
    },
  };
}
