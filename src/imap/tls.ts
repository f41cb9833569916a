/**
 * The connection under a session: TLS 1.2 or newer, the certificate verified or its key pinned before
 * imapflow gets the socket (safety.md §15). Nothing is sent to a server that fails here.
 */
import { connect as connectPlain, isIP } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { ImapFlowOptions } from 'imapflow';
import type { Account } from '../accounts/account.ts';
import type { TlsFacts } from '../mail/tls-facts.ts';
import { chainOf, pinnedBy, readTlsFacts } from './certificate.ts';

type Transport = NonNullable<ImapFlowOptions['transport']>;

/** A transport for imapflow, and what is known of the connection that it made. */
export interface SecureLink {
  readonly transport: Transport;
  /** Null before the handshake and without TLS; of a refused certificate, too. */
  tls(): TlsFacts | null;
}

/** The code of the error with which a connection ends whose key is not the pinned one. */
export const PIN_MISMATCH = 'PIN_MISMATCH';

/** Prepares the connection of one session. */
export function secureLink(account: Account): SecureLink {
  let facts: TlsFacts | null = null;
  const watch = (socket: TLSSocket, onSecure: () => void): TLSSocket => {
    // Before Node's own verdict, so that the facts of a refused certificate can be told.
    socket.prependOnceListener('secure', () => {
      facts = attempt(() => readTlsFacts(socket), null);
    });
    return socket.once('secureConnect', () => {
      const refusal = attempt(() => whyRefused(socket, account), UNREADABLE);
      if (refusal === undefined) onSecure();
      else socket.destroy(refusal);
    });
  };
  const { host, port } = account;
  return {
    tls: () => facts,
    transport: {
      connect: ({ secure }, onConnect) =>
        secure
          ? watch(connectTls({ host, port, ...verification(account) }), onConnect)
          : connectPlain({ host, port }, onConnect),
      // Without `host` a server that is named by its address would be verified as "localhost".
      upgrade: (socket, _, onSecure) =>
        watch(connectTls({ socket, host, ...verification(account) }), onSecure),
    },
  };
}

function verification({ host, ca, pins = [] }: Account): ConnectionOptions {
  return {
    minVersion: 'TLSv1.2',
    // A pinned key needs no authority; `whyRefused` decides then, and has Node's verdict to go by.
    rejectUnauthorized: pins.length === 0,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === null ? {} : { ca }),
  };
}

/**
 * With the server's own key pinned, neither issuer nor name nor date matters: the key is who it is
 * (as DANE-EE, RFC 7671 §5.1). The pin of an authority comes on top of the ordinary verification.
 */
function whyRefused(socket: TLSSocket, { pins = [] }: Account): Error | undefined {
  if (pins.length === 0) {
    return socket.authorized ? undefined : withCode('CERT_UNVERIFIED', 'it was not verified');
  }
  const by = pinnedBy(chainOf(socket), pins);
  if (by === 'server' || (by === 'authority' && socket.authorized)) return undefined;
  if (by === 'authority') return asError(socket.authorizationError);
  return withCode(PIN_MISMATCH, 'its key is not the one that "pin" names');
}

/** A certificate is the server's to make: one that cannot be read ends the connection, not the program. */
function attempt<T, F>(read: () => T, otherwise: F): T | F {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

const UNREADABLE = withCode('CERT_UNREADABLE', 'its certificate cannot be read');

/** Node gives an error, or only its code (its own types notwithstanding). */
function asError(reason: unknown): Error {
  if (reason instanceof Error) return reason;
  return withCode(String(reason), String(reason));
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
