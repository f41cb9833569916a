/**
 * `check --live`, the doctor: logs in, and looks for what the rules need before they need it. Changes
 * nothing; only with `--probe` it works in mailboxes of its own (probe.ts).
 */
import type { Account } from '../../accounts/account.ts';
import { isAppError } from '../../core/app-error.ts';
import { adviceFor } from '../../core/error-table.ts';
import type { MailSession } from '../../mail/mail-session.ts';
import { failureOf, requireRule, selectAccounts } from '../accounts.ts';
import type { EngineContext } from '../context.ts';
import { guardFor } from '../guard-for.ts';
import type { Selection } from '../request.ts';
import { filesFor, type MailboxScope, scopeOf } from '../scope.ts';
import { withSession } from '../sessions.ts';
import { clockFindings } from './clock.ts';
import { connectionFindings } from './connections.ts';
import { type Finding, type LiveFinding, type Topic, well } from './finding.ts';
import { mailboxFindings } from './mailboxes.ts';
import { probeAccount } from './probe.ts';
import { quotaFindings } from './quota.ts';
import { conditionFindings, destinationFindings, roleFindings } from './rules.ts';
import { capabilityFindings, namespaceFindings, tlsFindings } from './server.ts';

/** What is asked for beside the selection. */
export interface DoctorOptions {
  /** Also try the server out in mailboxes of our own; needs an engine that may write. */
  readonly probe: boolean;
}

/** Checks the selected accounts one by one; one that cannot be reached is a finding, not an end. */
export async function checkLive(
  context: EngineContext,
  selection: Selection,
  options: DoctorOptions = { probe: false },
): Promise<readonly LiveFinding[]> {
  requireRule(context.config, selection.rule);
  const findings: LiveFinding[] = [];
  for (const account of selectAccounts(context.config, selection.account)) {
    const found = [
      ...(await orFailure(account, 'login', () => checkAccount(context, account, selection.rule))),
    ];
    const isIn = !found.some(({ topic, severity }) => topic === 'login' && severity === 'error');
    if (options.probe && isIn) {
      found.push(...(await orFailure(account, 'probe', () => probeAccount(context, account))));
    }
    findings.push(...found.map((finding) => ({ ...finding, account: account.id })));
  }
  return findings;
}

async function orFailure(
  account: Account,
  topic: Topic,
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (error) {
    const failure = failureOf(account, error);
    const { hint } = adviceFor(failure.error);
    return [{ topic, severity: 'error', text: `${failure.error.message}; ${hint}` }];
  }
}

async function checkAccount(
  context: EngineContext,
  account: Account,
  rule: string | undefined,
): Promise<readonly Finding[]> {
  return await withSession(context, { account, mode: 'read' }, async (session) => [
    ...(await checkSession(context, { account, session, rule })),
    ...(await connectionFindings(context, account)),
    ...(await clockFindings(context, session)),
  ]);
}

async function checkSession(
  context: EngineContext,
  target: { account: Account; session: MailSession; rule: string | undefined },
): Promise<readonly Finding[]> {
  const { account, session, rule } = target;
  const listing = await session.list();
  const { host, port, user } = account;
  const { software } = session.server;
  const by = software === null ? '' : `, ${software}`;
  const filter = { occasion: { kind: 'all' }, rule } as const;
  const rules = filesFor(context.config.ruleSet, account, filter.occasion)
    .flatMap((file) => file.rules)
    .filter((each) => each.enabled && (rule === undefined || each.name === rule));
  const { scopes, problems } = scopesOf(context, { account, listing }, filter);
  const claim = (await guardFor(context, account)).guard?.own ?? null;
  const place = { account, listing, session };
  return [
    well('login', `${user} at ${host}:${port}${by}; ${listing.length} mailboxes`),
    ...tlsFindings(session.tls, account, context.clock.nowMs()),
    ...capabilityFindings(session.capabilities),
    ...namespaceFindings(session),
    ...roleFindings(rules, place),
    ...problems,
    ...(await mailboxFindings(session, scopes, claim)),
    ...destinationFindings(rules, place),
    ...conditionFindings(rules, place),
    ...(await quotaFindings(session)),
  ];
}

function scopesOf(
  context: EngineContext,
  place: Parameters<typeof scopeOf>[1],
  filter: Parameters<typeof scopeOf>[2],
): { scopes: readonly MailboxScope[]; problems: readonly Finding[] } {
  try {
    return { scopes: scopeOf(context.config.ruleSet, place, filter), problems: [] };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const text = `${error.message}; ${adviceFor(error).hint}`;
    return { scopes: [], problems: [{ topic: 'mailboxes', severity: 'error', text }] };
  }
}
