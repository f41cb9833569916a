/** `/healthz`, `/readyz` and `/metrics` over HTTP, read-only, on this machine unless told otherwise. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AppError } from '../core/app-error.ts';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** A running server. */
export interface MonitorServer {
  readonly port: number;
  stop(): Promise<void>;
}

const LOOPBACK = /^(localhost|\[::1\]|::1|127(\.\d{1,3}){3})$/;
const REQUEST_MS = 5000;
const MAX_CONNECTIONS = 64;

/** Begins to answer. Throws MONITOR_UNAVAILABLE where the address cannot be taken. */
export async function serveMonitor(
  address: ListenAddress,
  parts: { readonly health: Health; readonly metrics: Metrics },
): Promise<MonitorServer> {
  const isLocal = LOOPBACK.test(address.host);
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      void answer(request, parts, isLocal).then((reply) => send(response, request, reply));
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${address.host}:${address.port}`;
      const message = `monitor.listen ${where} cannot be used: ${error.code ?? error.message}`;
      reject(new AppError('MONITOR_UNAVAILABLE', message, { address: where }));
    });
    server.listen(address.port, address.host.replaceAll(/[[\]]/g, ''), resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function answer(
  request: IncomingMessage,
  { health, metrics }: { readonly health: Health; readonly metrics: Metrics },
  isLocal: boolean,
): Promise<Reply> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return plain(405, 'only GET and HEAD are answered');
  }
  // A page in a browser on this machine must not read it under a name of its own.
  if (isLocal && !LOOPBACK.test(hostOf(request))) return plain(403, 'this name is not served');
  const [path] = (request.url ?? '').split('?');
  switch (path) {
    case '/healthz':
      return plain(200, 'alive');
    case '/readyz': {
      const { ready, reasons } = health.readiness();
      return plain(ready ? 200 : 503, ready ? 'ready' : reasons.join('\n'));
    }
    case '/metrics':
      return { status: 200, ...(await metrics.render()) };
    default:
      return plain(404, 'there are /healthz, /readyz and /metrics');
  }
}

function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? '').replace(/:\d+$/, '');
}

function plain(status: number, text: string): Reply {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` };
}

function send(response: ServerResponse, request: IncomingMessage, reply: Reply): void {
  response.writeHead(reply.status, {
    ...{ 'content-type': reply.type, 'content-length': Buffer.byteLength(reply.text) },
    ...{ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });
  response.end(request.method === 'HEAD' ? undefined : reply.text);
}
