/**
 * Which mailbox the connection has selected, and what the server has told about it since. A handle
 * of a mailbox that is no longer selected is refused before anything is sent: its UIDs would be
 * taken for those of another mailbox.
 */
import type { ImapResponse } from 'imapflow';
import { AppError } from '../core/app-error.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import { parseUidSet } from '../mail/uid-set.ts';
import { nodeList, nodeText, parseUint32 } from './response.ts';
import type { UNSOLICITED } from './wire.ts';
import { isMutating, type Verb } from './write-gate.ts';

/** One selected mailbox, from its SELECT or EXAMINE on. */
export interface Selected {
  readonly name: MailboxName;
  exists: number;
  /** How often the server has reported something that we did not cause. */
  rings: number;
  onRing: (() => void) | null;
}

/** The selection of one connection. */
export interface Selection {
  /** SELECT or EXAMINE was sent or failed: every earlier handle is stale (RFC 9051 §6.3.2). */
  clear(): void;
  begin(name: MailboxName, exists: number): Selected;
  /** Throws WRONG_STATE unless `selected` is what is selected now. */
  require(selected: Selected, command: string): void;
  observe(name: (typeof UNSOLICITED)[number], response: ImapResponse, during: Verb | null): void;
}

/** Makes the selection of a new connection: nothing. */
export function createSelection(): Selection {
  let current: Selected | null = null;
  return {
    clear: () => {
      current = null;
    },
    begin: (name, exists) => {
      current = { name, exists, rings: 0, onRing: null };
      return current;
    },
    require: (selected, command) => {
      if (current === selected) return;
      const state = current === null ? 'authenticated' : `selected: ${current.name}`;
      throw new AppError('WRONG_STATE', `${command}: "${selected.name}" is no longer selected`, {
        command,
        state,
      });
    },
    observe: (name, response, during) => {
      if (current === null || during === 'SELECT' || during === 'EXAMINE') return;
      const isNews = apply(current, name, response);
      const isOurs = during !== null && (isMutating(during) || name === 'FETCH') && !waits(during);
      if (!isNews || isOurs) return;
      current.rings += 1;
      current.onRing?.();
    },
  };
}

function waits(verb: Verb): boolean {
  return verb === 'IDLE' || verb === 'NOOP';
}

/** Keeps the count of messages; says whether anything changed. */
function apply(
  selected: Selected,
  name: (typeof UNSOLICITED)[number],
  response: ImapResponse,
): boolean {
  switch (name) {
    case 'EXISTS': {
      const count = parseUint32(response.command);
      if (count === undefined || count === selected.exists) return false;
      selected.exists = count;
      return true;
    }
    case 'EXPUNGE':
      selected.exists = Math.max(0, selected.exists - 1);
      return true;
    case 'VANISHED':
      selected.exists = Math.max(0, selected.exists - vanishedUids(response).length);
      return true;
    case 'FETCH':
      return true;
  }
}

/** More than a mailbox can hold; a larger set is not believed. */
const MAX_VANISHED = 1_000_000;

/** The UIDs of a VANISHED response that tells of the present (RFC 7162 §3.2.10), else none. */
export function vanishedUids(response: ImapResponse): readonly number[] {
  const [first] = response.attributes ?? [];
  if (nodeList(first) !== undefined) return [];
  return parseUidSet(nodeText(first) ?? '', MAX_VANISHED) ?? [];
}
