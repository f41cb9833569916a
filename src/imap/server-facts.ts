/** What imapflow learned of the server while it connected. */
import type { ImapFlow, NamespaceObject } from 'imapflow';
import type { NamespaceFact, ServerFacts } from '../mail/server-facts.ts';
import type { TlsFacts } from '../mail/tls-facts.ts';

/** Collects the facts of a client that has logged in. */
export function serverFacts(client: ImapFlow, tls: TlsFacts | null): ServerFacts {
  const { namespaces, serverInfo } = client;
  const { name, version } = serverInfo ?? {};
  return {
    tls,
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
