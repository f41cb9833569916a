/**
 * Rules → a Sieve script (RFC 5228). A rule whose meaning Sieve cannot say is left out whole and
 * reported; nothing is approximated without a remark.
 */
import type { Position } from '../core/diagnostic.ts';
import type { Rule, RuleFile, RuleSet } from '../language/ast.ts';
import { flagKey } from '../mail/flags.ts';
import { indent } from './said.ts';
import { type SaidActions, sayActions } from './say-actions.ts';
import { sayPredicate } from './say-condition.ts';
import { type SaidRule, writeScript } from './write-script.ts';

/** Something that the script does not say, or says a little differently. */
export interface SieveLoss {
  /** `lost`: the rule is not in the script. `differs`: it is, with this difference. */
  readonly severity: 'lost' | 'differs';
  readonly file: string;
  readonly at: Position;
  readonly rule: string;
  readonly reason: string;
}

/** The script and everything that is to be known about it. */
export interface SieveExport {
  readonly script: string;
  readonly losses: readonly SieveLoss[];
}

/** Which rules are exported. */
export interface SieveSelection {
  /** Leaves files of other accounts out. */
  readonly account?: string;
  readonly rule?: string;
  readonly file?: string;
}

/** Exports the enabled rules, in the order in which they run. Never throws for a checked rule set. */
export function exportSieve(ruleSet: RuleSet, selection: SieveSelection = {}): SieveExport {
  const losses: SieveLoss[] = [];
  const exported: SaidRule[] = [];
  const changedFlags = new Set<string>();
  for (const file of ruleSet.files.filter((each) => isSelected(each, selection))) {
    const problem = whyNotAtDelivery(file);
    for (const rule of file.rules) {
      if (!rule.enabled || rule.mode === 'observe') continue;
      if (selection.rule !== undefined && rule.name !== selection.rule) continue;
      const report = (severity: SieveLoss['severity'], reason: string): void => {
        losses.push({ severity, file: rule.file, at: rule.at, rule: rule.name, reason });
      };
      const result = problem ?? sayRule(rule, changedFlags);
      if (typeof result === 'string') {
        const ending = problem === undefined && endsSomething(rule);
        report('lost', ending ? `${result}; later rules see its messages` : result);
        continue;
      }
      for (const remark of [...remarksOn(file, selection), ...result.remarks]) {
        report('differs', remark);
      }
      for (const { flag } of result.actions.flags) changedFlags.add(flagKey(flag));
      exported.push(result);
    }
  }
  return { script: writeScript(exported), losses };
}

/** One line about a loss: where, what, why. */
export function describeLoss(loss: SieveLoss): string {
  const { file, at, severity, rule, reason } = loss;
  const word = severity === 'lost' ? 'not exported' : 'differs';
  return `${file}:${at.line}: ${word}: ${rule}\n${indent(reason)}`;
}

function isSelected(file: RuleFile, { account, file: path }: SieveSelection): boolean {
  if (path !== undefined && file.file !== path) return false;
  return account === undefined || file.accounts === null || file.accounts.includes(account);
}

/** Sieve sees mail once, as it arrives in INBOX. */
function whyNotAtDelivery(file: RuleFile): string | undefined {
  if (!isForInbox(file))
    return 'its file looks at other mailboxes; Sieve sees mail on its way to INBOX';
  return file.triggers.some(({ kind }) => kind === 'arrival')
    ? undefined
    : 'its file runs by schedule; Sieve runs as mail arrives';
}

function isForInbox({ mailboxes }: RuleFile): boolean {
  return mailboxes.some((each) => each.kind === 'name' && each.name === 'INBOX');
}

function remarksOn(file: RuleFile, selection: SieveSelection): readonly string[] {
  return [
    ...(file.mailboxes.length > 1 ? ['its other mailboxes are out of the reach of Sieve'] : []),
    ...(file.triggers.some(({ kind }) => kind === 'schedule')
      ? ['its schedule is out of the reach of Sieve']
      : []),
    ...(file.accounts !== null && selection.account === undefined
      ? [`it is for ${file.accounts.join(', ')} only; --account exports for one account`]
      : []),
  ];
}

function endsSomething(rule: Rule): boolean {
  return rule.actions.some(({ kind }) => kind === 'move' || kind === 'keep' || kind === 'stop');
}

function sayRule(
  rule: Rule,
  changedFlags: ReadonlySet<string>,
): (SaidRule & { readonly remarks: readonly string[] }) | string {
  if (rule.waitMs !== null) return 'it waits; Sieve decides as mail arrives, and never again';
  const condition = sayPredicate(rule.when, { changedFlags });
  if (condition.kind === 'lost') return condition.reason;
  const actions: SaidActions | string = sayActions(rule);
  if (typeof actions === 'string') return actions;
  return {
    name: rule.name,
    origin: `${rule.file}:${rule.at.line}`,
    test: condition.text,
    requires: [...condition.requires, ...actions.requires],
    continues: rule.continues,
    actions,
    remarks: [...new Set([...condition.remarks, ...actions.remarks])],
  };
}
