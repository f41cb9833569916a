/** `check --live`: logs in, and looks for what the rules need before they need it. Changes nothing. */

import type { Account } from '../accounts/account.ts';
import { isAppError } from '../core/app-error.ts';
import type { AccountId } from '../core/brand.ts';
import { adviceFor } from '../core/error-table.ts';
import type { Destination, Rule } from '../language/ast.ts';
import { predicateFields } from '../language/evaluate.ts';
import { memoryAsks } from '../language/memory-asks.ts';
import { staticText } from '../language/template.ts';
import { type Flag, isStorable } from '../mail/flags.ts';
import type { Capabilities, MailboxListing, MailSession } from '../mail/mail-session.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import { type MailboxMap, resolveName, resolveRole } from '../plan/resolve-destination.ts';
import { failureOf, requireRule, selectAccounts } from './accounts.ts';
import type { EngineContext } from './context.ts';
import { guardFor } from './guard-for.ts';
import type { Selection } from './request.ts';
import { rolesOf } from './roles.ts';
import { filesFor, type MailboxScope, scopeOf } from './scope.ts';
import { withSession } from './sessions.ts';

/** One thing that is well, or that a person should know. */
export interface LiveFinding {
  readonly severity: 'ok' | 'warning' | 'error';
  readonly account: AccountId;
  readonly text: string;
}

type Finding = Omit<LiveFinding, 'account'>;

/** Checks the selected accounts one by one; one that cannot be reached is a finding, not an end. */
export async function checkLive(
  context: EngineContext,
  selection: Selection,
): Promise<readonly LiveFinding[]> {
  requireRule(context.config, selection.rule);
  const findings: LiveFinding[] = [];
  for (const account of selectAccounts(context.config, selection.account)) {
    for (const finding of await checkAccount(context, account, selection)) {
      findings.push({ ...finding, account: account.id });
    }
  }
  return findings;
}

async function checkAccount(
  context: EngineContext,
  account: Account,
  selection: Selection,
): Promise<readonly Finding[]> {
  try {
    return await withSession(context, { account, mode: 'read' }, (session) =>
      checkSession(context, { account, session, rule: selection.rule }),
    );
  } catch (error) {
    const failure = failureOf(account, error);
    const { hint } = adviceFor(failure.error);
    return [{ severity: 'error', text: `${failure.error.message}; ${hint}` }];
  }
}

async function checkSession(
  context: EngineContext,
  target: { account: Account; session: MailSession; rule: string | undefined },
): Promise<readonly Finding[]> {
  const { account, session, rule } = target;
  const listing = await session.list();
  const { host, user } = account;
  const findings: Finding[] = [
    { severity: 'ok', text: `logged in to ${host} as ${user}; ${listing.length} mailboxes` },
    ...capabilityFindings(session.capabilities),
  ];
  const filter = { occasion: { kind: 'all' }, rule } as const;
  let scopes: readonly MailboxScope[] = [];
  try {
    scopes = scopeOf(context.config.ruleSet, { account, listing }, filter);
  } catch (error) {
    if (!isAppError(error)) throw error;
    findings.push({ severity: 'error', text: `${error.message}; ${adviceFor(error).hint}` });
  }
  const claim = (await guardFor(context, account)).guard?.own ?? null;
  for (const scope of scopes) findings.push(...(await flagFindings(session, scope, claim)));
  const rules = filesFor(context.config.ruleSet, account, filter.occasion)
    .flatMap((file) => file.rules)
    .filter((each) => each.enabled && (rule === undefined || each.name === rule));
  return [
    ...findings,
    ...destinationFindings(rules, account, { listing, session }),
    ...conditionFindings(rules, account, { listing, session }),
  ];
}

/** What the server lacks, and what that costs. */
function capabilityFindings(capabilities: Capabilities): readonly Finding[] {
  const { move, uidplus, idle } = capabilities;
  const lacks: string[] = [];
  if (!move) lacks.push('no MOVE: messages are copied, the copies proved, the sources removed');
  if (!uidplus) {
    lacks.push(
      'no UIDPLUS: the sources of moves stay behind, marked \\Deleted, until your mail program expunges them; nothing else can be removed safely',
    );
  }
  if (!idle) lacks.push('no IDLE: `start` polls for new mail');
  return lacks.map((text) => ({ severity: 'warning', text }));
}

async function flagFindings(
  session: MailSession,
  { mailbox, rules }: MailboxScope,
  claim: Flag | null,
): Promise<readonly Finding[]> {
  const reader = await session.examine(mailbox);
  const { permanentFlags, exists } = reader.info;
  await reader.leave();
  const wanted = new Set(
    rules.flatMap((rule) =>
      rule.actions.flatMap((action) => {
        if (action.kind === 'flag') return [action.flag];
        return action.kind === 'label' ? (staticText(action.label) ?? []) : [];
      }),
    ),
  );
  const lost = [...wanted].filter((flag) => !isStorable(flag, permanentFlags));
  const isGuarded = claim === null || isStorable(claim, permanentFlags);
  const unguarded = `${mailbox} keeps no keywords, so shared cannot work there; what would be moved, copied or deleted is parked`;
  return [
    ...(isGuarded ? [] : [{ severity: 'error', text: unguarded } as const]),
    { severity: 'ok', text: `${mailbox}: ${exists} messages, ${rules.length} rules` },
    ...lost.map((flag): Finding => {
      const text = `${mailbox} does not keep the flag ${flag}; the rules that set it would park their messages`;
      return { severity: 'error', text };
    }),
  ];
}

function destinationFindings(
  rules: readonly Rule[],
  account: Account,
  { listing, session }: { listing: readonly MailboxListing[]; session: MailSession },
): readonly Finding[] {
  const map: MailboxMap = {
    listing,
    roles: rolesOf(account, listing),
    separator: session.separator,
  };
  const texts = new Set<string>();
  for (const rule of rules) {
    for (const action of rule.actions) {
      if (action.kind !== 'move' && action.kind !== 'copy') continue;
      const problem = whyUnreachable(action.to, map);
      if (problem !== undefined) texts.add(`rule "${rule.name}": ${problem}`);
    }
  }
  return [...texts].map((text) => ({ severity: 'error', text }));
}

/** What rules ask that this server or account cannot answer: they would be undecided. */
function conditionFindings(
  rules: readonly Rule[],
  account: Account,
  { listing, session }: { listing: readonly MailboxListing[]; session: MailSession },
): readonly Finding[] {
  const map: MailboxMap = {
    listing,
    roles: rolesOf(account, listing),
    separator: session.separator,
  };
  const hasGmail = session.capabilities.all.has('X-GM-EXT-1');
  const texts = rules.flatMap((rule) => {
    const fields = predicateFields(rule.when);
    const asks = memoryAsks([rule]);
    const found: string[] = [];
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
    return found.map((text) => `rule "${rule.name}": ${text}`);
  });
  return texts.map((text) => ({ severity: 'error', text }));
}

/** A name that is made from the message is known only when there is one. */
function whyUnreachable(to: Destination, map: MailboxMap): string | undefined {
  if (to.kind === 'role') {
    const resolution = resolveRole(map, to.role);
    return resolution.kind === 'problem' ? resolution.reason : undefined;
  }
  // The mailboxes of another account are not at hand here.
  if (to.kind === 'of-account') return undefined;
  const name = staticText(to.template);
  if (name === undefined) return undefined;
  const resolution = resolveName(map, parseMailboxName(name), to.create);
  return resolution.kind === 'problem' ? resolution.reason : undefined;
}
