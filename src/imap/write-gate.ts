/**
 * Which commands a session may send. EXAMINE is no barrier on some servers (Dovecot and Courier carry
 * out MOVE and STORE after it), so a dry run is enforced here, before a byte is written.
 */
import type { ImapAttribute } from 'imapflow';
import { AppError } from '../core/app-error.ts';
import { isScratchOnTheWire, isScratchParentOnTheWire } from '../mail/scratch-name.ts';
import { readText } from './response.ts';

/**
 * `read` sessions cannot change anything. `probe` sessions change scratch mailboxes alone
 * (scratch-name.ts), and these also after EXAMINE: whether a server lets that through is what they ask.
 */
export type WireMode = 'read' | 'write' | 'probe';

/** The gate of one connection: it keeps in mind which mailbox lies open. */
export interface WriteGate {
  /** Throws WRITE_FORBIDDEN unless the command may be sent. */
  admit(verb: string, words: readonly ImapAttribute[]): void;
  /** The server has said OK to it. */
  done(verb: string, words: readonly ImapAttribute[]): void;
}

const READING = new Set([
  'CAPABILITY',
  'NAMESPACE',
  'ENABLE',
  'NOOP',
  'LIST',
  'STATUS',
  'GETQUOTAROOT',
  'NOTIFY',
  'EXAMINE',
  'UNSELECT',
  'UID SEARCH',
  'UID FETCH',
  'FETCH',
  'IDLE',
  'LOGOUT',
]);

const WRITING = new Set([
  'SELECT',
  'CREATE',
  'RENAME',
  'DELETE',
  'APPEND',
  'UID STORE',
  'UID COPY',
  'UID MOVE',
  'UID EXPUNGE',
]);

/** Opens the gate of a connection. */
export function openGate(mode: WireMode): WriteGate {
  if (mode !== 'probe') return { admit: (verb) => assertAllowed(verb, mode), done: () => {} };
  let isScratchOpen = false;
  return {
    admit: (verb, words) => {
      if (!READING.has(verb)) assertScratch(verb, words, isScratchOpen);
      // A server that refuses to open a mailbox may leave the one before open (RFC 9051 §6.3.2 says
      // it must not): what lies open is known again when it has said OK.
      if (OPENING.has(verb)) isScratchOpen = false;
    },
    done: (verb, words) => {
      if (OPENING.has(verb)) isScratchOpen = verb !== 'UNSELECT' && isScratch(words[0]);
    },
  };
}

/** Throws WRITE_FORBIDDEN unless `verb` is on the list of the mode. */
export function assertAllowed(verb: string, mode: 'read' | 'write'): void {
  if (READING.has(verb) || (mode === 'write' && WRITING.has(verb))) return;
  throw forbidden(
    `${verb} is not allowed in a ${mode === 'read' ? 'read-only' : 'working'} session`,
    verb,
  );
}

const OPENING = new Set(['SELECT', 'EXAMINE', 'UNSELECT']);

/** The place of the mailbox names in the arguments of each command that a probe may send. */
const SCRATCH_AT: ReadonlyMap<string, { readonly name: number | null; readonly inOpen: boolean }> =
  new Map([
    ['SELECT', { name: 0, inOpen: false }],
    ['CREATE', { name: 0, inOpen: false }],
    ['DELETE', { name: 0, inOpen: false }],
    ['APPEND', { name: 0, inOpen: false }],
    ['UID STORE', { name: null, inOpen: true }],
    ['UID EXPUNGE', { name: null, inOpen: true }],
    ['UID COPY', { name: 1, inOpen: true }],
    ['UID MOVE', { name: 1, inOpen: true }],
  ]);

function assertScratch(verb: string, words: readonly ImapAttribute[], isOpen: boolean): void {
  const place = SCRATCH_AT.get(verb);
  if (place === undefined) throw forbidden(`${verb} is not allowed in a probing session`, verb);
  if (place.inOpen && !isOpen) {
    throw forbidden(`${verb} would change a mailbox that is not the probe's own`, verb);
  }
  // Not to be deleted while it can hold mail; remove-scratch.ts looks first.
  if (verb === 'DELETE' && isScratchParentOnTheWire(readText(words[0]) ?? '')) return;
  if (place.name !== null && !isScratch(words[place.name])) {
    throw forbidden(`${verb} names a mailbox that is not the probe's own`, verb);
  }
}

function isScratch(word: ImapAttribute | undefined): boolean {
  return isScratchOnTheWire(readText(word) ?? '');
}

function forbidden(what: string, verb: string): AppError {
  return new AppError('WRITE_FORBIDDEN', `${what}; nothing was sent`, { command: verb });
}
