import { describe, expect, test } from 'vitest';
import { assertAllowed } from '../../src/imap/write-gate.ts';

const CHANGING = [
  'SELECT',
  'CREATE',
  'RENAME',
  'DELETE',
  'APPEND',
  'UID STORE',
  'UID COPY',
  'UID MOVE',
  'UID EXPUNGE',
];
const FORBIDDEN = ['EXPUNGE', 'CLOSE', 'STORE', 'COPY', 'MOVE', 'SETACL', 'uid store', ''];

describe('the write gate', () => {
  test.each(CHANGING)('refuses %s in a reading session', (verb) => {
    expect(() => assertAllowed(verb, 'read')).toThrow(
      expect.objectContaining({ code: 'WRITE_FORBIDDEN' }),
    );
  });
  test.each(CHANGING)('lets %s pass in a writing session', (verb) => {
    expect(() => assertAllowed(verb, 'write')).not.toThrow();
  });
  test.each(FORBIDDEN)('refuses %j in every session', (verb) => {
    for (const mode of ['read', 'write'] as const) {
      expect(() => assertAllowed(verb, mode)).toThrow(
        expect.objectContaining({ code: 'WRITE_FORBIDDEN' }),
      );
    }
  });
  test.each(['EXAMINE', 'UID FETCH', 'UID SEARCH', 'LIST', 'NOOP', 'IDLE'])(
    'lets %s pass in a reading session',
    (verb) => expect(() => assertAllowed(verb, 'read')).not.toThrow(),
  );
});
