/** What a rule's own actions say against each other, or against where it stands. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { suggest } from '../../core/suggest.ts';
import { SNOOZE_MAILBOX } from '../action-schema.ts';
import { asCondition } from '../checked-file.ts';
import { asList } from '../operands.ts';
import { complain, isRelocation, nameOf, type RawRule } from './raw-rules.ts';

/** Checks the actions of each rule. */
export function checkActions(rules: readonly RawRule[]): readonly Diagnostic[] {
  return rules.flatMap((rule) => [
    ...relocationsOf(rule),
    ...inPlace(rule),
    ...contradictoryFlags(rule),
    ...twice(rule),
    ...listsOf(rule),
  ]);
}

function relocationsOf(rule: RawRule): readonly Diagnostic[] {
  const { file, then } = rule;
  const path = ['rules', rule.index, 'then'];
  const relocations = then.flatMap((action, at) => (isRelocation(action) ? [at] : []));
  const [, second] = relocations;
  const keep = then.indexOf('keep');
  return [
    ...(second === undefined
      ? []
      : [
          complain(file, [...path, second], {
            message: 'a message can go to one place only, and this rule moves it twice',
            hint: 'use copy for the other one',
          }),
        ]),
    ...(relocations.length > 0 && keep >= 0
      ? [
          complain(file, [...path, keep], {
            message: '"keep" says that the message stays, and this rule moves it',
            hint: 'take one of them out',
          }),
        ]
      : []),
  ];
}

function inPlace(rule: RawRule): readonly Diagnostic[] {
  return rule.then.flatMap((action, at) => {
    const { move, copy, snooze } = asCondition(action);
    const aside = snooze === undefined ? undefined : asCondition(snooze)['mailbox'];
    const target = move ?? copy ?? (snooze === undefined ? undefined : (aside ?? SNOOZE_MAILBOX));
    if (typeof target !== 'string' || target.includes('{{')) return [];
    if (!rule.mailboxes.every((mailbox) => mailbox === nameOf(target))) return [];
    return [
      complain(rule.file, ['rules', rule.index, 'then', at], {
        message: `the destination "${target}" is the mailbox that the rule looks at`,
        hint: 'name another mailbox, or use keep to leave the message there',
      }),
    ];
  });
}

const FLAG_WORDS: Readonly<Record<string, string>> = {
  mark_read: '+seen',
  mark_unread: '-seen',
  star: '+flagged',
  unstar: '-flagged',
};

/** `+seen` and `-seen` and their kin, labels too. */
function changesOf(action: unknown): readonly string[] {
  if (typeof action === 'string') {
    const change = FLAG_WORDS[action];
    return change === undefined ? [] : [change];
  }
  const { flag, unflag, label, unlabel } = asCondition(action);
  const names = (value: unknown, sign: string): readonly string[] =>
    asList<unknown>(value).map((name) => `${sign}${String(name).toLowerCase()}`);
  return [
    ...names(flag, '+'),
    ...names(unflag, '-'),
    ...names(label, '+label '),
    ...names(unlabel, '-label '),
  ];
}

function contradictoryFlags(rule: RawRule): readonly Diagnostic[] {
  const seen = new Set<string>();
  return rule.then.flatMap((action, at) => {
    const changes = changesOf(action);
    const opposite = changes.find((change) =>
      seen.has(`${change.startsWith('+') ? '-' : '+'}${change.slice(1)}`),
    );
    for (const change of changes) seen.add(change);
    if (opposite === undefined) return [];
    return [
      complain(rule.file, ['rules', rule.index, 'then', at], {
        severity: 'warning',
        message: `this rule sets "${opposite.slice(1)}" and takes it off; the last one wins`,
        hint: 'take one of them out',
      }),
    ];
  });
}

/** A list that a rule changes is a file of its own. */
function listsOf(rule: RawRule): readonly Diagnostic[] {
  const lists = asCondition(asCondition(rule.file.value)['lists']);
  return rule.then.flatMap((action, at) => {
    const { add_to, remove_from } = asCondition(action);
    const key = add_to === undefined ? 'remove_from' : 'add_to';
    const change = add_to ?? remove_from;
    const name = typeof change === 'string' ? change : asCondition(change)['list'];
    if (typeof name !== 'string' || typeof lists[name] === 'string') return [];
    const isInline = Object.hasOwn(lists, name);
    const near = suggest(name, Object.keys(lists));
    return [
      complain(rule.file, ['rules', rule.index, 'then', at, key], {
        message: isInline
          ? `the list "${name}" is written in this file, and a rule cannot change that`
          : `there is no list "${name}" in this file`,
        hint: isInline
          ? `give it a file of its own: lists: { ${name}: ${name}.txt }`
          : near === undefined
            ? `declare it: lists: { ${name}: ${name}.txt }`
            : `did you mean "${near}"?`,
      }),
    ];
  });
}

/** The same thing twice: harmless, and surely not meant. */
function twice(rule: RawRule): readonly Diagnostic[] {
  const seen = new Set<string>();
  return rule.then.flatMap((action, at) => {
    const text = JSON.stringify(action);
    if (!seen.has(text) || isRelocation(action)) {
      seen.add(text);
      return [];
    }
    return [
      complain(rule.file, ['rules', rule.index, 'then', at], {
        severity: 'warning',
        message: 'this rule has said that already',
        hint: 'take one of them out',
      }),
    ];
  });
}
