/** Which accounts a command is about, and how one account's failure leaves the others alone. */
import type { Account } from '../accounts/account.ts';
import type { Config } from '../config/config.ts';
import { AppError, isAppError } from '../core/app-error.ts';
import type { AccountFailure } from './report.ts';

/** The accounts of the configuration, or the named one. Throws ACCOUNT_UNKNOWN. */
export function selectAccounts(config: Config, name: string | undefined): readonly Account[] {
  const all = [...config.accounts.values()];
  if (name === undefined) return all;
  const chosen = all.filter((account) => account.id === name);
  if (chosen.length > 0) return chosen;
  throw new AppError('ACCOUNT_UNKNOWN', `there is no account "${name}" in ${config.file}`, {
    account: name,
    known: all.map((account) => account.id),
  });
}

/** Throws RULE_UNKNOWN unless some rule file has a rule of this name. */
export function requireRule(config: Config, name: string | undefined): void {
  if (name === undefined) return;
  const known = config.ruleSet.files.flatMap((file) => file.rules.map((rule) => rule.name));
  if (known.includes(name)) return;
  throw new AppError('RULE_UNKNOWN', `there is no rule "${name}"`, { rule: name, known });
}

/**
 * Takes an error as the failure of this account alone. What concerns every account (a limit, an
 * interruption, the journal, a bug) is thrown on.
 */
export function failureOf(account: Account, error: unknown): AccountFailure {
  if (!isAppError(error)) throw error;
  switch (error.code) {
    case 'LIMIT_EXCEEDED':
    case 'INTERRUPTED':
    case 'JOURNAL_UNAVAILABLE':
    case 'NOT_CONFIRMED':
    case 'WRONG_STATE':
    case 'WRITE_FORBIDDEN':
    case 'BUG':
      throw error;
    default:
      return { kind: 'failed', account: account.id, error };
  }
}
