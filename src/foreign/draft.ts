/**
 * What an import gathers: rules, and what got lost with its line. Nothing is guessed: a filter whose
 * condition cannot be said is left out, never widened.
 */
import type { Diagnostic } from '../core/diagnostic.ts';
import { escapeUnprintable } from '../core/escape-unprintable.ts';
import type { ImportLoss } from '../core/import-loss.ts';
import { type WrittenRule, writeRuleFile } from '../language/write-rule-file.ts';
import { whyInvalid } from '../mail/mailbox-name.ts';

/** A rule file as YAML with what it lacks, or everything that is wrong with the file. */
export type ForeignImport =
  | {
      readonly kind: 'ok';
      /** Null where no rule is left. */
      readonly yaml: string | null;
      readonly losses: readonly ImportLoss[];
    }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] };

/** An import under way. */
export interface Draft {
  readonly rules: WrittenRule[];
  readonly losses: ImportLoss[];
}

/** Nobody nests conditions so deep; a rule file would be refused for much more. */
export const MAX_DEPTH = 20;

/** Takes down what is left out. Gives null, to stand for the rule that is not there. */
export function lose(draft: Draft, line: number, reason: string): null {
  draft.losses.push({ severity: 'lost', line, reason });
  return null;
}

/** Takes down what is imported with a difference. */
export function differ(draft: Draft, line: number, reason: string): void {
  draft.losses.push({ severity: 'differs', line, reason });
}

/** Writes what has been gathered, losses in the order of their lines. */
export function finishDraft(draft: Draft, mailboxes?: readonly string[]): ForeignImport {
  return {
    kind: 'ok',
    yaml: writeRuleFile(draft.rules, mailboxes),
    losses: [...draft.losses].sort((a, b) => a.line - b.line),
  };
}

/** A text of the file in quotes, short and harmless for a terminal. */
export function quoted(text: string): string {
  return escapeUnprintable(JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text));
}

/** Says why a mailbox name cannot stand in a rule, or undefined when it can. */
export function whyNoMailbox(name: string): string | undefined {
  const why = whyInvalid(name);
  if (why !== undefined) return `the mailbox name ${quoted(name)}: ${why}`;
  return /\{\{|\}\}|^\\/.test(name)
    ? `the mailbox name ${quoted(name)}: in a rule it would mean something else`
    : undefined;
}

/** An error at a place of the file. */
export function invalidAt(
  file: string,
  at: Diagnostic['at'],
  problem: { readonly message: string; readonly hint: string },
): { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] } {
  return { kind: 'invalid', diagnostics: [{ file, at, length: 1, severity: 'error', ...problem }] };
}
