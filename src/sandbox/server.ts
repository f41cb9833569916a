/**
 * An IMAP4rev1 server in this process, with one account in memory: the demo's mailbox, and a model
 * to test against. It listens on loopback only, without encryption, and forgets everything when it
 * stops. It must never be the only server that a feature was tried on.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { assert } from '../core/assert.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import {
  fromServerName,
  type MailboxName,
  type Namespace,
  type Role,
  toServerName,
} from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import { type CapabilityProfile, FULL_PROFILE } from './capabilities.ts';
import type { ServerSettings, Tamper } from './connection.ts';
import {
  createStore,
  type NewMessage,
  type Store,
  type StoredMailbox,
  type StoredMessage,
} from './model.ts';
import { serveConnection } from './serve.ts';

/** A mailbox to begin with. */
export interface SandboxMailbox {
  readonly name: MailboxName;
  readonly role?: Role;
  readonly messages?: readonly NewMessage[];
}

/** How a sandbox is started. */
export interface SandboxOptions {
  readonly user: string;
  readonly password: string;
  /** INBOX is there whether or not it is listed. */
  readonly mailboxes: readonly SandboxMailbox[];
  /** Extensions to switch on or off; all are on by default. */
  readonly capabilities?: Partial<CapabilityProfile>;
  /** Default: no prefix, and `/` between levels. */
  readonly namespace?: Namespace;
  readonly clock?: Clock;
  /** Makes the server misbehave; for tests. */
  readonly tamper?: Tamper;
}

/** One mailbox as it is at a moment. */
export interface MailboxSnapshot {
  readonly name: MailboxName;
  readonly role: Role | null;
  readonly selectable: boolean;
  readonly uidValidity: number;
  readonly messages: readonly StoredMessage[];
}

/** A running server. */
export interface Sandbox {
  readonly host: string;
  readonly port: number;
  /** Delivers a message, as a mail server would; connections that idle hear of it. */
  append(mailbox: MailboxName, message: NewMessage): Uid;
  /** What is served, for a test to change behind the clients' backs. */
  readonly store: Store;
  /** Every mailbox with its messages; later changes do not show in it. */
  snapshot(): readonly MailboxSnapshot[];
  /** Cuts all connections and frees the port. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Starts a server on a free port of loopback. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const clock = options.clock ?? systemClock;
  const namespace = options.namespace ?? { prefix: '', separator: '/' };
  const store = createStore(namespace, Math.floor(clock.nowMs() / 1000));
  const capabilities = { ...FULL_PROFILE, ...options.capabilities };
  for (const mailbox of options.mailboxes) fill(store, mailbox);
  const label = (mailbox: StoredMailbox, message: NewMessage): void => {
    const all = capabilities.labels ? store.mailboxes().find(({ role }) => role === 'all') : null;
    if (all !== null && all !== undefined && all !== mailbox) store.append(all, message);
  };
  for (const mailbox of store.mailboxes()) {
    for (const message of mailbox.messages) label(mailbox, message);
  }
  const settings: ServerSettings = {
    store,
    clock,
    capabilities,
    user: options.user,
    password: options.password,
    ...(options.tamper === undefined ? {} : { tamper: options.tamper }),
  };
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    connections += 1;
    serveConnection(socket, settings, connections);
  });
  const port = await listen(server);
  return {
    host: HOST,
    port,
    store,
    append: (mailbox, message) => {
      const box = requireMailbox(store, mailbox);
      const uid = store.append(box, message);
      label(box, message);
      store.announce();
      return uid;
    },
    snapshot: () => snapshotOf(store),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function fill(store: Store, { name, role, messages = [] }: SandboxMailbox): void {
  const serverName = toServerName(name, store.namespace);
  const mailbox = store.create(serverName, role ?? null) ?? requireMailbox(store, name);
  for (const message of messages) store.append(mailbox, message);
}

function requireMailbox(store: Store, name: MailboxName): StoredMailbox {
  const mailbox = store.find(toServerName(name, store.namespace));
  assert(mailbox?.selectable === true, `the sandbox has a mailbox ${name}`);
  return mailbox;
}

function snapshotOf(store: Store): readonly MailboxSnapshot[] {
  return store.mailboxes().flatMap((mailbox) => {
    const { role, selectable, uidValidity, messages } = mailbox;
    const name = fromServerName(mailbox.name, store.namespace);
    return name === undefined ? [] : [{ name, role, selectable, uidValidity, messages }];
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a listening server has an address');
  return address.port;
}
