/** What is known of a server, without asking for any mail. */

/** Learned while connecting. */
export interface ServerFacts {
  readonly namespaces: readonly NamespaceFact[];
  /** "Dovecot 2.3.19", as the server names itself (RFC 2971), or null. */
  readonly software: string | null;
}

/** One namespace (RFC 2342): the owner's own mailboxes, those of other users, shared ones. */
export interface NamespaceFact {
  readonly kind: 'personal' | 'other' | 'shared';
  readonly prefix: string;
  /** The empty string where there is no hierarchy. */
  readonly separator: string;
}

/** One resource of one quota root (RFC 9208 §3.1). STORAGE counts in units of 1024 octets. */
export interface QuotaResource {
  readonly root: string;
  /** STORAGE, MESSAGE, … in capitals. */
  readonly resource: string;
  readonly used: number;
  readonly limit: number;
}
