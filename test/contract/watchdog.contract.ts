/** A connection that hears nothing any more and is not closed either: as after a NAT box forgot it. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/accounts/account.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { openSession } from '../../src/imap/connect.ts';
import { watchMailbox } from '../../src/imap/watch.ts';
import type { MailSession } from '../../src/mail/mail-session.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts';

const INBOX = parseMailboxName('INBOX');

/** A server that mail can be delivered to. */
export interface WatchedServer {
  readonly account: Account;
  /** Puts a message into INBOX, past the proxy. */
  deliver(): Promise<void>;
  close(): Promise<void>;
}

/** Runs the suite against a kind of server. */
export function watchdogContract(name: string, make: () => Promise<WatchedServer>): void {
  describe(`a dead connection to ${name}`, () => {
    let server: WatchedServer;
    let proxy: TcpProxy;
    afterEach(async () => {
      await proxy.close();
      await server.close();
    });
    const login = async (mode: 'read' | 'write'): Promise<MailSession> => {
      const account = { ...server.account, port: proxy.port };
      return await openSession(account, { mode, emit: () => {}, trace: false }).login();
    };
    const start = async (): Promise<void> => {
      server = await make();
      proxy = await startTcpProxy(server.account.port);
    };

    test('is noticed while it idles, given up, and what came meanwhile is rung for', async () => {
      await start();
      const stop = new AbortController();
      const bells: string[] = [];
      const failures: string[] = [];
      const watching = watchMailbox({
        open: () => login('read'),
        mailboxesOf: async () => ({ mailbox: INBOX, others: [] }),
        onBell: (reason) => void bells.push(reason),
        untilAllowed: async () => {},
        onHealthy: () => {},
        onFailure: (error) => failures.push(error.code) > 0,
        emit: () => {},
        clock: systemClock,
        signal: stop.signal,
        onLook: async () => {},
        ...{ idleRenewMs: 200, pollMs: 60_000, lookMs: 60_000, probeMs: 300 },
      });
      await until(() => bells.length === 1);
      proxy.swallow();
      await server.deliver();
      await until(() => bells.filter((bell) => bell === 'connected').length === 2);
      expect(failures).toEqual(['CONNECTION_LOST']);
      await server.deliver();
      await until(() => bells.at(-1) === 'change');
      stop.abort();
      await watching;
    });

    test('a server that keeps silent about mail is found out, and connected to anew', async () => {
      await start();
      const stop = new AbortController();
      const bells: string[] = [];
      const events: AppEvent[] = [];
      let looks = 0;
      const watching = watchMailbox({
        open: () => login('read'),
        mailboxesOf: async () => ({ mailbox: INBOX, others: [] }),
        onBell: (reason) => void bells.push(reason),
        untilAllowed: async () => {},
        onHealthy: () => {},
        onFailure: () => false,
        onLook: async () => void looks++,
        emit: (event) => void events.push(event),
        clock: systemClock,
        signal: stop.signal,
        ...{ idleRenewMs: 60_000, pollMs: 60_000, lookMs: 300, probeMs: 2000 },
      });
      await until(() => looks > 1);
      expect(bells).toEqual(['connected']);
      await server.deliver();
      await until(() => bells.includes('change'));
      await until(() => looks > 3);
      proxy.mute();
      await server.deliver();
      await until(() => bells.filter((bell) => bell === 'connected').length === 2);
      expect(events.map(({ kind }) => kind)).toEqual(['watching', 'silent-listener', 'watching']);
      const { length } = bells;
      await until(() => looks > 6);
      expect(bells.slice(length)).toEqual([]);
      stop.abort();
      await watching;
    });

    test('is noticed by the NOOP with which a kept session is tried', async () => {
      await start();
      const session = await login('write');
      await session.noop();
      proxy.swallow();
      const beganMs = Date.now();
      await expect(session.noop(300)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      expect(Date.now() - beganMs).toBeLessThan(5000);
      session.destroy();
    });
  });
}

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error('it did not happen within 20 s');
    await delay(5);
  }
}
