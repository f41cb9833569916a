/** What imapflow learned of the server while it connected. */
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { ImapFlow, NamespaceObject } from 'imapflow';
import type { CertificateFacts, NamespaceFact, ServerFacts } from '../mail/server-facts.ts';

/** Keeps the certificate that a server shows while its name is checked as ever. */
export interface CertificateWitness {
  /** For `tls.checkServerIdentity`: called after the chain was verified. */
  check(host: string, certificate: PeerCertificate): Error | undefined;
  seen(): CertificateFacts | null;
}

/** A witness for one connection. */
export function certificateWitness(): CertificateWitness {
  let seen: CertificateFacts | null = null;
  return {
    check: (host, certificate) => {
      seen = {
        subject: nameIn(certificate.subject),
        issuer: nameIn(certificate.issuer),
        validToMs: Date.parse(certificate.valid_to),
      };
      return checkServerIdentity(host, certificate);
    },
    seen: () => seen,
  };
}

/** Collects the facts of a client that has logged in. */
export function serverFacts(client: ImapFlow, certificate: CertificateFacts | null): ServerFacts {
  const { tls, namespaces, serverInfo } = client;
  const { name, version } = serverInfo ?? {};
  return {
    tls: tls
      ? { protocol: protocolOf(tls.version), cipher: tls.standardName || tls.name, certificate }
      : null,
    namespaces: [
      ...namespaceFacts('personal', namespaces?.personal),
      ...namespaceFacts('other', namespaces?.other),
      ...namespaceFacts('shared', namespaces?.shared),
    ],
    software: typeof name === 'string' ? [name, version ?? ''].join(' ').trim() : null,
  };
}

function namespaceFacts(
  kind: NamespaceFact['kind'],
  found: NamespaceObject[] | false | undefined,
): readonly NamespaceFact[] {
  if (!Array.isArray(found)) return [];
  return found.map(({ prefix, delimiter }) => ({ kind, prefix, separator: delimiter || '' }));
}

/**
 * Node tells the oldest protocol that has the cipher, not the one in use. TLS 1.3 has ciphers of its
 * own (RFC 8446 §B.4), and nothing below 1.2 is accepted.
 */
function protocolOf(oldest: string): string {
  return oldest === 'TLSv1.3' ? oldest : 'TLSv1.2';
}

/** The organization, else the common name: a certificate may have either. */
function nameIn(name: PeerCertificate['subject'] | undefined): string {
  const { O: organization, CN: commonName } = name ?? {};
  return [organization, commonName].filter((each) => each !== undefined).join(', ') || 'unnamed';
}
