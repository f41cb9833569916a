/** The mailboxes for roles: what the configuration says, and what stands in where a provider lacks one. */
import type { Account } from '../accounts/account.ts';
import { presetOf } from '../accounts/provider-presets.ts';
import type { MailboxListing } from '../mail/mail-session.ts';
import { ROLES } from '../mail/mailbox-name.ts';

/**
 * The configured roles, and for each that neither the configuration nor the server has the mailbox
 * that the provider's preset names for it by another role: Gmail archives by a move to \All. Never by
 * a likely name; where the server shows two, none stands in.
 */
export function rolesOf(account: Account, listing: readonly MailboxListing[]): Account['roles'] {
  if (account.provider === undefined) return account.roles;
  const { standIns } = presetOf(account.provider).quirks;
  const roles = { ...account.roles };
  for (const role of ROLES) {
    const other = standIns[role];
    if (other === undefined || roles[role] !== undefined) continue;
    if (listing.some((mailbox) => mailbox.role === role && mailbox.selectable)) continue;
    const [only, second] = listing.filter(
      (mailbox) => mailbox.role === other && mailbox.selectable,
    );
    if (only !== undefined && second === undefined) roles[role] = only.name;
  }
  return roles;
}
