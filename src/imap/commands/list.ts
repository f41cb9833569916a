/** LIST with SPECIAL-USE (RFC 9051 §6.3.9, RFC 6154), and NAMESPACE by LIST "" "". */
import type { ImapResponse } from 'imapflow';
import type { Capabilities, MailboxListing } from '../../mail/mail-session.ts';
import { type Namespace, ROLES, type Role } from '../../mail/mailbox-name.ts';
import type { WireNode } from '../exec.ts';
import { nodeText, nodeTexts } from '../response.ts';
import type { ServerNames } from '../server-names.ts';
import { expectOk, type Wire } from '../wire.ts';

/**
 * Every mailbox of the account. Names that have no canonical form are left out: no rule could say
 * them. Throws COMMAND_REFUSED or CONNECTION_LOST.
 */
export async function listMailboxes(
  wire: Wire,
  capabilities: Capabilities,
  names: ServerNames,
): Promise<readonly MailboxListing[]> {
  const lines = await list(wire, '*', returnOptions(capabilities));
  const found = new Map<string, MailboxListing>();
  for (const line of lines) {
    const name = names.learn(line.serverName);
    if (name === undefined) continue;
    const known = found.get(name);
    const role = roleOf(line.attributes) ?? known?.role ?? null;
    found.set(name, { name, role, selectable: isSelectable(line.attributes) });
  }
  return [...found.values()];
}

/** The separator by `LIST "" ""`, for servers whose NAMESPACE says nothing (RFC 9051 §6.3.9). */
export async function readRoot(wire: Wire): Promise<Namespace> {
  const [root] = await list(wire, '', []);
  return { prefix: '', separator: root?.separator ?? '' };
}

interface ListLine {
  readonly attributes: readonly string[];
  readonly separator: string;
  readonly serverName: string;
}

async function list(
  wire: Wire,
  pattern: string,
  options: readonly WireNode[],
): Promise<readonly ListLine[]> {
  const lines: ListLine[] = [];
  const answer = await wire.send({
    verb: 'LIST',
    args: [{ type: 'STRING', value: '' }, { type: 'STRING', value: pattern }, ...options],
    listen: { LIST: (response) => lines.push(readLine(response)) },
  });
  expectOk(wire, 'LIST', answer);
  return lines;
}

function readLine(response: ImapResponse): ListLine {
  const [attributes, separator, name] = response.attributes ?? [];
  return {
    attributes: nodeTexts(attributes).map((text) => text.toLowerCase()),
    separator: nodeText(separator) ?? '',
    // A mailbox may be called NIL and come without quotes.
    serverName: nodeText(name) ?? 'NIL',
  };
}

/** RFC 6154 §2: the return option needs LIST-EXTENDED; without it attributes may come anyway. */
function returnOptions(capabilities: Capabilities): readonly WireNode[] {
  if (!capabilities.specialUse || !capabilities.all.has('LIST-EXTENDED')) return [];
  return [{ type: 'ATOM', value: 'RETURN' }, [{ type: 'ATOM', value: 'SPECIAL-USE' }]];
}

function roleOf(attributes: readonly string[]): Role | undefined {
  return ROLES.find((role) => attributes.includes(`\\${role}`));
}

function isSelectable(attributes: readonly string[]): boolean {
  return !attributes.includes('\\noselect') && !attributes.includes('\\nonexistent');
}
