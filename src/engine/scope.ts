/** Which rules look at which mailboxes of an account. */
import type { Account } from '../accounts/account.ts';
import { AppError } from '../core/app-error.ts';
import type { MailboxRef, Rule, RuleFile, RuleSet } from '../language/ast.ts';
import type { MailboxListing } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import { rolesOf } from './roles.ts';

/** The rules of one mailbox, in the order in which they run. */
export interface MailboxScope {
  readonly mailbox: MailboxName;
  readonly rules: readonly Rule[];
}

/** What rings: everything (a run by hand), mail that arrives, or one file's schedule. */
export type Occasion =
  | { readonly kind: 'all' }
  | { readonly kind: 'arrival' }
  | { readonly kind: 'schedule'; readonly file: string };

/** Narrowing by the command line. */
export interface ScopeFilter {
  readonly occasion: Occasion;
  /** Only this rule, by name. */
  readonly rule?: string | undefined;
  /** Rules that are off too, to be told of. */
  readonly includeOff?: boolean;
}

/**
 * Gives the watched mailboxes of an account with their rules, in file-name order. Throws
 * MAILBOX_MISSING when a rule file watches a mailbox that does not exist, ROLE_MISSING when it
 * watches a role that no mailbox has.
 */
export function scopeOf(
  ruleSet: RuleSet,
  target: { account: Account; listing: readonly MailboxListing[] },
  filter: ScopeFilter,
): readonly MailboxScope[] {
  const byMailbox = new Map<MailboxName, Rule[]>();
  for (const file of filesFor(ruleSet, target.account, filter.occasion)) {
    const rules = file.rules.filter(
      (rule) =>
        (rule.enabled || filter.includeOff === true) &&
        (filter.rule === undefined || rule.name === filter.rule),
    );
    if (rules.length === 0) continue;
    for (const ref of file.mailboxes) {
      const mailbox = resolveWatched(ref, target);
      byMailbox.set(mailbox, [...(byMailbox.get(mailbox) ?? []), ...rules]);
    }
  }
  return [...byMailbox].map(([mailbox, rules]) => ({ mailbox, rules }));
}

/** The rule files that concern an account on an occasion. */
export function filesFor(
  ruleSet: RuleSet,
  account: Account,
  occasion: Occasion,
): readonly RuleFile[] {
  return ruleSet.files.filter((file) => {
    if (file.accounts !== null && !file.accounts.includes(account.id)) return false;
    switch (occasion.kind) {
      case 'all':
        return true;
      case 'arrival':
        return file.triggers.some((trigger) => trigger.kind === 'arrival');
      case 'schedule':
        return file.file === occasion.file;
      default:
        return false;
    }
  });
}

function resolveWatched(
  ref: MailboxRef,
  target: { account: Account; listing: readonly MailboxListing[] },
): MailboxName {
  const { account, listing } = target;
  if (ref.kind === 'role') {
    const name =
      rolesOf(account, listing)[ref.role] ??
      listing.find((mailbox) => mailbox.role === ref.role)?.name;
    if (name !== undefined) return name;
    throw new AppError(
      'ROLE_MISSING',
      `account "${account.id}" has no mailbox with the role \\${ref.role}`,
      { account: account.id, role: ref.role },
    );
  }
  if (listing.some((mailbox) => mailbox.name === ref.name && mailbox.selectable)) return ref.name;
  throw new AppError(
    'MAILBOX_MISSING',
    `account "${account.id}" has no mailbox "${ref.name}", which a rule file watches`,
    {
      account: account.id,
      mailbox: ref.name,
      known: listing.filter((mailbox) => mailbox.selectable).map((mailbox) => mailbox.name),
    },
  );
}
