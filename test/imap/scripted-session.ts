/** Sessions against a scripted server, and what went over the wire; closed after each test. */
import { afterEach } from 'vitest';
import type { AppEvent } from '../../src/core/events.ts';
import { openSession } from '../../src/imap/connect.ts';
import type { MailSession } from '../../src/mail/mail-session.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import {
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../support/scripted-imap-server.ts';

export const INBOX = parseMailboxName('INBOX');
export const TARGET = parseMailboxName('Target');

/** What a test opened. */
export interface Opened {
  readonly session: MailSession;
  readonly server: ScriptedServer;
  readonly events: readonly AppEvent[];
}

/** CAPABILITY of a server with nothing but the base protocol. */
export const BARE: Script = { CAPABILITY: ['* CAPABILITY IMAP4rev1', 'TAG OK done'] };

const opened: { session?: MailSession; server: ScriptedServer }[] = [];

afterEach(async () => {
  for (const { session, server } of opened.splice(0)) {
    session?.destroy();
    await server.close();
  }
});

/** Starts a server with this script and logs in. */
export async function open(script: Script = {}, password?: string): Promise<Opened> {
  const server = await startScriptedServer(script);
  const entry: { session?: MailSession; server: ScriptedServer } = { server };
  opened.push(entry);
  const events: AppEvent[] = [];
  const emit = (event: AppEvent): void => void events.push(event);
  const { account } = server;
  const signIn = password === undefined ? account.signIn : passwordOf(password);
  const options = { mode: 'write' as const, emit, trace: true };
  const session = await openSession({ ...account, signIn }, options).login();
  entry.session = session;
  return { session, server, events };
}

function passwordOf(value: string): ScriptedServer['account']['signIn'] {
  const revealed = { reveal: () => value, toString: () => '•••', toJSON: () => '•••' };
  return {
    kind: 'password',
    password: { description: 'a test', read: async () => revealed },
  };
}

/** The lines of the conversation that the trace shows. */
export function traced(events: readonly AppEvent[], from: 'client' | 'server'): readonly string[] {
  return events.flatMap((event) =>
    event.kind === 'trace' && event.from === from ? [event.line] : [],
  );
}

/** Lets the event loop turn until `isDone`; timers may stand still. */
export async function until(isDone: () => boolean): Promise<void> {
  for (let turn = 0; !isDone(); turn++) {
    if (turn > 100_000) throw new Error('it never happened');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
