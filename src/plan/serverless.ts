/** Deciding without a server: every mailbox is taken to exist, every role to have one, every flag to stay. */
import type { Destination, Rule } from '../language/ast.ts';
import { SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailMemory } from '../mail/mail-memory.ts';
import type { MailboxListing } from '../mail/mail-session.ts';
import { type MailboxName, parseMailboxName, ROLES, type Role } from '../mail/mailbox-name.ts';
import type { DecideContext } from './decide-context.ts';

/** What is known of the account without asking it. */
export interface ServerlessFacts {
  readonly nowMs: number;
  readonly variables?: Readonly<Record<string, string>>;
  readonly roles?: Readonly<Partial<Record<Role, MailboxName>>>;
  readonly authServId?: string | null;
  readonly memory?: MailMemory;
}

/** A separator that no name holds. */
const NO_SEPARATOR = '';

/** The context of a decision on mail of no server; a role without a name is called `\archive`. */
export function serverlessContext(facts: ServerlessFacts): DecideContext {
  const { nowMs, variables = {}, roles = {}, authServId = null, memory } = facts;
  const listing = ROLES.map((role): MailboxListing => {
    const name = roles[role] ?? parseMailboxName(`\\${role}`);
    return { name, role, selectable: true };
  });
  return {
    evaluation: {
      nowMs,
      variables,
      separator: NO_SEPARATOR,
      ...(authServId === null ? {} : { authServId }),
      ...(memory === undefined ? {} : { memory }),
    },
    mailboxes: { listing, roles, separator: NO_SEPARATOR },
    permanentFlags: [...Object.values(SYSTEM_FLAGS), '\\*'],
    isCopyMade: () => false,
    isSuppressed: () => false,
  };
}

/** The rule with every destination allowed to be created: there is no server that could lack it. */
export function creatingAll(rule: Rule): Rule {
  const open = (to: Destination): Destination =>
    to.kind === 'role' ? to : { ...to, create: true };
  return {
    ...rule,
    actions: rule.actions.map((action) =>
      action.kind === 'move' || action.kind === 'copy'
        ? { ...action, to: open(action.to) }
        : action,
    ),
  };
}
