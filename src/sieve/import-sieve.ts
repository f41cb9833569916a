/**
 * A Sieve script → a rule file. What the rule language cannot say with the same meaning is left out
 * and reported with its line.
 */

import type { ImportLoss } from '../core/import-loss.ts';
import { ALWAYS, type WrittenRule, writeRuleFile } from '../language/write-rule-file.ts';
import type { ConditionMapping } from './condition-mapping.ts';
import type { SieveError } from './lex-sieve.ts';
import { parseSieve, type SieveCommand } from './parse-sieve.ts';
import { type Filing, type ReadActions, readActions } from './read-actions.ts';
import { readTest } from './read-test.ts';

/** A rule file as YAML, or where the script breaks. */
export type SieveImport =
  | {
      readonly kind: 'ok';
      /** Null where no rule is left. */
      readonly yaml: string | null;
      readonly losses: readonly ImportLoss[];
    }
  | SieveError;

/** Imports a script. */
export function importSieve(script: string): SieveImport {
  const parsed = parseSieve(script);
  if (parsed.kind === 'error') return parsed;
  const draft: Draft = { rules: [], losses: [], flagsChanged: false };
  // Both give "${…}" in any string a meaning.
  const rewriting = ['variables', 'encoded-character'].find((extension) =>
    hasRequire(parsed.commands, extension),
  );
  if (rewriting !== undefined) {
    const loss = { severity: 'lost', line: 1, reason: `it requires "${rewriting}"` } as const;
    return { kind: 'ok', yaml: null, losses: [loss] };
  }
  walk(parsed.commands, [], draft);
  reportOrder(draft);
  const rules = draft.rules.flatMap((rule, index) =>
    ruleToWrite(rule, index === draft.rules.length - 1),
  );
  return {
    kind: 'ok',
    yaml: writeRuleFile(rules),
    losses: draft.losses.sort((a, b) => a.line - b.line),
  };
}

interface ImportedRule {
  readonly line: number;
  readonly when: readonly ConditionMapping[];
  readonly actions: ReadActions;
}

interface Draft {
  readonly rules: ImportedRule[];
  readonly losses: ImportLoss[];
  /** Commands so far may have changed flags. */
  flagsChanged: boolean;
}

function hasRequire(commands: readonly SieveCommand[], extension: string): boolean {
  return commands.some(
    ({ name, args }) =>
      name === 'require' &&
      args.some((arg) => arg.kind === 'strings' && arg.texts.includes(extension)),
  );
}

/** Commands one after the other: stretches of actions become rules, `if` narrows what is inside. */
function walk(
  commands: readonly SieveCommand[],
  guards: readonly ConditionMapping[],
  draft: Draft,
): void {
  let stretch: SieveCommand[] = [];
  const flush = (): void => {
    addRule(stretch, guards, draft);
    stretch = [];
  };
  let before: readonly ConditionMapping[] | null = [];
  for (const command of commands) {
    if (command.name === 'require') continue;
    if (!/^(?:if|elsif|else)$/.test(command.name)) {
      stretch.push(command);
      continue;
    }
    flush();
    if (command.name === 'if') before = [];
    before = walkBranch(command, { guards, before, draft });
  }
  flush();
}

/** One branch of an `if`; gives the tests that a later branch knows to be false. */
function walkBranch(
  command: SieveCommand,
  at: {
    readonly guards: readonly ConditionMapping[];
    readonly before: readonly ConditionMapping[] | null;
    readonly draft: Draft;
  },
): readonly ConditionMapping[] | null {
  const { guards, before, draft } = at;
  const lose = (reason: string): null => {
    const ending = endsSomewhere(command) ? '; later rules see its messages' : '';
    if (changesFlags(command)) draft.flagsChanged = true;
    draft.losses.push({ severity: 'lost', line: command.line, reason: reason + ending });
    return null;
  };
  if (before === null) return lose('it follows a test that cannot be said');
  const [test] = command.tests;
  const condition =
    command.name === 'else' || test === undefined ? null : readTest(test, draft.flagsChanged);
  if (typeof condition === 'string') return lose(condition);
  const own = condition === null ? [] : [condition];
  const others = before.map((each) => ({ not: each }));
  walk(command.block ?? [], [...guards, ...others, ...own], draft);
  return [...before, ...own];
}

function addRule(
  commands: readonly SieveCommand[],
  guards: readonly ConditionMapping[],
  draft: Draft,
): void {
  const [first] = commands;
  if (first === undefined) return;
  const actions = readActions(commands);
  if (commands.some(changesFlags)) draft.flagsChanged = true;
  if ('reason' in actions) {
    const ending = commands.some(({ name }) => name === 'stop' || name === 'discard');
    const reason = `${actions.reason}${ending ? '; later rules see its messages' : ''}`;
    draft.losses.push({ severity: 'lost', line: actions.line, reason });
    return;
  }
  draft.rules.push({ line: first.line, when: guards, actions });
}

function endsSomewhere({ block }: SieveCommand): boolean {
  return (block ?? []).some(
    (command) => /^(?:stop|discard|fileinto)$/.test(command.name) || endsSomewhere(command),
  );
}

function changesFlags({ name, block }: SieveCommand): boolean {
  return /flag$/.test(name) || (block ?? []).some(changesFlags);
}

/** Where filing twice, keeping without a stop, or late flags come out otherwise. */
function reportOrder({ rules, losses }: Draft): void {
  for (const [index, { line, actions }] of rules.entries()) {
    const later = rules.slice(index + 1);
    const differ = (reason: string): void => {
      losses.push({ severity: 'differs', line, reason });
    };
    if (actions.flagsLate) differ('flags that are set after filing are set on what was filed, too');
    if (actions.stops) continue;
    const files = actions.copies.length > 0 || actions.move !== null;
    if (files && later.some((rule) => rule.actions.flags.length > 0)) {
      differ('flags that later rules set are set on what was filed here, too');
    }
    const moves = later.some((rule) => rule.actions.move !== null || rule.actions.keeps);
    if (actions.move !== null && moves) {
      differ('only the first rule that moves a message does; Sieve would file it again');
    }
    if (actions.keeps && later.some((rule) => rule.actions.move !== null)) {
      differ('a later rule may move the message; Sieve would leave one in INBOX as well');
    }
  }
}

function ruleToWrite(rule: ImportedRule, isLast: boolean): readonly WrittenRule[] {
  const { when, actions } = rule;
  const { flags, copies, move, stops } = actions;
  const then: unknown[] = [
    ...flags,
    ...copies.map((copy) => filing('copy', copy)),
    ...(move === null ? [] : [filing('move', move)]),
    ...(stops && move === null ? ['stop'] : []),
  ];
  // Nothing to do, but a rule has to say something; to end with the last rule changes nothing.
  if (then.length === 0) return [];
  const [only = ALWAYS] = when;
  return [
    {
      name: `Sieve line ${rule.line}`,
      when: when.length > 1 ? { all: when } : only,
      then,
      goesOn: move !== null && !stops && !isLast,
    },
  ];
}

function filing(word: 'copy' | 'move', { mailbox, create }: Filing): unknown {
  return create ? { [word]: mailbox, create } : { [word]: mailbox };
}
