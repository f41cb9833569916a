/** What imapflow learned of the server while it connected. */
import type { ImapFlow, NamespaceObject } from 'imapflow';
import type { NamespaceFact, ServerFacts } from '../mail/server-facts.ts';

/** Collects the facts of a client that has logged in. */
export function serverFacts({ namespaces, serverInfo }: ImapFlow): ServerFacts {
  const { name, version } = serverInfo ?? {};
  return {
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
