/**
 * Which commands a session may send. EXAMINE is no barrier on some servers (Dovecot and Courier carry
 * out MOVE and STORE after it), so a dry run is enforced here, before a byte is written.
 */
import { AppError } from '../core/app-error.ts';

/** `read` sessions cannot change anything. */
export type WireMode = 'read' | 'write';

const READING = new Set([
  'CAPABILITY',
  'NAMESPACE',
  'NOOP',
  'LIST',
  'STATUS',
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

/** Throws WRITE_FORBIDDEN unless `verb` is on the list of the mode. */
export function assertAllowed(verb: string, mode: WireMode): void {
  if (READING.has(verb) || (mode === 'write' && WRITING.has(verb))) return;
  throw new AppError(
    'WRITE_FORBIDDEN',
    `${verb} is not allowed in a ${mode === 'read' ? 'read-only' : 'working'} session; nothing was sent`,
    { command: verb },
  );
}
