import { describe, expect, test } from 'vitest';
import { assertAllowed, openGate } from '../../src/imap/write-gate.ts';

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

describe('the gate of a probing session', () => {
  const name = (value: string) => ({ type: 'STRING', value }) as const;
  const OWN = name('INBOX.Mailwright.Probe-20260101T000000-0123456789ab-to');
  const FOREIGN = [
    'INBOX',
    'Mailwright/Held',
    'Mailwright/Probe-mine',
    'Mailwright/Probe-20260101T000000-0123456789ab/below',
    'MyMailwright/Probe-20260101T000000-0123456789ab',
  ];
  const set = { type: 'SEQUENCE', value: '1' } as const;
  const refused = expect.objectContaining({ code: 'WRITE_FORBIDDEN' });
  const opened = (mailbox: { type: 'STRING'; value: string }) => {
    const gate = openGate('probe');
    gate.admit('EXAMINE', [mailbox]);
    gate.done('EXAMINE', [mailbox]);
    return gate;
  };

  test.each(FOREIGN)('lets nothing through to %s', (mailbox) => {
    for (const verb of ['SELECT', 'CREATE', 'DELETE', 'APPEND', 'RENAME']) {
      expect(() => openGate('probe').admit(verb, [name(mailbox)])).toThrow(refused);
    }
    for (const verb of ['UID STORE', 'UID EXPUNGE', 'UID COPY', 'UID MOVE']) {
      expect(() => opened(name(mailbox)).admit(verb, [set, OWN])).toThrow(refused);
    }
    expect(() => opened(OWN).admit('UID COPY', [set, name(mailbox)])).toThrow(refused);
    expect(() => opened(OWN).admit('UID MOVE', [set, name(mailbox)])).toThrow(refused);
  });

  test('lets changes through to a scratch mailbox, also after EXAMINE', () => {
    for (const verb of ['SELECT', 'CREATE', 'DELETE', 'APPEND'])
      openGate('probe').admit(verb, [OWN]);
    for (const verb of ['UID STORE', 'UID EXPUNGE', 'UID COPY', 'UID MOVE']) {
      opened(OWN).admit(verb, [set, OWN]);
    }
    openGate('probe').admit('DELETE', [name('INBOX.Mailwright')]);
  });

  test('does not know what lies open until the server has said OK', () => {
    const gate = opened(OWN);
    gate.admit('EXAMINE', [name('INBOX')]);
    expect(() => gate.admit('UID STORE', [set])).toThrow(refused);
    gate.done('EXAMINE', [name('INBOX')]);
    expect(() => gate.admit('UID STORE', [set])).toThrow(refused);
    gate.admit('SELECT', [OWN]);
    expect(() => gate.admit('UID STORE', [set])).toThrow(refused);
    gate.done('SELECT', [OWN]);
    gate.admit('UID STORE', [set]);
    gate.admit('UNSELECT', []);
    expect(() => gate.admit('UID STORE', [set])).toThrow(refused);
  });

  test.each(FORBIDDEN)('refuses %j like every session', (verb) => {
    expect(() => opened(OWN).admit(verb, [OWN])).toThrow(refused);
  });
});
