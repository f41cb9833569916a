/** The contract of a mail session on real Dovecot, in the profiles in which it can be written to. */
import { afterAll, beforeAll } from 'vitest';
import { openSession } from '../../src/imap/connect.ts';
import { mailSessionContract } from '../contract/mail-session.contract.ts';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { loopbackAccount } from '../support/loopback-account.ts';
import { type Dovecot, startDovecot } from './dovecot.ts';
import type { Profile } from './dovecot-config.ts';

const servers = new Map<Profile, Dovecot>();
const PROFILES = ['modern', 'bare', 'prefixed'] as const;

beforeAll(async () => {
  for (const profile of PROFILES) servers.set(profile, await startDovecot(profile));
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
});

for (const profile of PROFILES) {
  mailSessionContract(`Dovecot (${profile})`, async () => {
    const server = servers.get(profile);
    if (server === undefined) throw new Error(`${profile} was not started`);
    const { port, password } = server;
    const user = server.newUser();
    const client = await openPlainImap({ port, user, password });
    return {
      open: () =>
        openSession(loopbackAccount({ port, user, password }), {
          mode: 'write',
          emit: () => {},
          trace: false,
        }).login(),
      deliver: (raw, flags) =>
        client.append('INBOX', [{ raw, flags, internalDate: new Date(Date.UTC(2026, 0, 1)) }]),
      close: () => client.close(),
    };
  });
}
