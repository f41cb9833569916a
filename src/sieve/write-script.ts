/**
 * Tests and actions → the text of a script. Where a later rule may still change flags after a copy
 * or a relocation, filing waits for the end of the script: Sieve files with the flags of the moment
 * (RFC 5232 §5), our rules with the last word on them.
 */
import { indent, quote, quoteList } from './said.ts';
import type { SaidActions } from './say-actions.ts';

/** One rule, ready to be written. */
export interface SaidRule {
  readonly name: string;
  /** `rules/a.yaml:12`, for the comment above it. */
  readonly origin: string;
  readonly test: string;
  readonly requires: readonly string[];
  readonly continues: boolean;
  readonly actions: SaidActions;
}

/** Writes the script. */
export function writeScript(rules: readonly SaidRule[]): string {
  const deferred = needsDeferring(rules);
  const requires = new Set(rules.flatMap((rule) => rule.requires));
  if (deferred) requires.add('variables');
  const blocks = [
    '# Made from rule files by mailwright; edit those.',
    ...(requires.size === 0 ? [] : [`require ${quoteList([...requires].sort())};`]),
    ...rules.map((rule, index) => (deferred ? writeDeferred(rule, index) : writeDirect(rule))),
    ...(deferred ? writeFilings(rules) : []),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** A rule filed and went on, and a later one may change flags or file again. */
function needsDeferring(rules: readonly SaidRule[]): boolean {
  let copied = false;
  let moved = false;
  for (const { actions } of rules) {
    if (actions.flags.length > 0 && (copied || moved)) return true;
    if (actions.move !== null && moved) return true;
    if (actions.ends) continue;
    if (actions.copies.length > 0) copied = true;
    if (actions.move !== null) moved = true;
  }
  return false;
}

function writeDirect({ actions, ...rule }: SaidRule): string {
  return writeIf(rule, rule.test, [
    ...flagCommands(actions),
    ...actions.copies,
    ...(actions.move?.command == null ? [] : [actions.move.command]),
    ...(actions.ends ? ['stop;'] : []),
  ]);
}

function writeDeferred({ actions, ...rule }: SaidRule, index: number): string {
  const { copies, move } = actions;
  const stop = 'set "ended" "yes";';
  const relocate = `if string :is "\${moved}" "" {\n  set "moved" "${index + 1}";\n}`;
  const test = `allof (\n${indent(`string :is "\${ended}" "",\n${plain(rule.test)}`)}\n)`;
  const secondTime = rule.continues && !actions.ends ? ` else {\n  ${stop}\n}` : '';
  return writeIf(rule, test, [
    ...flagCommands(actions).map(plain),
    ...(copies.length === 0 ? [] : [`set "copied_${index + 1}" "yes";`]),
    ...(move === null ? [] : [relocate + secondTime]),
    ...(actions.ends ? [stop] : []),
  ]);
}

/** What the rules left to be filed: copies first, then the one relocation. */
function writeFilings(rules: readonly SaidRule[]): readonly string[] {
  const file = (on: string, commands: readonly string[]): string =>
    `if string :is ${on} {\n${indent(commands.map(plain).join('\n'))}\n}`;
  const copies = rules.flatMap(({ actions }, index) =>
    actions.copies.length === 0 ? [] : [file(`"\${copied_${index + 1}}" "yes"`, actions.copies)],
  );
  const moves = rules.flatMap(({ actions }, index) =>
    actions.move?.command == null
      ? []
      : [file(`"\${moved}" "${index + 1}"`, [actions.move.command])],
  );
  return [...copies, ...moves];
}

function writeIf(
  rule: { readonly name: string; readonly origin: string },
  test: string,
  commands: readonly string[],
): string {
  // A comment ends with its line (RFC 5228 §2.3).
  // biome-ignore lint/suspicious/noControlCharactersInRegex: line ends are control characters
  const title = `# ${rule.name} (${rule.origin})`.replaceAll(/[\u0000-\u001f]+/g, ' ');
  return `${title}\nif ${test} {\n${indent(commands.join('\n'))}\n}`;
}

function flagCommands({ flags }: SaidActions): readonly string[] {
  return flags.map(({ word, flag }) => `${word} ${quote(flag)};`);
}

/** Keeps `${…}` of a rule from being read as a variable (RFC 5229 §3): no variable is "none". */
function plain(text: string): string {
  return text.replaceAll(/\$(?=\{)/g, () => `$\${none}`);
}
