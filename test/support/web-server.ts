/** A web server on loopback that keeps what it was sent. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { TEST_CERTIFICATE } from './test-certificate.ts';

/** One request that arrived whole. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers requests until it is closed. */
export interface WebServer {
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** Connections that were made, also those that sent nothing. */
  connectionCount(): number;
  close(): Promise<void>;
}

/** What the server does with a request, in order; the last one serves the rest, too. */
export type Behaviour = (response: ServerResponse, request: SeenRequest) => void;

/** Starts a server on a free port of 127.0.0.1. */
export async function startWebServer(
  behaviours: readonly Behaviour[],
  options: { readonly tls?: boolean } = {},
): Promise<WebServer> {
  const seen: SeenRequest[] = [];
  let connections = 0;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const found: SeenRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      seen.push(found);
      behaviours[Math.min(seen.length, behaviours.length) - 1]?.(response, found);
    });
  };
  const server =
    options.tls === true ? createTlsServer({ ...TEST_CERTIFICATE }, handle) : createServer(handle);
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    seen,
    connectionCount: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with a status, fields and a text. */
export function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  text = '',
): Behaviour {
  return (response) => {
    response.writeHead(status, headers).end(text);
  };
}
