/**
 * The conversation of an IMAP primer on a real server, through the program's own session: the four
 * states, a mailbox made and selected, and a BAD that does no harm.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppEvent } from '../../src/core/events.ts';
import { openSession } from '../../src/imap/connect.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { Profile } from '../servers/dovecot-config.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

const MAILBOX = parseMailboxName('mailbox1');

describe.each<[Profile]>([['modern'], ['bare'], ['prefixed']])(
  'a primer on a %s server',
  (profile) => {
    let server: Dovecot;
    beforeAll(async () => {
      server = await startDovecot(profile);
    });
    afterAll(async () => {
      await server?.stop();
    });

    test('LOGIN, CREATE, SELECT, FETCH 1:3 answered BAD, LOGOUT', async () => {
      const events: AppEvent[] = [];
      const { port, password } = server;
      const account = loopbackAccount({ port, user: server.newUser(), password });
      const emit = (event: AppEvent): void => void events.push(event);
      const before = openSession(account, { mode: 'write', emit, trace: true });
      expect(before.state).toBe('not authenticated');

      const session = await before.login();
      expect(session.state).toBe('authenticated');
      expect(session.capabilities.all.has('IMAP4REV1')).toBe(true);
      expect(await session.create(MAILBOX)).toMatchObject({ kind: 'done' });

      const mailbox = await session.select(MAILBOX);
      expect([mailbox.state, mailbox.info.exists]).toEqual(['selected', 0]);
      await expect(mailbox.fetchBySequence('1:3', { basic: true })).rejects.toMatchObject({
        code: 'COMMAND_REFUSED',
        facts: { command: 'FETCH', status: 'BAD' },
      });
      // Still selected, and usable.
      expect(await mailbox.noop()).toBe(0);
      expect(await mailbox.search({ kind: 'all' })).toEqual([]);
      await mailbox.leave();

      const renamed = parseMailboxName('mailbox2');
      expect(await session.rename(MAILBOX, renamed)).toMatchObject({ kind: 'done' });
      const names = (await session.list()).map(({ name }) => name);
      expect([names.includes(MAILBOX), names.includes(renamed)]).toEqual([false, true]);
      expect(await session.status(parseMailboxName('mailbox3'))).toBeNull();
      expect(await session.status(renamed)).toMatchObject({ messages: 0, uidNext: 1 });
      await session.noop();
      expect((await session.logout()).state).toBe('logout');

      const sent = events.flatMap((event) =>
        event.kind === 'trace' && event.from === 'client' ? [event.line] : [],
      );
      // Tags are hexadecimal numbers; the line after AUTHENTICATE has none.
      const tags = sent.flatMap((line) => {
        const tag = /^([0-9A-F]+) [A-Z]/.exec(line)?.[1];
        return tag === undefined ? [] : [Number.parseInt(tag, 16)];
      });
      expect(tags.length).toBeGreaterThan(10);
      expect(tags).toEqual([...new Set(tags)].sort((a, b) => a - b));
      expect(JSON.stringify(events)).not.toContain(server.password);
    });
  },
);
