/** Rules that were read from another program as the text of a rule file. */

/** A rule to be written. */
export interface WrittenRule {
  /** Several rules may have the same; the later ones are numbered. */
  readonly name: string;
  readonly when: Readonly<Record<string, unknown>>;
  readonly then: readonly unknown[];
  /** Writes `continue: true`. */
  readonly goesOn?: boolean;
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

/** A value in the flow style of YAML, which JSON is; nothing in it can drive a terminal. */
function asYaml(value: unknown): string {
  return escapeUnprintable(JSON.stringify(value));
}

/** The text in JSON with `\u` for what a terminal would act on or YAML refuses. */
export function escapeUnprintable(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
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
