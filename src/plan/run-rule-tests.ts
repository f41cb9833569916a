/** Runs the tests of rule files with the very decision that mail gets. Pure: no server, no clock. */
import { accountId } from '../core/brand.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { describeEffect } from '../core/external-effect.ts';
import type { Rule, RuleFile, RuleSet } from '../language/ast.ts';
import { parseMoment } from '../language/calendar.ts';
import { type Expectation, memoryOf, type RuleTest, viewOf } from '../language/rule-test.ts';
import { type Flag, flagKey, SYSTEM_FLAGS } from '../mail/flags.ts';
import { parseMailboxName, ROLES } from '../mail/mailbox-name.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { creatingAll, serverlessContext } from './serverless.ts';

/** How many tests there were, and one diagnostic for each expectation that was not met. */
export interface RuleTestReport {
  readonly count: number;
  readonly failures: readonly Diagnostic[];
}

/**
 * Decides each message by the rules of its own file. Every mailbox is taken to exist, and every role
 * to have one, called by its role: `\archive`.
 */
export function runRuleTests(
  ruleSet: RuleSet,
  nowMs: number,
  variablesOf: VariablesOf = () => ({}),
): RuleTestReport {
  const failures: Diagnostic[] = [];
  let count = 0;
  for (const file of ruleSet.files) {
    const rules = file.rules.filter(({ enabled }) => enabled).map(creatingAll);
    for (const test of file.tests) {
      count += 1;
      failures.push(...runOne(file, test, { rules, nowMs, variablesOf }));
    }
  }
  return { count, failures };
}

/** The variables of an account by name; null for a file that is for every account. */
export type VariablesOf = (account: string | null) => Readonly<Record<string, string>>;

function runOne(
  file: RuleFile,
  test: RuleTest,
  given: { rules: readonly Rule[]; nowMs: number; variablesOf: VariablesOf },
): readonly Diagnostic[] {
  const account = accountId(file.accounts?.[0] ?? 'test');
  const [watched] = file.mailboxes;
  const mailbox = watched?.kind === 'name' ? watched.name : parseMailboxName('INBOX');
  const nowMs = timeOf(test) ?? given.nowMs;
  const view = viewOf(test, { account, mailbox, nowMs });
  const memory = memoryOf(test, nowMs);
  const variables = given.variablesOf(file.accounts?.[0] ?? null);
  const deciding = decide(view, given.rules, serverlessContext({ nowMs, memory, variables }));
  const fail = (key: Expectation, message: string): Diagnostic => ({
    file: file.file,
    at: test.places[key]?.at ?? { line: 1, column: 1 },
    length: test.places[key]?.length ?? 1,
    severity: 'error',
    message,
  });
  const keys = Object.keys(test.expect).filter((key): key is Expectation => key in WANTED);
  const [first = 'rules'] = keys;
  if (deciding.kind === 'needs') {
    const what = deciding.fields.join(', ');
    return [fail(first, `this message does not say what the rules ask for: ${what}`)];
  }
  if (deciding.parked !== null)
    return [fail(first, `it would be parked: ${deciding.parked.reason}`)];
  return keys.flatMap((key) => {
    const want = WANTED[key](test);
    const got = GOT[key](deciding);
    return same(want, got) ? [] : [fail(key, `expected ${key} ${show(want)}, got ${show(got)}`)];
  });
}

function timeOf({ message }: RuleTest): number | undefined {
  return message.at === undefined ? undefined : parseMoment(message.at, 'UTC');
}

type Values = readonly string[];

const WANTED: { readonly [K in Expectation]: (test: RuleTest) => Values } = {
  rules: ({ expect }) => expect.rules ?? [],
  move: ({ expect }) => (expect.move === undefined ? [] : [place(expect.move)]),
  until: ({ expect }) => [instant(parseMoment(expect.until ?? '', 'UTC'))],
  copy: ({ expect }) => listOf(expect.copy).map(place),
  flags: ({ expect }) => (expect.flags ?? []).map(String),
  unflags: ({ expect }) => (expect.unflags ?? []).map(String),
  labels: ({ expect }) => expect.labels ?? [],
  unlabels: ({ expect }) => expect.unlabels ?? [],
  keep: ({ expect }) => [String(expect.keep)],
  outside: ({ expect }) => expect.outside ?? [],
  expunge: ({ expect }) => [String(expect.expunge)],
};

const GOT: { readonly [K in Expectation]: (decision: Decision) => Values } = {
  rules: ({ matched }) => matched.map(({ name }) => name),
  move: ({ move }) => (move === null ? [] : [move.to.mailbox]),
  until: ({ move }) => [instant(move?.untilMs)],
  copy: ({ copies }) => copies.map(({ to }) => to.mailbox),
  flags: (decision) => systemFlags(decision, 'add'),
  unflags: (decision) => systemFlags(decision, 'remove'),
  labels: (decision) => keywords(decision, 'add'),
  unlabels: (decision) => keywords(decision, 'remove'),
  keep: ({ move, expunge }) => [String(move === null && expunge === null)],
  outside: ({ effects }) => effects.map(({ effect }) => describeEffect(effect)),
  expunge: ({ expunge }) => [String(expunge !== null)],
};

const FLAG_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(SYSTEM_FLAGS).map(([name, flag]) => [flagKey(flag), name]),
);

function changed({ flags }: Decision, op: 'add' | 'remove'): readonly Flag[] {
  return flags.filter(({ change }) => change.op === op).map(({ change }) => change.flag);
}

function systemFlags(decision: Decision, op: 'add' | 'remove'): Values {
  return changed(decision, op).flatMap((flag) => FLAG_NAMES.get(flagKey(flag)) ?? []);
}

function keywords(decision: Decision, op: 'add' | 'remove'): Values {
  return changed(decision, op).filter((flag) => !FLAG_NAMES.has(flagKey(flag)));
}

/** The order of rules says something; that of the others does not. */
function same(want: Values, got: Values): boolean {
  const line = (values: Values): string => JSON.stringify([...values].sort());
  return line(want) === line(got);
}

function show(values: Values): string {
  return values.length === 0 ? 'nothing' : values.map((value) => JSON.stringify(value)).join(', ');
}

function instant(ms: number | undefined): string {
  return ms === undefined ? 'never' : new Date(ms).toISOString();
}

function place(text: string): string {
  const role = ROLES.find((known) => `\\${known}` === text.toLowerCase());
  return role === undefined ? parseMailboxName(text) : `\\${role}`;
}

function listOf(value: string | readonly string[] | undefined): Values {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
