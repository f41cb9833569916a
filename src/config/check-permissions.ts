/** Actions that the configuration must allow by name, and what they need of an account. */
import type { Account } from '../accounts/account.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Action, RuleFile, RuleSet } from '../language/ast.ts';
import { type Permissions, whyForbidden } from '../language/permissions.ts';

/** An error for each action that is not allowed; rules that are off may say what they like. */
export function checkPermissions(
  ruleSet: RuleSet,
  allowed: Permissions,
  accounts: ReadonlyMap<string, Account>,
): readonly Diagnostic[] {
  return ruleSet.files.flatMap((file) =>
    file.rules
      .filter(({ enabled }) => enabled)
      .flatMap(({ actions }) => actions)
      .flatMap((action) => {
        const message = whyNot(action, { allowed, file, accounts });
        return message === undefined
          ? []
          : [
              {
                file: file.file,
                at: action.at,
                length: 1,
                severity: 'error',
                message,
                hint: 'what leaves the mailboxes, or is deleted for good, is off until you allow it',
              } satisfies Diagnostic,
            ];
      }),
  );
}

function whyNot(
  action: Action,
  given: { allowed: Permissions; file: RuleFile; accounts: ReadonlyMap<string, Account> },
): string | undefined {
  const { allowed, file, accounts } = given;
  if (action.kind === 'expunge') {
    return allowed.allowExpunge
      ? undefined
      : 'expunge: permanent needs safety.allowExpunge: true in mailwright.yaml';
  }
  if (action.kind !== 'external') return undefined;
  const why = whyForbidden(action.effect, allowed);
  if (why !== undefined || action.effect.kind !== 'forward') return why;
  const without = [...accounts.values()].find(
    ({ id, smtp }) => smtp === null && (file.accounts?.includes(id) ?? true),
  );
  return without === undefined
    ? undefined
    : `forwarding needs smtp: in mailwright.yaml, and account "${without.id}" has none`;
}
