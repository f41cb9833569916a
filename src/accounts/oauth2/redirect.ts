/**
 * Where the browser comes back to (RFC 8252 §7.3): a listener on this machine, for one sign-in, that
 * takes nothing from who does not know its state (RFC 6749 §10.12).
 */
import { createServer, type ServerResponse } from 'node:http';
import { AppError } from '../../core/app-error.ts';
import { errorText } from '../../core/outside-text.ts';

/** A listener. */
export interface Redirect {
  /** What the provider is told. */
  readonly uri: string;
  /** Waits for the browser, and gives the address that it was sent to. Rejects with the signal's reason. */
  wait(state: string, signal: AbortSignal): Promise<URL>;
  close(): void;
}

/**
 * Listens on 127.0.0.1; port 0 takes a free one. `host` is how the provider wants this machine named.
 * Throws USAGE where the port is taken.
 */
export async function openRedirect(host: string, port: number): Promise<Redirect> {
  let expected: { state: string; take: (address: URL) => void } | null = null;
  const server = createServer((request, response) => {
    const address = new URL(request.url ?? '/', uri);
    const { searchParams } = address;
    const isOurs = request.method === 'GET' && address.pathname === '/' && expected !== null;
    if (!isOurs || searchParams.get('state') !== expected?.state) {
      // Whoever it is: the sign-in goes on waiting for the one that was asked for.
      answer(response, 400, 'This is not the sign-in that Mailwright waits for.');
      return;
    }
    const hasCode = searchParams.has('code');
    const said = hasCode ? 'You can close this window.' : 'The sign-in was refused.';
    answer(response, 200, `${said} Mailwright goes on in the terminal.`);
    expected.take(address);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const what = `nothing can listen on port ${port} of this machine: ${errorText(error)}`;
      reject(new AppError('USAGE', what, { what }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = server.address();
  const uri = `http://${host}:${typeof bound === 'object' ? bound?.port : port}/`;
  return {
    uri,
    wait: async (state, signal) => {
      signal.throwIfAborted();
      let giveUp = (): void => {};
      try {
        return await new Promise<URL>((resolve, reject) => {
          giveUp = () => reject(signal.reason);
          signal.addEventListener('abort', giveUp, { once: true });
          expected = { state, take: resolve };
        });
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(`<!doctype html><title>Mailwright</title><p>${text}</p>\n`);
}
