/** `plan --mail`: what the rules would do with mail in files. No server, no journal, no secret. */
import type { Account } from '../accounts/account.ts';
import type { Config } from '../config/config.ts';
import { assert } from '../core/assert.ts';
import type { Rule } from '../language/ast.ts';
import { predicateFields } from '../language/evaluate.ts';
import { indexRules } from '../language/rule-index.ts';
import { hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import { type MailboxName, parseMailboxName } from '../mail/mailbox-name.ts';
import type { MessageRef } from '../mail/message-view.ts';
import { openMailSource } from '../mailfile/open-mail-source.ts';
import { decide } from '../plan/decide.ts';
import type { DecideContext } from '../plan/decide-context.ts';
import type { Decision } from '../plan/decision.ts';
import { creatingAll, serverlessContext } from '../plan/serverless.ts';
import { testsDeleted } from '../scan/pushdown.ts';
import { requireRule, selectAccounts } from './accounts.ts';
import { viewOfFile } from './file-view.ts';
import { filesFor } from './scope.ts';

/** Where the mail lies, and which rules look at it. */
export interface MailFilesRequest {
  readonly path: string;
  /** Default: the first account of the configuration. */
  readonly account?: string | undefined;
  /** The mailbox that the mail is taken to lie in; default INBOX. */
  readonly mailbox?: string | undefined;
  readonly rule?: string | undefined;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** One message with what the rules say about it. */
export interface FileDecision {
  readonly message: string;
  readonly decision: Decision;
}

/** The rules that look at the mail, and how to decide. */
export interface FileRules {
  readonly account: Account;
  readonly mailbox: MailboxName;
  readonly rules: readonly Rule[];
  readonly context: DecideContext;
  /** Gmail queries of the rules, which no file can answer. */
  readonly queries: readonly string[];
}

/** Decides message by message; only one is in memory at a time. Throws MAIL_FILE_UNREADABLE. */
export async function* planMail(
  config: Config,
  request: MailFilesRequest,
): AsyncGenerator<FileDecision> {
  const known = rulesForFiles(config, request);
  const { account, mailbox } = known;
  // As on a server: a message marked \Deleted concerns only the rules that ask about it.
  const deletedRules = known.rules.filter((rule) => testsDeleted([rule]));
  const forDeleted = indexRules(deletedRules);
  const forOthers = indexRules(known.rules);
  let uid = 0;
  for await (const file of openMailSource(request.path)) {
    request.signal.throwIfAborted();
    uid += 1;
    const ref: MessageRef = { account: account.id, mailbox, uidValidity: 1, uid };
    const view = viewOfFile(file, { ref, queries: known.queries });
    const isDeleted = hasFlag(file.flags, SYSTEM_FLAGS.deleted);
    if (view === null) {
      const isLookedAt = (isDeleted ? deletedRules : known.rules).length > 0;
      yield { message: file.name, decision: tooLarge(ref, isLookedAt) };
      continue;
    }
    const index = isDeleted ? forDeleted : forOthers;
    const deciding = decide(view, index.candidates(view), known.context);
    assert(deciding.kind === 'decided', 'a file has every fact that a rule can ask for');
    yield { message: file.name, decision: deciding };
  }
}

/** The rules of an account that look at a mailbox. Throws ACCOUNT_UNKNOWN or RULE_UNKNOWN. */
export function rulesForFiles(
  config: Config,
  request: Pick<MailFilesRequest, 'account' | 'mailbox' | 'rule' | 'nowMs'> & {
    /** Rules that are off too, to be told of. */
    readonly includeOff?: boolean;
  },
): FileRules {
  requireRule(config, request.rule);
  const [account] = selectAccounts(config, request.account);
  assert(account !== undefined, 'a configuration has an account');
  const mailbox = parseMailboxName(request.mailbox ?? 'INBOX');
  const isHere = (name: string): boolean => name.toLowerCase() === mailbox.toLowerCase();
  const rules = filesFor(config.ruleSet, account, { kind: 'all' })
    .filter(({ mailboxes }) =>
      mailboxes.some((ref) =>
        ref.kind === 'name'
          ? ref.name === mailbox
          : isHere(`\\${ref.role}`) || account.roles[ref.role] === mailbox,
      ),
    )
    .flatMap((file) => file.rules)
    .filter(({ enabled }) => enabled || request.includeOff === true)
    .filter(({ name }) => (request.rule ?? name) === name)
    .map(creatingAll);
  const { variables, roles, authServId } = account;
  return {
    account,
    mailbox,
    rules,
    context: serverlessContext({ nowMs: request.nowMs, variables, roles, authServId }),
    queries: rules
      .flatMap((rule) => predicateFields(rule.when))
      .flatMap((field) => (field.startsWith('gmail:') ? [field.slice('gmail:'.length)] : [])),
  };
}

/** Nobody waits for a message at which no rule looks. */
function tooLarge(ref: MessageRef, isLookedAt: boolean): Decision {
  const reason = 'the message is too large to be read';
  const parked = isLookedAt ? { rule: null, reason } : null;
  const nothing = { matched: [], flags: [], copies: [], creates: [], effects: [] };
  const empty = { ...nothing, observed: [], waiting: [] };
  return { kind: 'decided', view: { ref }, ...empty, move: null, expunge: null, parked };
}
