/** Subjects made to break out of a mailbox name: each becomes one harmless level, or stays (§14, §15). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { takeSnapshot } from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { Profile } from '../servers/dovecot-config.ts';
import { makeWorkplace, sentCommands, type Workplace } from './program.ts';

/** Subjects, and the level that each becomes; null where it has no value and the message stays. */
const SUBJECTS: readonly (readonly [string, string | null])[] = [
  ['../../etc/passwd', '..-..-etc-passwd'],
  ['..', null],
  ['.', null],
  ['a/b/c', 'a-b-c'],
  ['INBOX', 'INBOX'],
  ['%*', '--'],
  ['"quoted"', '-quoted-'],
  ['back\\slash', 'back-slash'],
  ['{5+}', '{5+}'],
  ['&AGE-', '-AGE-'],
  ['#shared', '-shared'],
  ['~root', '-root'],
  ['x'.repeat(500), 'x'.repeat(60)],
  ['\u202eevil\u200b', 'evil'],
  ['emoji😀', 'emoji😀'],
  ['e\u0301', 'é'],
  ['a\r\n. LOGOUT', 'a . LOGOUT'],
  ['\u0000nul', 'nul'],
  ['   ', null],
  ['__proto__', '__proto__'],
];

const RULES = `
mailbox: INBOX
rules:
  - name: By subject
    when: { size: { over: 0 } }
    then: [ { move: "By/{{ subject }}", create: true } ]
`;

const encoded = (text: string): string =>
  `=?utf-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;

describe.each<[Profile]>([['modern'], ['prefixed']])('on a %s server', (profile) => {
  let server: Dovecot;
  let place: Workplace;
  let access: { port: number; user: string; password: string };
  beforeAll(async () => {
    server = await startDovecot(profile);
    access = { port: server.port, user: server.newUser(), password: server.password };
    place = makeWorkplace({ server, user: access.user, rules: RULES });
  });
  afterAll(async () => {
    place?.remove();
    await server?.stop();
  });

  /** The separator of the server is one more letter that a level may not hold. */
  const named = (level: string | null): string | null => {
    if (profile === 'modern') return level === null ? null : `By/${level}`;
    const dashed = level?.replaceAll('.', '-') ?? null;
    return dashed === null ? null : `INBOX.By.${dashed}`;
  };

  test('each subject becomes one level, and no message is lost', async () => {
    const client = await openPlainImap(access);
    const internalDate = new Date(Date.UTC(2026, 0, 1));
    await client.append(
      'INBOX',
      SUBJECTS.map(([subject], index) => ({
        raw: `Subject: ${encoded(subject)}\r\nX-Test-Id: m${index}\r\n\r\nhi\r\n`,
        flags: [],
        internalDate,
      })),
    );
    await client.close();
    const { exit, stderr } = await place.run('run', '--yes', '--trace');
    expect(exit).toBe(13);
    expect(new Set(sentCommands(stderr)).has('LOGOUT')).toBe(true);
    const seen = await takeSnapshot(access);
    const placeOf = new Map([...seen].flatMap(([name, all]) => all.map(({ id }) => [id, name])));
    expect(placeOf.size).toBe(SUBJECTS.length);
    for (const [index, [subject, level]] of SUBJECTS.entries()) {
      const isDots = /^\.+$/.test(subject);
      const expected =
        profile === 'prefixed' && isDots ? `INBOX.By.${'-'.repeat(subject.length)}` : named(level);
      expect([subject, placeOf.get(`m${index}`)]).toEqual([subject, expected ?? 'INBOX']);
    }
  });
});
