/** Rules that mean something else at a provider than elsewhere. */
import type { Account } from '../accounts/account.ts';
import { presetOf } from '../accounts/provider-presets.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { RuleFile, RuleSet } from '../language/ast.ts';

/** A warning for each rule that is on; rules run as they stand all the same. */
export function warnOfProviders(
  ruleSet: RuleSet,
  accounts: ReadonlyMap<string, Account>,
): readonly Diagnostic[] {
  return ruleSet.files.flatMap((file) => {
    const labelled = withLabels(file, accounts);
    if (labelled === undefined || isInBins(file)) return [];
    return file.rules
      .filter(({ enabled }) => enabled)
      .flatMap(({ actions }) => actions.filter(({ kind }) => kind === 'expunge'))
      .map(
        ({ at }): Diagnostic => ({
          file: file.file,
          at,
          length: 1,
          severity: 'warning',
          message: `on account "${labelled.id}" this only takes a label away; the message stays in All Mail`,
          hint: 'use trash, or expunge in the mailbox "\\\\Trash" (docs/providers.md#gmail)',
        }),
      );
  });
}

function withLabels(file: RuleFile, accounts: ReadonlyMap<string, Account>): Account | undefined {
  return [...accounts.values()].find(
    ({ id, provider }) =>
      (file.accounts?.includes(id) ?? true) &&
      provider !== undefined &&
      presetOf(provider).quirks.labels,
  );
}

/** There EXPUNGE deletes. */
function isInBins({ mailboxes }: RuleFile): boolean {
  return mailboxes.every((ref) => ref.kind === 'role' && ['trash', 'junk'].includes(ref.role));
}
