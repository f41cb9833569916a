/** How a provider is asked: HTTPS, no redirects, bounded in time and size. */
import type { CustomFetch } from 'openid-client';

/** An answer of a provider is a small JSON document. */
const MAX_BYTES = 256 * 1024;

/** Asks an endpoint. `here` also allows http:// to this machine, as `tls: none` does for mail. */
export function endpointFetch(here: boolean): CustomFetch {
  return async (url, options) => {
    if (!isEndpoint(url, here)) throw new EndpointError(`${originOf(url)} is no https:// address`);
    const { body, headers, method, signal } = options;
    const response = await fetch(url, {
      method,
      headers,
      // A redirect could carry a refresh token or a client secret elsewhere.
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new EndpointError('it sent us on to another address, which is not followed');
    }
    const octets = await readBounded(response);
    const { status, statusText } = response;
    return new Response(octets, { status, statusText, headers: response.headers });
  };
}

/** The provider answered in a way that is not taken from it. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

/** Whether an address may be asked. */
export function isEndpoint(url: string, here: boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return true;
  return here && protocol === 'http:' && /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(hostname);
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'what it named';
}

async function readBounded(response: Response): Promise<Buffer | null> {
  if (response.body === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > MAX_BYTES) {
      await reader.cancel();
      throw new EndpointError('its answer is too large');
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks);
}
