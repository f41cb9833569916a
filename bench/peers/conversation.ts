/** A conversation with a server as it was held once, to be held again by a program that understands none of it. */
import { connect, createServer } from 'node:net';
import { createScanner } from './response-scanner.ts';

/** What one connection sends; between two parts, so many answers are waited for. */
export interface Part {
  readonly send: string;
  /** Greetings, tagged lines and continuation requests to have come, since the beginning. */
  readonly afterAnswers: number;
}

/** The connections of a conversation. They are held side by side, none waits for another. */
export interface Conversation {
  readonly port: number;
  readonly connections: readonly (readonly Part[])[];
}

/** Listens between a client and a server, and takes down what the client says. */
export async function startRecorder(
  serverPort: number,
): Promise<{ readonly port: number; end(): Promise<Conversation> }> {
  const connections: Part[][] = [];
  const proxy = createServer((client) => {
    const parts: { send: string; afterAnswers: number }[] = [];
    connections.push(parts);
    let answers = 0;
    const upstream = connect(serverPort, '127.0.0.1').setNoDelay(true);
    const scan = createScanner(() => {
      answers += 1;
    });
    client.setNoDelay(true);
    client.on('data', (chunk: Buffer) => {
      const last = parts.at(-1);
      const send = chunk.toString('latin1');
      if (last?.afterAnswers === answers) last.send += send;
      else parts.push({ send, afterAnswers: answers });
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      scan(chunk);
      client.write(chunk);
    });
    client.on('close', () => upstream.destroy()).on('error', () => upstream.destroy());
    upstream.on('close', () => client.destroy()).on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    end: async () => {
      await new Promise<void>((resolve) => proxy.close(() => resolve()));
      return { port: serverPort, connections };
    },
  };
}
