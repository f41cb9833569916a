/** Rules that were read from another program, or thought of by this one, as the text of a rule file. */
import { escapeUnprintable } from '../core/escape-unprintable.ts';

/** A rule to be written. */
export interface WrittenRule {
  /** Several rules may have the same; the later ones are numbered. */
  readonly name: string;
  readonly when: Readonly<Record<string, unknown>>;
  readonly then: readonly unknown[];
  /** Writes `continue: true`. */
  readonly goesOn?: boolean;
  /** One line above it. */
  readonly comment?: string;
  /** False writes `enabled: false`. */
  readonly enabled?: boolean;
}

/** A condition that holds for every message, since none is empty. */
export const ALWAYS = { size: { over: 0 } } as const;

/** Writes a rule file for these mailboxes; null where there is no rule, since no file may be so. */
export function writeRuleFile(
  rules: readonly WrittenRule[],
  mailboxes: readonly string[] = ['INBOX'],
): string | null {
  if (rules.length === 0) return null;
  const [only = 'INBOX'] = mailboxes;
  const one = only === 'INBOX' ? only : asYaml(only);
  const mailbox = mailboxes.length > 1 ? asYaml(mailboxes) : one;
  const names = uniqueNames(rules);
  const written = rules.map((rule, index) =>
    [
      ...(rule.comment === undefined ? [] : [`  # ${oneLine(rule.comment)}`]),
      `  - name: ${asYaml(names[index])}`,
      ...(rule.enabled === false ? ['    enabled: false'] : []),
      `    when: ${asYaml(rule.when)}`,
      `    then: ${asYaml(rule.then)}`,
      ...(rule.goesOn === true ? ['    continue: true'] : []),
      '',
    ].join('\n'),
  );
  return `mailbox: ${mailbox}\nrules:\n${written.join('')}`;
}

/** A comment ends with its line, and drives no terminal either. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** A value in the flow style of YAML, which JSON is; nothing in it can drive a terminal. */
function asYaml(value: unknown): string {
  return escapeUnprintable(JSON.stringify(value));
}

function uniqueNames(rules: readonly WrittenRule[]): readonly string[] {
  const counts = new Map<string, number>();
  const taken = new Set(rules.map(({ name }) => name));
  return rules.map(({ name }) => {
    let count = (counts.get(name) ?? 0) + 1;
    while (count > 1 && taken.has(`${name}, ${count}`)) count++;
    counts.set(name, count);
    return count === 1 ? name : `${name}, ${count}`;
  });
}
