/** A wire that can be cut: a proxy on loopback between the program and its server. */

import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A running proxy. */
export interface TcpProxy {
  readonly port: number;
  /** Resets every connection, as a network does that goes away. */
  cut(): void;
  /** From now on lets no byte of the connections that are open through, and closes none. */
  swallow(): void;
  /** From now on no server says that mail has come: its EXISTS and RECENT are left out. */
  mute(): void;
  close(): Promise<void>;
}

/** Listens on a free port and passes everything on to `target`; `onSent` sees what clients say. */
export async function startTcpProxy(
  target: number,
  onSent?: (octets: Buffer, connection: Socket) => void,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isMute = false;
  /** Pairs whose bytes still pass. */
  const live = new Set<() => void>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    keep(client);
    keep(upstream);
    const unsaid = new Transform({
      transform: (chunk: Buffer, _, done) => {
        const text = chunk.toString('latin1');
        const left = isMute ? text.replaceAll(/^\* \d+ (EXISTS|RECENT)\r\n/gm, '') : text;
        done(null, Buffer.from(left, 'latin1'));
      },
    });
    if (onSent !== undefined) client.on('data', (octets: Buffer) => onSent(octets, client));
    client.pipe(upstream).pipe(unsaid).pipe(client);
    live.add(() => {
      client.unpipe(upstream).on('data', () => {});
      upstream.unpipe(unsaid).on('data', () => {});
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    cut,
    swallow: () => {
      for (const end of live) end();
      live.clear();
    },
    mute: () => {
      isMute = true;
    },
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
