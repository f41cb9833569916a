/** A sandbox with a few messages, the real IMAP session against it, and a bare client. */
import { connect } from 'node:net';
import type { Account } from '../../src/accounts/account.ts';
import { accountId } from '../../src/core/brand.ts';
import { secret } from '../../src/core/secret.ts';
import { openSession } from '../../src/imap/connect.ts';
import type { MailSession } from '../../src/mail/mail-session.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { NewMessage } from '../../src/sandbox/model.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';

export const INBOX = parseMailboxName('INBOX');
export const ARCHIVE = parseMailboxName('Archive');
export const NEW_YEAR_MS = Date.UTC(2026, 0, 1, 12);

const DAY_MS = 86_400_000;

/** A message with a subject, arrived some days after New Year 2026. */
export function message(
  subject: string,
  more: { flags?: readonly string[]; day?: number; header?: string; body?: string } = {},
): NewMessage {
  const header = `From: Ann <ann@one.example>\r\nTo: ben@two.example\r\nSubject: ${subject}\r\n${more.header ?? ''}`;
  return {
    raw: Buffer.from(`${header}\r\n${more.body ?? 'Hello.\r\n'}`),
    internalDateMs: NEW_YEAR_MS + (more.day ?? 0) * DAY_MS,
    flags: more.flags ?? [],
  };
}

/** Starts a sandbox with three messages in INBOX and an Archive. */
export async function startSmall(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  return await startSandbox({
    user: 'ann',
    password: 'pass word "1"',
    mailboxes: [
      {
        name: INBOX,
        messages: [
          message('First', { flags: ['\\Seen'] }),
          message('=?utf-8?q?Zweite_Gr=C3=BC=C3=9Fe?=', { day: 1, flags: ['Work'] }),
          message('Third', { day: 2, header: 'List-Id: <a.lists.example>\r\n' }),
        ],
      },
      { name: ARCHIVE, role: 'archive' },
    ],
    ...options,
  });
}

/** Logs in with the session that the product uses. */
export async function login(sandbox: Sandbox, password = 'pass word "1"'): Promise<MailSession> {
  const account: Account = {
    id: accountId('small'),
    host: sandbox.host,
    port: sandbox.port,
    tls: 'none',
    ca: null,
    user: 'ann',
    signIn: {
      kind: 'password',
      password: { description: 'a test', read: async () => secret(password) },
    },
    variables: {},
    roles: {},
    trustServerText: false,
    authServId: null,
    smtp: null,
    limits: { connections: 3, commandsPerMinute: 600 },
  };
  return await openSession(account, { mode: 'write', emit: () => {}, trace: false }).login();
}

/** A client that speaks IMAP by hand. */
export interface BareClient {
  /** Sends a command under the next tag; resolves with the whole answer, the tag shown as TAG. */
  send(command: string): Promise<string>;
  /** Sends octets as they are, and resolves when the answer matches. */
  raw(text: string, until: RegExp): Promise<string>;
  close(): void;
}

/** Connects; with `loggedIn` false it stops at the greeting. */
export async function bareClient(sandbox: Sandbox, loggedIn = true): Promise<BareClient> {
  const socket = connect(sandbox.port, sandbox.host);
  let received = '';
  let wake = (): void => {};
  socket.on('data', (data: Buffer) => {
    received += data.toString('latin1');
    wake();
  });
  socket.on('error', () => {});
  socket.on('close', () => wake());
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(received) && !socket.closed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const text = received;
    received = '';
    return text;
  };
  let count = 0;
  const client: BareClient = {
    send: async (command) => {
      const tag = `T${++count}`;
      socket.write(`${tag} ${command}\r\n`, 'latin1');
      const answer = await until(new RegExp(`^${tag} .*\\r\\n`, 'm'));
      return answer.replaceAll(new RegExp(`\\b${tag}\\b`, 'g'), 'TAG').replaceAll('\r\n', '\n');
    },
    raw: async (text, pattern) => {
      socket.write(text, 'latin1');
      return await until(pattern);
    },
    close: () => socket.destroy(),
  };
  await until(/^\* OK .*\r\n/);
  if (loggedIn) await client.send('LOGIN ann "pass word \\"1\\""');
  return client;
}
