/** The configuration as a checked value, defaults filled in. */
import type { Account } from '../accounts/account.ts';
import type { AccountId } from '../core/brand.ts';
import type { RuleSet } from '../language/ast.ts';

/** `safety:`: what one run may do before it asks. */
export interface Safety {
  readonly maxMessages: number;
  readonly maxPercent: number;
  /** The share is judged in mailboxes of at least this size: 100, or 0 when the owner set a share. */
  readonly percentFloor: number;
  readonly maxDeletes: number;
  readonly allowExpunge: boolean;
}

/** mailwright.yaml with its rule files. */
export interface Config {
  /** The path as it was given or found. */
  readonly file: string;
  readonly accounts: ReadonlyMap<AccountId, Account>;
  readonly ruleSet: RuleSet;
  /** Journal and bookmarks; absolute. */
  readonly stateDirectory: string;
  readonly safety: Safety;
}
