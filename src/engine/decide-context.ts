/** What deciding may know of an account beside the message: mailboxes, flags, and what was done before. */
import type { Account } from '../accounts/account.ts';
import { suppressionText } from '../journal/journal.ts';
import { pastWorkIn } from '../journal/past-work.ts';
import type { MailMemory } from '../mail/mail-memory.ts';
import type { MailboxListing, MailSession, ReadableMailbox } from '../mail/mail-session.ts';
import type { DecideContext } from '../plan/decide-context.ts';
import type { MailboxMap } from '../plan/resolve-destination.ts';
import type { EngineContext } from './context.ts';
import { rolesOf } from './roles.ts';

/** The account as it was found, and the mailbox that is read. */
export interface DecideFacts {
  readonly account: Account;
  readonly listing: readonly MailboxListing[];
  /** Rules that must leave messages alone, as the journal tells it. */
  readonly suppressed: ReadonlySet<string>;
  readonly memory: MailMemory | undefined;
  readonly reader: ReadableMailbox;
  readonly nowMs: number;
}

/** Gathers it; reads only the journal. */
export async function decideContext(
  context: EngineContext & { readonly session: MailSession },
  facts: DecideFacts,
): Promise<DecideContext> {
  const { account, reader, suppressed, memory } = facts;
  const { holding } = context.config;
  const { separator } = context.session;
  const { listing } = facts;
  const mailboxes: MailboxMap = { listing, roles: rolesOf(account, listing), separator };
  const { name, uidValidity, permanentFlags } = reader.info;
  const copies = await context.journal.madeCopies(account.id, name);
  const effects = await context.journal.doneEffects(account.id, name);
  return {
    evaluation: {
      nowMs: facts.nowMs,
      variables: account.variables,
      separator,
      ...(memory === undefined ? {} : { memory }),
      ...(account.authServId === null ? {} : { authServId: account.authServId }),
    },
    mailboxes,
    permanentFlags,
    isCopyMade: pastWorkIn(copies, uidValidity),
    isEffectDone: pastWorkIn(effects, uidValidity),
    ...(holding === null ? {} : { hold: holding.mailbox }),
    isSuppressed: (identity, revision) => suppressed.has(suppressionText(identity, revision)),
  };
}
