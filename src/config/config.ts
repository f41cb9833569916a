/** The configuration as a checked value, defaults filled in. */
import type { Account, CredentialSource } from '../accounts/account.ts';
import type { AccountId } from '../core/brand.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { RuleSet } from '../language/ast.ts';
import type { Permissions } from '../language/permissions.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';

/** `safety:`: what one run may do before it asks. */
export interface Safety {
  readonly maxMessages: number;
  readonly maxPercent: number;
  /** The share is judged in mailboxes of at least this size: 100, or 0 when the owner set a share. */
  readonly percentFloor: number;
  readonly maxDeletes: number;
  readonly maxCreates: number;
}

/** `backend:`. */
export type Backend =
  | { readonly kind: 'embedded' }
  | {
      readonly kind: 'redis';
      readonly url: string;
      readonly prefix: string;
      readonly password: CredentialSource | null;
    };

/** mailwright.yaml with its rule files. */
export interface Config {
  /** The path as it was given or found. */
  readonly file: string;
  readonly accounts: ReadonlyMap<AccountId, Account>;
  readonly ruleSet: RuleSet;
  /** Journal and bookmarks; absolute. */
  readonly stateDirectory: string;
  /** Where the journal is kept. */
  readonly backend: Backend;
  /** `journal.keep`: how long the details of a run are kept, in milliseconds. */
  readonly keepRunsMs: number;
  readonly safety: Safety;
  /** `safety.holdDeletes`: where deletions are held, and how long in milliseconds; null: nowhere. */
  readonly holding: { readonly mailbox: MailboxName; readonly forMs: number } | null;
  /** What rules may do outside the mailboxes. */
  readonly permissions: Permissions;
  /** The directory of the configuration; absolute. */
  readonly directory: string;
  /** The path of a list that a rule file names; absolute. */
  listPath(path: string, fromFile: string): string;
  /** The rules with their list files read anew, where one of those has changed. */
  rereadLists(): Promise<RereadLists>;
  /** This file and the rule files, and the directories where another could appear; absolute. */
  readonly sources: readonly string[];
  /** Reads everything anew. */
  reread(): Promise<RereadConfig>;
  /** `monitor.listen`: where health and metrics are served; null: nowhere. */
  readonly monitor: { readonly host: string; readonly port: number } | null;
  /** How long running jobs may take to end after a signal. */
  readonly stopGraceMs: number;
}

/** What reading everything again gave; what is invalid leaves the old configuration as it is. */
export type RereadConfig =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'changed';
      readonly config: Config;
      readonly warnings: readonly Diagnostic[];
      readonly texts: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'invalid';
      readonly diagnostics: readonly Diagnostic[];
      readonly texts: ReadonlyMap<string, string>;
    };

/** What reading the list files again gave; what is invalid leaves the rules as they are. */
export type RereadLists =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly ruleSet: RuleSet }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] };

/** The variables of an account by name; those of the first account for null. */
export function variablesIn(
  config: Config,
): (account: string | null) => Readonly<Record<string, string>> {
  return (name) => {
    const accounts = [...config.accounts.values()];
    const account = name === null ? accounts[0] : accounts.find(({ id }) => id === name);
    return account?.variables ?? {};
  };
}
