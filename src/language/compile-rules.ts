/**
 * Parsed rule files → a frozen RuleSet, or every defect of every file at once. Shapes are checked by
 * zod (rule-schema.ts), what spans several nodes by check-rules.ts; only what passed both compiles.
 */
import { createHash } from 'node:crypto';
import type { Diagnostic, SourceDocument } from '../core/diagnostic.ts';
import { parseMailboxName, ROLES, type Role } from '../mail/mailbox-name.ts';
import type { MailboxRef, Predicate, Rule, RuleFile, RuleSet, TriggerSpec } from './ast.ts';
import { checkRules } from './check-rules.ts';
import { asCondition, type CheckedFile, type CompileOptions, usedNames } from './checked-file.ts';
import { compileAction, type ListPlaces } from './compile-action.ts';
import type { OperandContext } from './condition-spec.ts';
import { conditionFor } from './conditions/registry.ts';
import { asList, PLAINLY } from './operands.ts';
import { type ConditionInput, nounFor, type RuleFileInput, ruleFileSchema } from './rule-schema.ts';
import { compileRuleTest } from './rule-test.ts';
import { diagnoseZod } from './zod-diagnostics.ts';

/** The rules, or everything that is wrong with them. */
export type CompileResult =
  | { readonly kind: 'ok'; readonly ruleSet: RuleSet; readonly warnings: readonly Diagnostic[] }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] };

/** Compiles rule files, in the order given, which is the order in which they run. */
export function compileRules(
  documents: readonly SourceDocument[],
  options: CompileOptions,
): CompileResult {
  const diagnostics: Diagnostic[] = [];
  const files = documents.map((document): CheckedFile => {
    const parsed = ruleFileSchema.safeParse(document.value, PLAINLY);
    if (parsed.success) return { document, input: parsed.data };
    const { issues } = parsed.error;
    diagnostics.push(...diagnoseZod(issues, { document, schema: ruleFileSchema, noun: nounFor }));
    return { document, input: undefined };
  });
  diagnostics.push(...checkRules(files, options));
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.length > 0) return { kind: 'invalid', diagnostics: sortDiagnostics(diagnostics) };
  const compiled = files.flatMap(({ document, input }) =>
    input === undefined ? [] : [compileFile(document, input, options)],
  );
  const revisions = compiled.flatMap((file) => [
    file.file,
    ...file.rules.map((rule) => `${rule.revision} ${rule.enabled}`),
  ]);
  const ruleSet = { files: compiled, digest: digestOf(revisions) };
  return { kind: 'ok', ruleSet, warnings: sortDiagnostics(diagnostics) };
}

/** Stable order: by file, then by place, errors before warnings. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      a.file.localeCompare(b.file) ||
      a.at.line - b.at.line ||
      a.at.column - b.at.column ||
      a.severity.localeCompare(b.severity),
  );
}

function compileFile(
  document: SourceDocument,
  input: RuleFileInput,
  options: CompileOptions,
): RuleFile {
  // Operands compile from what was written: parsing what the schema gave would parse it twice.
  const raw = asCondition(document.value);
  const rawRules: readonly unknown[] = Array.isArray(raw['rules']) ? raw['rules'] : [];
  const scope: ConditionScope = {
    named: asCondition(raw['conditions']),
    operands: { list: (name) => listEntries(name, input, { document, options }) },
  };
  const lists: ListPlaces = {
    file: document.file,
    pathOf: (name) => {
      const declared = Object.hasOwn(input.lists, name) ? input.lists[name] : undefined;
      return typeof declared === 'string' ? declared : undefined;
    },
  };
  return {
    file: document.file,
    accounts: input.accounts ?? null,
    mailboxes: asList(input.mailbox).map(compileMailboxRef),
    triggers: asList(input.on).map(compileTrigger),
    tests: input.tests.map((test, index) => compileRuleTest(test, document, index)),
    rules: input.rules.map((rule, index): Rule => {
      const path = ['rules', index];
      const { name, when } = rule;
      return {
        name,
        file: document.file,
        at: document.locate([...path, 'name']).at,
        when: compileCondition(asCondition(asCondition(rawRules[index])['when']), scope),
        actions: rule.then.flatMap((action, number) =>
          compileAction(action, document.locate([...path, 'then', number]).at, lists),
        ),
        continues: rule.continue,
        waitMs: rule['wait'] ?? null,
        mode: rule.mode,
        enabled: rule.enabled,
        revision: digestOf([
          name,
          JSON.stringify(canonical([when, rule.then, rule.continue, rule.mode, ...waitOf(rule)])),
          JSON.stringify(canonical(usedNames(when).map((used) => input.conditions[used]))),
        ]),
      };
    }),
  };
}

/** Rules without it keep the digest that they had before there was such a thing. */
function waitOf({ wait }: RuleFileInput['rules'][number]): readonly number[] {
  return wait === undefined ? [] : [wait];
}

interface ConditionScope {
  readonly named: ConditionInput;
  readonly operands: OperandContext;
}

function compileCondition(input: ConditionInput, scope: ConditionScope): Predicate {
  const parts = Object.entries(input).map(([key, operand]) => compileKey(key, operand, scope));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: 'all', of: parts };
}

function compileKey(key: string, operand: unknown, scope: ConditionScope): Predicate {
  switch (key) {
    case 'all':
    case 'any':
      return { kind: key, of: conditionList(operand, scope) };
    case 'none':
      return { kind: 'not', of: { kind: 'any', of: conditionList(operand, scope) } };
    case 'not':
      return { kind: 'not', of: compileCondition(asCondition(operand), scope) };
    case 'use':
      return compileCondition(asCondition(scope.named[String(operand)]), scope);
    default: {
      const spec = conditionFor(key);
      if (spec === undefined) throw new TypeError(`the schema let through the condition ${key}`);
      return { kind: 'test', test: spec.compile(operand, scope.operands) };
    }
  }
}

function conditionList(operand: unknown, scope: ConditionScope): readonly Predicate[] {
  const entries: readonly unknown[] = Array.isArray(operand) ? operand : [];
  return entries.map((entry) => compileCondition(asCondition(entry), scope));
}

/** A name that `lists:` declares gives its entries; anything else stands for itself. */
function listEntries(
  name: string,
  input: RuleFileInput,
  from: { document: SourceDocument; options: CompileOptions },
): readonly string[] {
  if (!Object.hasOwn(input.lists, name)) return [name];
  const declared = input.lists[name];
  if (typeof declared !== 'string') return declared ?? [];
  const loaded = from.options.loadList(declared, from.document.file);
  return typeof loaded === 'string' ? [] : loaded;
}

function compileMailboxRef(text: string): MailboxRef {
  const role = ROLES.find((known): known is Role => `\\${known}` === text.toLowerCase());
  return role === undefined
    ? { kind: 'name', name: parseMailboxName(text) }
    : { kind: 'role', role };
}

function compileTrigger(
  input: 'arrival' | { schedule: string; timezone: string; catch_up: boolean },
): TriggerSpec {
  return input === 'arrival'
    ? { kind: 'arrival' }
    : {
        ...{ kind: 'schedule', cron: input.schedule, timezone: input.timezone },
        catchUp: input.catch_up,
      };
}

function digestOf(pieces: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(pieces)).digest('hex').slice(0, 16);
}

/** Keys in one order, so that a rule keeps its revision when its lines change places. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => [key, canonical(inner)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
