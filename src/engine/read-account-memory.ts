/** The memory of one account: what the rules ask of it, brought up to date, and kept. */
import type { Account } from '../accounts/account.ts';
import type { Rule } from '../language/ast.ts';
import { memoryAsks } from '../language/memory-asks.ts';
import { buildMemory } from '../mail/build-memory.ts';
import type { MailMemory, MemoryAsk } from '../mail/mail-memory.ts';
import type { MailboxListing, MailSession } from '../mail/mail-session.ts';
import type { MailboxName, Role } from '../mail/mailbox-name.ts';
import { resolveRole } from '../plan/resolve-destination.ts';
import { type MemoryState, type MemoryWish, readMemory } from '../scan/read-memory.ts';
import type { EngineContext } from './context.ts';
import { rolesOf } from './roles.ts';
import type { MailboxScope } from './scope.ts';

/** Mail in these is nobody's filing. */
const UNFILED: ReadonlySet<Role | null> = new Set<Role>(['sent', 'drafts', 'junk', 'trash']);

/** What was read: the memory, and what of it is new. */
export interface AccountMemory {
  readonly memory: MailMemory;
  readonly changed: MemoryState;
}

/** Reads what the rules ask for; undefined when they ask nothing. */
export async function readAccountMemory(
  context: EngineContext & { readonly session: MailSession },
  from: { account: Account; listing: readonly MailboxListing[]; scopes: readonly MailboxScope[] },
): Promise<AccountMemory | undefined> {
  const { account, listing, scopes } = from;
  const { session } = context;
  const rules = new Set<Rule>(scopes.flatMap((scope) => scope.rules));
  const asks = memoryAsks([...rules]);
  if (asks.length === 0) return undefined;
  const map = { listing, roles: rolesOf(account, listing), separator: session.separator };
  const resolved = resolveRole(map, 'sent');
  const sent = resolved.kind === 'resolved' ? resolved.to.mailbox : null;
  const watched = scopes.map(({ mailbox }) => mailbox);
  const filed = listing
    .filter((mailbox) => mailbox.selectable && !UNFILED.has(mailbox.role) && mailbox.name !== sent)
    .map(({ name }) => name);
  const known = await context.journal.loadMemory(account.id);
  const wishes = wishesOf(asks, { sent, watched, filed, listing });
  const { messages, changed } = await readMemory(session, known, {
    wishes,
    signal: context.signal,
  });
  return { memory: buildMemory({ messages, sent, watched, filed }), changed };
}

function wishesOf(
  asks: readonly MemoryAsk[],
  places: {
    sent: MailboxName | null;
    watched: readonly MailboxName[];
    filed: readonly MailboxName[];
    listing: readonly MailboxListing[];
  },
): readonly MemoryWish[] {
  const { sent, watched, filed, listing } = places;
  const headers = [
    ...new Set(asks.flatMap((ask) => (ask.kind === 'header' ? [ask.name] : []))),
  ].sort();
  const wanted = new Set<MailboxName>();
  for (const ask of asks) {
    if (ask.kind === 'sent' && sent !== null) wanted.add(sent);
    if (ask.kind === 'watched') for (const mailbox of watched) wanted.add(mailbox);
    if (ask.kind === 'everywhere') for (const mailbox of filed) wanted.add(mailbox);
    if (ask.kind === 'mailbox') wanted.add(ask.mailbox);
  }
  return [...wanted]
    .filter((mailbox) => listing.some(({ name, selectable }) => name === mailbox && selectable))
    .map((mailbox) => ({
      mailbox,
      isSent: mailbox === sent,
      headers: watched.includes(mailbox) ? headers : [],
    }));
}
