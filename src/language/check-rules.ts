/** What is wrong with rules beyond the shape of a single node: names, references, contradictions. */
import type { Diagnostic, DocumentPath, SourceDocument } from '../core/diagnostic.ts';
import { suggest } from '../core/suggest.ts';
import { asCondition, type CheckedFile, type CompileOptions, usedNames } from './checked-file.ts';
import { checkActions } from './checks/actions.ts';
import { checkContradictions } from './checks/contradictions.ts';
import { checkCycles } from './checks/cycles.ts';
import { checkNeedless } from './checks/needless.ts';
import { rawRules } from './checks/raw-rules.ts';
import { checkReach } from './checks/reach.ts';
import { asList } from './operands.ts';

/** Checks all files together. Raw values are read, so one mistake does not hide another. */
export function checkRules(
  files: readonly CheckedFile[],
  options: CompileOptions,
): readonly Diagnostic[] {
  const rules = rawRules(files);
  return [
    ...checkNames(files),
    ...files.flatMap(({ document }) => [
      ...checkUses(document),
      ...checkAccounts(document, options),
      ...checkPlaces(document, options),
      ...checkSchedules(document, options),
      ...checkLists(document, options),
    ]),
    ...files.flatMap(({ document }) => checkNeedless(document, brokenLists(document, options))),
    ...checkActions(rules),
    ...checkContradictions(rules),
    ...checkReach(rules),
    ...checkCycles(rules),
  ];
}

/** Rule names are how history, undo and `--rule` name a rule: one rule a name. */
function checkNames(files: readonly CheckedFile[]): Diagnostic[] {
  const seen = new Map<string, string>();
  const found: Diagnostic[] = [];
  for (const { document } of files) {
    for (const [index, rule] of entriesOf(document.value, 'rules')) {
      const { name } = asCondition(rule);
      if (typeof name !== 'string' || name === '') continue;
      const path = ['rules', index, 'name'];
      const first = seen.get(name);
      if (first === undefined) {
        const { at } = document.locate(path);
        seen.set(name, `${document.file}:${at.line}`);
      } else {
        found.push(
          error(document, path, {
            message: `two rules have the name ${JSON.stringify(name)}; the first is at ${first}`,
            hint: 'give each rule a name of its own',
          }),
        );
      }
    }
  }
  return found;
}

/** `use:` names a condition of the same file, and none that leads back to itself. */
function checkUses(document: SourceDocument): Diagnostic[] {
  const named = asCondition(asCondition(document.value)['conditions']);
  const known = Object.keys(named);
  const places = [
    ...entriesOf(document.value, 'rules').map(([index, rule]): [DocumentPath, unknown] => [
      ['rules', index, 'when'],
      asCondition(rule)['when'],
    ]),
    ...Object.entries(named).map(([name, value]): [DocumentPath, unknown] => [
      ['conditions', name],
      value,
    ]),
  ];
  const unknown = places.flatMap(([path, value]) =>
    findUses(value, path)
      .filter(([, name]) => !known.includes(name))
      .map(([at, name]) => {
        const near = suggest(name, known);
        return error(document, at, {
          message: `there is no condition ${JSON.stringify(name)} in this file`,
          allowed: known,
          ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
        });
      }),
  );
  const cyclic = known.filter((name) => reaches(name, name, { named, seen: new Set() }));
  return [
    ...unknown,
    ...cyclic.map((name) =>
      error(
        document,
        ['conditions', name],
        {
          message: `the condition "${name}" uses itself`,
          hint: 'take one of the "use:" lines out',
        },
        'key',
      ),
    ),
  ];
}

function findUses(value: unknown, path: DocumentPath): [DocumentPath, string][] {
  if (Array.isArray(value)) return value.flatMap((each, index) => findUses(each, [...path, index]));
  return Object.entries(asCondition(value)).flatMap(([key, inner]) =>
    key === 'use' && typeof inner === 'string'
      ? [[[...path, key], inner] satisfies [DocumentPath, string]]
      : findUses(inner, [...path, key]),
  );
}

function reaches(
  from: string,
  target: string,
  graph: { named: Readonly<Record<string, unknown>>; seen: Set<string> },
): boolean {
  if (graph.seen.has(from)) return false;
  graph.seen.add(from);
  const next = Object.hasOwn(graph.named, from) ? usedNames(graph.named[from]) : [];
  return next.some((name) => name === target || reaches(name, target, graph));
}

function checkAccounts(document: SourceDocument, options: CompileOptions): Diagnostic[] {
  return entriesOf(document.value, 'accounts').flatMap(([index, name]) => {
    if (typeof name !== 'string' || name === '' || options.accounts.includes(name)) return [];
    const known = options.accounts;
    return [unknownAccount(document, ['accounts', index], { account: name, known })];
  });
}

/** Accounts that `move` and `copy` name. */
function checkPlaces(document: SourceDocument, options: CompileOptions): Diagnostic[] {
  return entriesOf(document.value, 'rules').flatMap(([rule, value]) =>
    entriesOf(value, 'then').flatMap(([action, entry]) =>
      ['move', 'copy'].flatMap((verb) => {
        const { account } = asCondition(asCondition(entry)[verb]);
        if (typeof account !== 'string' || account === '') return [];
        const path = ['rules', rule, 'then', action, verb, 'account'];
        return options.accounts.includes(account)
          ? []
          : [unknownAccount(document, path, { account, known: options.accounts })];
      }),
    ),
  );
}

function unknownAccount(
  document: SourceDocument,
  path: DocumentPath,
  { account, known }: { account: string; known: readonly string[] },
): Diagnostic {
  const near = suggest(account, known);
  return error(document, path, {
    message: `there is no account ${JSON.stringify(account)} in mailwright.yaml`,
    allowed: known,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  });
}

function checkSchedules(document: SourceDocument, options: CompileOptions): Diagnostic[] {
  const { on } = asCondition(document.value);
  const isList = Array.isArray(on);
  return asList<unknown>(on).flatMap((entry, index) => {
    const { schedule, timezone = 'UTC' } = asCondition(entry);
    if (typeof schedule !== 'string' || typeof timezone !== 'string') return [];
    const why = options.checkCron(schedule, timezone);
    const path = isList ? ['on', index, 'schedule'] : ['on', 'schedule'];
    const hint = 'five fields: minute hour day month weekday, as in "0 3 * * *"';
    return why === undefined ? [] : [error(document, path, { message: why, hint })];
  });
}

/** Lists whose file cannot be read: they are complained about once. */
function brokenLists(document: SourceDocument, options: CompileOptions): ReadonlySet<string> {
  const lists = asCondition(asCondition(document.value)['lists']);
  const broken = Object.entries(lists).filter(
    ([, value]) =>
      typeof value === 'string' && typeof options.loadList(value, document.file) === 'string',
  );
  return new Set(broken.map(([name]) => name));
}

function checkLists(document: SourceDocument, options: CompileOptions): Diagnostic[] {
  const lists = asCondition(asCondition(document.value)['lists']);
  return Object.entries(lists).flatMap(([name, value]) => {
    if (typeof value !== 'string') return [];
    const loaded = options.loadList(value, document.file);
    return typeof loaded === 'string'
      ? [error(document, ['lists', name], { message: `the list "${name}": ${loaded}` })]
      : [];
  });
}

function entriesOf(value: unknown, key: string): [number, unknown][] {
  const list = asCondition(value)[key];
  return Array.isArray(list) ? list.map((entry, index) => [index, entry]) : [];
}

function error(
  document: SourceDocument,
  path: DocumentPath,
  what: Pick<Diagnostic, 'message' | 'hint' | 'allowed'>,
  part: 'key' | 'value' = 'value',
): Diagnostic {
  return { file: document.file, ...document.locate(path, part), severity: 'error', ...what };
}
