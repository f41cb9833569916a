/**
 * A proxy between the program and its server that changes nothing: it notes when the octets that tell
 * of mail reach the connection that idles, and when the server's answer to a MOVE passes.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A running proxy. */
export interface IdleRecorder {
  readonly port: number;
  /** The time (of `performance.now()`) of the next EXISTS to a connection that idles (RFC 2177). */
  nextTold(): Promise<number>;
  /** The same of the next answer that says where a message was moved to (COPYUID, RFC 6851). */
  nextMoved(): Promise<number>;
  close(): Promise<void>;
}

/** Listens on a free port and passes everything on to `target`. */
export async function recordIdle(target: number): Promise<IdleRecorder> {
  const sockets = new Set<Socket>();
  let onTold: (atMs: number) => void = () => {};
  let onMoved: (atMs: number) => void = () => {};
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let isIdling = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
    }
    client.on('data', (data: Buffer) => {
      const text = data.toString('latin1');
      if (/ IDLE\r\n$/.test(text)) isIdling = true;
      if (/DONE\r\n/.test(text)) isIdling = false;
      upstream.write(data);
    });
    upstream.on('data', (data: Buffer) => {
      const atMs = performance.now();
      client.write(data);
      const text = data.toString('latin1');
      if (isIdling && /^\* \d+ EXISTS\r$/m.test(text)) onTold(atMs);
      if (/\[COPYUID /.test(text)) onMoved(atMs);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    nextTold: () =>
      new Promise((resolve) => {
        onTold = resolve;
      }),
    nextMoved: () =>
      new Promise((resolve) => {
        onMoved = resolve;
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
