/** What is declared and never used, names that were meant to be lists, and patterns that match all. */
import type { Diagnostic, DocumentPath, SourceDocument } from '../../core/diagnostic.ts';
import { suggest } from '../../core/suggest.ts';
import { asCondition, usedNames } from '../checked-file.ts';
import { asList } from '../operands.ts';
import { compileRegex, whyInvalidRegex } from '../pattern.ts';
import { complain, entries } from './raw-rules.ts';

/** Warnings about lists, named conditions and needles of one file. */
export function checkNeedless(
  document: SourceDocument,
  brokenLists: ReadonlySet<string>,
): readonly Diagnostic[] {
  const root = asCondition(document.value);
  const lists = Object.keys(asCondition(root['lists']));
  const named = asCondition(root['conditions']);
  const texts = textsIn(document.value, []);
  const used = new Set(texts.filter(({ key }) => LIST_KEYS.has(key)).map(({ text }) => text));
  const usedConditions = new Set([
    ...entries(root['rules']).flatMap(([, rule]) => usedNames(asCondition(rule)['when'])),
    ...Object.values(named).flatMap(usedNames),
  ]);
  const wrongLists = texts.flatMap((each) => misspelled(document, each, lists));
  // What is not found under its name may be the very one that seems unused.
  const isSpelled = [...usedConditions].every((name) => Object.hasOwn(named, name));
  return [
    ...lists
      .filter((name) => wrongLists.length === 0 && !used.has(name) && !brokenLists.has(name))
      .map((name) => unused(document, ['lists', name], `the list "${name}"`)),
    ...Object.keys(named)
      .filter((name) => isSpelled && !usedConditions.has(name))
      .map((name) => unused(document, ['conditions', name], `the condition "${name}"`)),
    ...wrongLists,
    ...texts.flatMap((each) => unsafe(document, each)),
  ];
}

const LIST_KEYS = new Set(['in', 'add_to', 'remove_from', 'list']);

interface Text {
  /** The key under which it stands, in a list or not. */
  readonly key: string;
  readonly text: string;
  readonly path: DocumentPath;
}

/** Every text of conditions and actions with its key. */
function textsIn(value: unknown, path: DocumentPath): readonly Text[] {
  if (Array.isArray(value)) {
    return value.flatMap((each, index) => textsIn(each, [...path, index]));
  }
  if (typeof value === 'string') {
    const key = [...path].reverse().find((step): step is string => typeof step === 'string');
    return key === undefined ? [] : [{ key, text: value, path }];
  }
  return Object.entries(asCondition(value)).flatMap(([key, inner]) =>
    path.length === 0 && (key === 'tests' || key === 'lists') ? [] : textsIn(inner, [...path, key]),
  );
}

function unused(document: SourceDocument, path: DocumentPath, what: string): Diagnostic {
  return complain(document, path, {
    severity: 'warning',
    part: 'key',
    message: `nothing uses ${what}`,
    hint: 'take it out, or use it',
  });
}

/** A value in `in:` stands for itself unless a list has that name; one letter off is no accident. */
function misspelled(
  document: SourceDocument,
  { key, text, path }: Text,
  lists: readonly string[],
): readonly Diagnostic[] {
  if (key !== 'in' || lists.includes(text) || text.includes('@')) return [];
  const near = suggest(text, lists);
  if (near === undefined) return [];
  return [
    complain(document, path, {
      severity: 'warning',
      message: `there is no list "${text}", so this is the text itself`,
      hint: `did you mean "${near}"?`,
      allowed: asList(lists),
    }),
  ];
}

function unsafe(document: SourceDocument, { key, text, path }: Text): readonly Diagnostic[] {
  const why = whyUseless(key, text);
  return why === undefined
    ? []
    : [complain(document, path, { severity: 'warning', message: why, hint: 'say more of it' })];
}

function whyUseless(key: string, text: string): string | undefined {
  if (key === 'regex' && text !== '' && whyInvalidRegex(text) === undefined) {
    const everything = compileRegex(text, { caseSensitive: true }).match('') !== null;
    return everything ? `the pattern ${JSON.stringify(text)} matches every value` : undefined;
  }
  if (key === 'matches' && /^\*+$/.test(text)) {
    return `the pattern ${JSON.stringify(text)} matches every value`;
  }
  const isWhole = key === 'is' || key === 'address';
  const wrongStart = (isWhole || key === 'starts') && text.trimStart() !== text;
  const wrongEnd = (isWhole || key === 'ends') && text.trimEnd() !== text;
  if (text.trim() !== '' && (wrongStart || wrongEnd)) {
    return `values have no blanks at their ends, and ${JSON.stringify(text)} has`;
  }
  return undefined;
}
