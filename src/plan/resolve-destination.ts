/** Destinations as real mailboxes of an account: names and roles against what LIST showed. */
import type { AccountId } from '../core/brand.ts';
import { LIMITS } from '../core/limits.ts';
import { suggest } from '../core/suggest.ts';
import type { MailboxListing } from '../mail/mail-session.ts';
import type { MailboxName, Role } from '../mail/mailbox-name.ts';
import type { ResolvedDestination } from './decision.ts';

/** The mailboxes of an account, and its own words for roles. */
export interface MailboxMap {
  readonly listing: readonly MailboxListing[];
  /** Roles from the configuration; they win over SPECIAL-USE. */
  readonly roles: Readonly<Partial<Record<Role, MailboxName>>>;
  readonly separator: string;
}

/** A mailbox to act on, or why there is none, in words that say what to do. */
export type Resolution =
  | { readonly kind: 'resolved'; readonly to: ResolvedDestination }
  | { readonly kind: 'problem'; readonly reason: string };

/** Resolves a name: it exists, or it may be created. */
export function resolveName(map: MailboxMap, name: MailboxName, create: boolean): Resolution {
  if (selectableIn(map.listing).has(name)) return resolved(name, false);
  if (holdsSeparator(name, map.separator)) {
    return problem(
      `the mailbox name "${name}" holds "${map.separator}", which separates levels on this server; choose another name`,
    );
  }
  if (isTooLong(name)) {
    return problem(`the mailbox name "${name}" is longer than ${LIMITS.mailboxNameBytes} bytes`);
  }
  if (create) return resolved(name, true);
  const known = map.listing.filter((mailbox) => mailbox.selectable).map((mailbox) => mailbox.name);
  const near = suggest(name, known);
  const hint = near === undefined ? '' : ` (did you mean "${near}"?)`;
  return problem(
    `the mailbox "${name}" does not exist${hint}; create it, or add "create: true" to the action`,
  );
}

function holdsSeparator(name: MailboxName, separator: string): boolean {
  return separator !== '/' && separator !== '' && name.includes(separator);
}

/** UTF-8 has at most three octets for each UTF-16 unit: most names need no counting. */
function isTooLong(name: MailboxName): boolean {
  const { mailboxNameBytes } = LIMITS;
  return name.length * 3 > mailboxNameBytes && Buffer.byteLength(name) > mailboxNameBytes;
}

/** The names of a listing, worked out once: it is asked for every message that is to move. */
function selectableIn(listing: MailboxMap['listing']): ReadonlySet<MailboxName> {
  const known = NAMES.get(listing);
  if (known !== undefined) return known;
  const names = new Set(listing.filter(({ selectable }) => selectable).map(({ name }) => name));
  NAMES.set(listing, names);
  return names;
}

const NAMES = new WeakMap<MailboxMap['listing'], ReadonlySet<MailboxName>>();

/** Resolves a role by the configuration, else by SPECIAL-USE (RFC 6154); never by a likely name. */
export function resolveRole(map: MailboxMap, role: Role): Resolution {
  const configured = map.roles[role];
  if (configured !== undefined) return resolveName(map, configured, false);
  const [first, second] = map.listing.filter(
    (mailbox) => mailbox.role === role && mailbox.selectable,
  );
  if (first === undefined) {
    return problem(
      `no mailbox has the role \\${role} on this server; name it in mailwright.yaml: roles: { ${role}: NAME }`,
    );
  }
  if (second !== undefined) {
    return problem(
      `two mailboxes have the role \\${role}: "${first.name}" and "${second.name}"; choose one in mailwright.yaml: roles: { ${role}: NAME }`,
    );
  }
  return resolved(first.name, false);
}

/** A mailbox of another account: whether it is there shows when the plan is carried out. */
export function resolveAbroad(
  account: AccountId,
  mailbox: MailboxName,
  create: boolean,
): Resolution {
  return isTooLong(mailbox)
    ? problem(`the mailbox name "${mailbox}" is longer than ${LIMITS.mailboxNameBytes} bytes`)
    : { kind: 'resolved', to: { account, mailbox, create } };
}

/** The mailbox with the Trash role, or null where there is none or more than one. */
export function trashOf(map: MailboxMap): MailboxName | null {
  const resolution = resolveRole(map, 'trash');
  return resolution.kind === 'resolved' ? resolution.to.mailbox : null;
}

function resolved(mailbox: MailboxName, create: boolean): Resolution {
  return { kind: 'resolved', to: { account: null, mailbox, create } };
}

function problem(reason: string): Resolution {
  return { kind: 'problem', reason };
}
