/** How the connection to a server is encrypted, and what the server showed for itself. */

/** Facts of one TLS connection. */
export interface TlsFacts {
  /** "TLSv1.3". */
  readonly protocol: string;
  readonly cipher: string;
  /** Null where the server showed none that can be read. */
  readonly certificate: CertificateFacts | null;
}

/** The certificate of a server. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly validToMs: number;
  /** Its key as `pin:` of the configuration takes it: `sha256/…`. */
  readonly pin: string;
}
