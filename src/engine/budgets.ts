/** The budgets of all accounts, and the file by which a restart remembers the bytes of the day. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '../accounts/account.ts';
import type { AccountId } from '../core/brand.ts';
import type { Clock } from '../core/clock.ts';
import { type Budget, type ByteLedger, createBudget } from '../imap/budget.ts';

/** Bytes are written down at most this often; a crash forgets what came since. */
const SAVE_EVERY_MS = 5000;
const FILE = 'bytes-today.json';

/** Budgets by account. */
export interface Budgets {
  /** The one budget of an account; a new one where its limits have changed. */
  of(account: Account): Budget;
  /** Writes down what was counted. */
  close(): void;
}

/** What budgets are made of. */
export interface BudgetsOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The state directory; null where nothing may be written: the count is then of this process. */
  readonly directory: string | null;
}

/** Reads the count of the day. */
export function openBudgets(options: BudgetsOptions): Budgets {
  const { clock, signal } = options;
  const budgets = new Map<AccountId, { readonly said: string; readonly budget: Budget }>();
  const ledger = openLedger(options);
  return {
    of: (account) => {
      const { id, limits } = account;
      const said = JSON.stringify(limits);
      const known = budgets.get(id);
      if (known?.said === said) return known.budget;
      const budget = createBudget({ account: id, limits, clock, signal, ledger });
      budgets.set(id, { said, budget });
      return budget;
    },
    close: () => ledger.save(),
  };
}

/** Counts of one day; another day begins with nothing. */
function openLedger({ clock, directory }: BudgetsOptions): ByteLedger & { save(): void } {
  const path = directory === null ? null : join(directory, FILE);
  let { day, bytes } = readCount(path);
  let savedMs = clock.nowMs();
  let isDirty = false;
  const save = (): void => {
    if (!isDirty || path === null || directory === null) return;
    isDirty = false;
    savedMs = clock.nowMs();
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, JSON.stringify({ day, bytes: Object.fromEntries(bytes) }), {
      mode: 0o600,
    });
    renameSync(`${path}.new`, path);
  };
  return {
    used: (account, today) => (day === today ? (bytes.get(account) ?? 0) : 0),
    add: (account, today, count) => {
      if (day !== today) [day, bytes] = [today, new Map()];
      bytes.set(account, (bytes.get(account) ?? 0) + count);
      isDirty = true;
      if (Math.abs(clock.nowMs() - savedMs) >= SAVE_EVERY_MS) save();
    },
    save,
  };
}

/** A file that is away or damaged counts as nothing: it holds no more than today's allowance. */
function readCount(path: string | null): { day: string; bytes: Map<string, number> } {
  const nothing = { day: '', bytes: new Map<string, number>() };
  if (path === null) return nothing;
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof read !== 'object' || read === null || !('day' in read) || !('bytes' in read)) {
      return nothing;
    }
    const { day, bytes } = read;
    if (typeof day !== 'string' || typeof bytes !== 'object' || bytes === null) return nothing;
    const counts = Object.entries(bytes).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= 0,
    );
    return { day, bytes: new Map(counts) };
  } catch (error) {
    if (error instanceof Error) return nothing;
    throw error;
  }
}
