/** What rules ask for that this server or account does not have. */
import type { Account } from '../../accounts/account.ts';
import type { Destination, Rule } from '../../language/ast.ts';
import { predicateFields } from '../../language/evaluate.ts';
import { memoryAsks } from '../../language/memory-asks.ts';
import { staticText } from '../../language/template.ts';
import type { MailboxListing, MailSession } from '../../mail/mail-session.ts';
import { parseMailboxName, ROLES, type Role } from '../../mail/mailbox-name.ts';
import { type MailboxMap, resolveName, resolveRole } from '../../plan/resolve-destination.ts';
import { rolesOf } from '../roles.ts';
import { type Finding, well } from './finding.ts';

/** An account with its server at hand. */
export interface Place {
  readonly account: Account;
  readonly listing: readonly MailboxListing[];
  readonly session: MailSession;
}

/** Which mailbox each role is, and which has none; a role that a rule needs is told as its defect. */
export function roleFindings(rules: readonly Rule[], place: Place): readonly Finding[] {
  const map = mapOf(place);
  const found: string[] = [];
  const missing: Role[] = [];
  for (const role of ROLES) {
    const resolution = resolveRole(map, role);
    if (resolution.kind === 'problem') missing.push(role);
    else found.push(`${role} is ${resolution.to.mailbox}`);
  }
  const wanted = new Set(rules.flatMap(rolesIn));
  const idle = missing.filter((role) => !wanted.has(role));
  return [
    ...(found.length === 0 ? [] : [well('roles', found.join(', '))]),
    ...(idle.length === 0
      ? []
      : [
          {
            ...({ topic: 'roles', severity: 'info' } as const),
            text: `no mailbox for ${idle.join(', ')}; no rule asks for it`,
          },
        ]),
  ];
}

function rolesIn(rule: Rule): readonly Role[] {
  return rule.actions.flatMap((action) =>
    (action.kind === 'move' || action.kind === 'copy') && action.to.kind === 'role'
      ? [action.to.role]
      : [],
  );
}

/** Destinations that are not there and may not be made, and those that will be made. */
export function destinationFindings(rules: readonly Rule[], place: Place): readonly Finding[] {
  const map = mapOf(place);
  const texts = new Set<string>();
  const made = new Set<string>();
  for (const rule of rules) {
    for (const action of rule.actions) {
      if (action.kind !== 'move' && action.kind !== 'copy') continue;
      const outlook = outlookOf(action.to, map);
      if (outlook.kind === 'missing') texts.add(`rule "${rule.name}": ${outlook.reason}`);
      if (outlook.kind === 'made') made.add(outlook.mailbox);
    }
  }
  const errors = [...texts].map((text): Finding => {
    return { topic: 'destinations', severity: 'error', text };
  });
  if (made.size === 0) return errors;
  const text = `made when they are needed (create: true): ${[...made].join(', ')}`;
  return [{ topic: 'destinations', severity: 'info', text }, ...errors];
}

type Outlook =
  | { readonly kind: 'there' }
  | { readonly kind: 'made'; readonly mailbox: string }
  | { readonly kind: 'missing'; readonly reason: string };

/** A name that is made from the message is known only when there is one. */
function outlookOf(to: Destination, map: MailboxMap): Outlook {
  if (to.kind === 'role') {
    const resolution = resolveRole(map, to.role);
    return resolution.kind === 'problem' ? missing(resolution.reason) : { kind: 'there' };
  }
  // The mailboxes of another account are not at hand here.
  if (to.kind === 'of-account') return { kind: 'there' };
  const name = staticText(to.template);
  if (name === undefined) return { kind: 'there' };
  const resolution = resolveName(map, parseMailboxName(name), to.create);
  if (resolution.kind === 'problem') return missing(resolution.reason);
  return resolution.to.create ? { kind: 'made', mailbox: name } : { kind: 'there' };
}

function missing(reason: string): Outlook {
  return { kind: 'missing', reason };
}

/** What rules ask that this server or account cannot answer: they would be undecided. */
export function conditionFindings(rules: readonly Rule[], place: Place): readonly Finding[] {
  const map = mapOf(place);
  const texts = rules.flatMap((rule) =>
    unanswerable(rule, place, map).map((text) => `rule "${rule.name}": ${text}`),
  );
  return texts.map((text) => ({ topic: 'conditions', severity: 'error', text }));
}

function unanswerable(
  rule: Rule,
  { account, listing, session }: Place,
  map: MailboxMap,
): readonly string[] {
  const fields = predicateFields(rule.when);
  const asks = memoryAsks([rule]);
  const found: string[] = [];
  const hasGmail = session.capabilities.all.has('X-GM-EXT-1');
  const asksGmail = fields.some((field) => field === 'labels' || field.startsWith('gmail:'));
  if (asksGmail && !hasGmail) {
    found.push("it asks for Gmail's labels or search, which this server does not have");
  }
  const sent = resolveRole(map, 'sent');
  if (asks.some(({ kind }) => kind === 'sent') && sent.kind === 'problem') {
    found.push(sent.reason);
  }
  for (const ask of asks) {
    if (ask.kind !== 'mailbox' || listing.some(({ name }) => name === ask.mailbox)) continue;
    found.push(`it asks what lay in "${ask.mailbox}", and there is no such mailbox`);
  }
  if (account.authServId === null && fields.includes('header:authentication-results')) {
    found.push('it asks for auth, and the account has no authserv_id in mailwright.yaml');
  }
  return found;
}

function mapOf({ account, listing, session }: Place): MailboxMap {
  return { listing, roles: rolesOf(account, listing), separator: session.separator };
}
