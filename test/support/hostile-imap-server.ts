/**
 * A server on loopback that plays an attacker, or stands in for one in between: each connection is
 * handed to a script that says what it likes, when it likes, with or without TLS. Every octet that the
 * client sent is kept, encrypted or not, and so is every time that the password was asked for.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SecureContextOptions, TLSSocket } from 'node:tls';
import type { Account } from '../../src/accounts/account.ts';
import { secret } from '../../src/core/secret.ts';
import { CANARY, scriptedAccount } from './scripted-imap-server.ts';

/** What a script can do on its connection. */
export interface Talk {
  /** Sends lines in one write; `TAG` becomes the tag of the last command that was heard. */
  say(...lines: string[]): void;
  /** The next command without its tag, or null when the client has gone. */
  hear(): Promise<string | null>;
  /** Octets that have not been heard yet, as soon as there are any. */
  hearAnything(): Promise<string>;
  /** Answers the handshake of the client as a TLS server. */
  secure(options: SecureContextOptions): Promise<void>;
  /** Goes away without a word. */
  hangUp(): void;
}

/** A running hostile server. */
export interface HostileServer {
  readonly account: Account;
  /** Everything that a client sent, as Latin-1: before TLS, under it, and the encrypted octets. */
  sent(): string;
  /** How often the password was asked for. */
  passwordReads(): number;
  connections(): number;
  close(): Promise<void>;
}

/** Starts a server that plays `script` on each connection. */
export async function startHostileServer(
  script: (talk: Talk) => Promise<void> | void,
  account: Partial<Account> = {},
): Promise<HostileServer> {
  const octets: Buffer[] = [];
  const sockets = new Set<Socket>();
  let reads = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    // The script may be cut off anywhere: a client that leaves is what these tests want.
    Promise.resolve(script(talkOn(socket, octets))).catch(() => socket.destroy());
  });
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const read = async () => {
    reads++;
    return secret(CANARY);
  };
  return {
    account: {
      ...scriptedAccount(port),
      tls: 'starttls',
      signIn: { kind: 'password', password: { description: 'a test', read } },
      ...account,
    },
    sent: () => Buffer.concat(octets).toString('latin1'),
    passwordReads: () => reads,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function talkOn(socket: Socket, octets: Buffer[]): Talk {
  let stream: Duplex = socket;
  let tag = '';
  let text = '';
  let isOver = false;
  let wake = (): void => {};
  const listen = (data: Buffer): void => {
    octets.push(data);
    text += data.toString('latin1');
    wake();
  };
  const end = (): void => {
    isOver = true;
    wake();
  };
  stream.on('data', listen);
  socket.on('close', end).on('end', end);
  return {
    say: (...lines) => {
      stream.write(lines.map((line) => `${line.replace(/\bTAG\b/, tag)}\r\n`).join(''));
    },
    hear: async () => {
      for (;;) {
        const end = text.indexOf('\r\n');
        if (end >= 0) {
          const line = text.slice(0, end);
          text = text.slice(end + 2);
          const [, found, command] = /^(\S+) (.*)$/.exec(line) ?? [];
          // What is no command (a SASL response) belongs to the last one.
          tag = found ?? tag;
          return command ?? line;
        }
        if (isOver) return null;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    hearAnything: async () => {
      while (text === '' && !isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return text;
    },
    secure: async (options) => {
      stream.off('data', listen);
      text = '';
      const encrypted = new TLSSocket(socket, { isServer: true, ...options });
      encrypted.on('error', end);
      stream = encrypted;
      stream.on('data', listen);
      await once(encrypted, 'secure');
    },
    hangUp: () => socket.destroy(),
  };
}

/** In what forms the password would show in `sent()`. */
export const CREDENTIAL_FORMS: readonly string[] = [
  CANARY,
  base64(CANARY),
  base64(`\0ann\0${CANARY}`),
  base64(`ann\0ann\0${CANARY}`),
];

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
