/** Certificates as Node shows them → facts, pins, and whether a pinned key stands behind one. */
import { createHash, X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { type Pin, parsePin } from '../accounts/pin.ts';
import { assert } from '../core/assert.ts';
import type { CertificateFacts, TlsFacts } from '../mail/tls-facts.ts';

/** A longer chain is no chain of a mail server. */
const MAX_CHAIN = 10;

/** What this connection is. Needs a handshake that came to its end. */
export function readTlsFacts(socket: TLSSocket): TlsFacts {
  const [shown] = chainOf(socket);
  const { standardName, name } = socket.getCipher();
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    cipher: standardName || name,
    certificate: shown === undefined ? null : certificateFacts(shown),
  };
}

/** The pin of a certificate's key (RFC 7469 §2.4). */
export function pinOf(certificate: X509Certificate): Pin {
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const pin = parsePin(`sha256/${createHash('sha256').update(key).digest('base64')}`);
  assert(pin !== undefined, 'a SHA-256 has 32 octets');
  return pin;
}

/**
 * How a pinned key stands behind the server: it is the server's own (whose possession the handshake
 * proved), or that of an authority above it. A certificate that is merely sent along proves nothing,
 * so each link upwards must be signed by the next.
 */
export function pinnedBy(
  chain: readonly X509Certificate[],
  pins: readonly Pin[],
): 'server' | 'authority' | null {
  for (const [height, certificate] of chain.entries()) {
    const below = chain[height - 1];
    const isSigned =
      below === undefined ||
      (below.checkIssued(certificate) && below.verify(certificate.publicKey));
    if (!isSigned) return null;
    if (pins.includes(pinOf(certificate))) return below === undefined ? 'server' : 'authority';
  }
  return null;
}

/**
 * The server's certificate, and what Node takes for those above it. Not by getPeerX509Certificate:
 * after that Node 20 finds no certificate any more whose name it could check.
 */
export function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let link: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (link?.raw !== undefined && chain.length < MAX_CHAIN) {
    chain.push(new X509Certificate(link.raw));
    const above: DetailedPeerCertificate | undefined = link.issuerCertificate;
    link = above === link ? undefined : above;
  }
  return chain;
}

function certificateFacts(certificate: X509Certificate): CertificateFacts {
  return {
    subject: nameIn(certificate.subject),
    issuer: nameIn(certificate.issuer),
    // A date that cannot be read is long past.
    validToMs: Date.parse(certificate.validTo) || 0,
    pin: pinOf(certificate),
  };
}

/** Organization and common name: a certificate may have either. Foreign text, so made plain and short. */
function nameIn(name: string | undefined): string {
  const lines = (name ?? '').split('\n');
  const valuesOf = (key: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
  const text = [...valuesOf('O'), ...valuesOf('CN')].join(', ');
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 100) || 'unnamed';
}
