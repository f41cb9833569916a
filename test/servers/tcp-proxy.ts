/** A wire that can be cut: a proxy on loopback between the program and its server. */
import { connect, createServer, type Socket } from 'node:net';

/** A running proxy. */
export interface TcpProxy {
  readonly port: number;
  /** Resets every connection, as a network does that goes away. */
  cut(): void;
  /** From now on lets no byte of the connections that are open through, and closes none. */
  swallow(): void;
  close(): Promise<void>;
}

/** Listens on a free port and passes everything on to `target`. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
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
    client.pipe(upstream).pipe(client);
    live.add(() => {
      client.unpipe(upstream).on('data', () => {});
      upstream.unpipe(client).on('data', () => {});
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
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
