/** Discovery's questions put to the network: DNS, HTTPS, and a handshake with an IMAP server. */
import { Resolver } from 'node:dns/promises';
import { request } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  AddressRefused,
  guardedLookup,
  type Reach,
  type Resolve,
  systemResolve,
  whyNotLiteral,
} from '../../core/guarded-lookup.ts';
import type { ServerAddress } from '../providers/provider-preset.ts';
import type { DiscoveryWorld, FetchedDocument, ProbedServer } from './discovery.ts';

/** How the network is asked; the defaults are for the real one. */
export interface NetworkOptions {
  /** Name servers, as `127.0.0.1:5300`; default: the system's. */
  readonly nameServers?: readonly string[];
  /** Addresses of names; default: the system's resolver. */
  readonly resolve?: Resolve;
  /** Which addresses a document may be fetched from; default: public ones. */
  readonly reach?: Reach;
  /** PEM text of private certificate authorities. */
  readonly ca?: string;
}

/** One question to a name server; a second try fits into the deadline of a source. */
const DNS_TIMEOUT_MS = 1200;
const DNS_TRIES = 2;
/** Larger documents are refused by their reader. */
const MAX_DOCUMENT_BYTES = 512 * 1024;
const MAX_REDIRECTS = 3;
/** A greeting is one line (RFC 9051 §7.1). */
const MAX_GREETING_BYTES = 8192;

/** The network as discovery needs it. */
export function networkWorld(options: NetworkOptions = {}): DiscoveryWorld {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  if (options.nameServers !== undefined) resolver.setServers([...options.nameServers]);
  return {
    resolveSrv: async (name) => await orNone(resolver.resolveSrv(name)),
    resolveMx: async (name) => await orNone(resolver.resolveMx(name)),
    fetch: async (url, signal) => await fetchDocument(url, signal, options),
    probe: async (server, signal) => await probeServer(server, signal, options),
    random: Math.random,
  };
}

/** A name without such records is an answer, no failure. */
async function orNone<T>(asked: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await asked;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENODATA' || code === 'ENOTFOUND') return [];
    throw error;
  }
}

async function fetchDocument(
  url: string,
  signal: AbortSignal,
  options: NetworkOptions,
): Promise<FetchedDocument> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const why = whyNotAsked(at, options.reach ?? 'public');
    if (why !== null) return { kind: 'refused', reason: why };
    const answer = await get(at, signal, options);
    if (answer.kind !== 'moved') return answer;
    at = new URL(answer.to, at);
  }
  return { kind: 'refused', reason: `it was moved more than ${MAX_REDIRECTS} times` };
}

function whyNotAsked(url: URL, reach: Reach): string | null {
  if (url.protocol !== 'https:') return `${url.protocol}//${url.host} is not HTTPS`;
  if (url.username !== '' || url.password !== '') return 'a login stands in the address';
  return whyNotLiteral(url.hostname, reach);
}

type Got = FetchedDocument | { readonly kind: 'moved'; readonly to: string };

function get(url: URL, signal: AbortSignal, options: NetworkOptions): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asking = request(
      url,
      {
        agent: false,
        signal,
        headers: { accept: 'text/xml, application/xml' },
        minVersion: 'TLSv1.2',
        lookup: guardedLookup(options.reach ?? 'public', options.resolve ?? systemResolve),
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      },
      (response) => {
        const { statusCode = 0 } = response;
        const { location } = response.headers;
        if (statusCode >= 300 && statusCode < 400 && location !== undefined) {
          asking.destroy();
          resolve({ kind: 'moved', to: location });
          return;
        }
        if (statusCode !== 200) {
          asking.destroy();
          resolve({ kind: 'nothing', reason: `the server answered ${statusCode}` });
          return;
        }
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size <= MAX_DOCUMENT_BYTES) return;
          asking.destroy();
          resolve({ kind: 'refused', reason: `it is larger than ${MAX_DOCUMENT_BYTES} bytes` });
        });
        response.on('end', () => {
          resolve({ kind: 'document', text: Buffer.concat(chunks).toString('utf8') });
        });
        response.on('error', reject);
      },
    );
    asking.on('error', (error) => {
      if (error instanceof AddressRefused) resolve({ kind: 'refused', reason: error.message });
      else if (codeOf(error) === 'ENOTFOUND') resolve({ kind: 'nothing', reason: 'no such host' });
      else reject(error);
    });
    asking.end();
  });
}

/** TCP, TLS with the certificate verified for the name, and a greeting; nothing else is said. */
async function probeServer(
  server: ServerAddress,
  signal: AbortSignal,
  options: NetworkOptions,
): Promise<ProbedServer> {
  const { host, port, tls } = server;
  const open: Socket[] = [];
  // A server at home has a private address.
  const lookup = guardedLookup('private too', options.resolve ?? systemResolve);
  const secure = (socket?: Socket): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const secured = connectTls(
        {
          ...(socket === undefined ? { host, port, lookup } : { socket }),
          servername: host,
          minVersion: 'TLSv1.2',
          ...(options.ca === undefined ? {} : { ca: options.ca }),
        },
        () => resolve(secured),
      );
      open.push(secured);
      secured.once('error', reject);
    });
  // TLS before what it stands on: the other way round Node 20.20 ends with a segmentation fault.
  const close = (): void => {
    for (const socket of [...open].reverse()) socket.destroy();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    if (tls === 'implicit') {
      await expectLine(await secure(), /^\* (OK|PREAUTH)\b/i);
      return { kind: 'answers' };
    }
    const plain = connectTcp({ host, port, lookup });
    open.push(plain);
    await expectLine(plain, /^\* OK\b/i);
    plain.write('a STARTTLS\r\n');
    await expectLine(plain, /^a OK\b/i);
    await secure(plain);
    return { kind: 'answers' };
  } catch (error) {
    return { kind: 'silent', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/** Reads one line, and nothing after it: what follows STARTTLS in the same breath is an attack. */
function expectLine(socket: Socket, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= MAX_GREETING_BYTES) return;
      stop();
      if (end >= 0 && end === text.length - 1 && pattern.test(text)) resolve();
      else reject(new Error('it does not speak IMAP'));
    };
    const onError = (error: Error): void => {
      stop();
      reject(error);
    };
    const onClose = (): void => {
      stop();
      reject(new Error('it closed the connection'));
    };
    const stop = (): void => {
      socket.off('data', onData).off('error', onError).off('close', onClose);
      // An error that comes later has no reader, and must not end the process.
      socket.on('error', () => {});
    };
    socket.on('data', onData).on('error', onError).on('close', onClose);
  });
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined;
}
