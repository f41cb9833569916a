/** Conditions of rules as values: joined in the shortest form that means the same. */
import { asCondition } from '../language/checked-file.ts';
import { asList } from '../language/operands.ts';

/** The condition of a rule, as it stands behind `when`. */
export type When = Readonly<Record<string, unknown>>;

/** A condition, or the reason why it cannot be said. */
export type ReadCondition = When | string;

/** All must hold: one mapping where no key comes twice. Without branches it holds always. */
export function allOf(branches: readonly When[]): When {
  const flat = branches.flatMap((branch) => innerOf(branch, 'all'));
  const joined: Record<string, unknown> = {};
  for (const [key, value] of flat.flatMap((branch) => Object.entries(branch))) {
    if (key === 'header' && joined[key] !== undefined) {
      const names = Object.keys(asCondition(joined[key])).map((name) => name.toLowerCase());
      const isNew = Object.keys(asCondition(value)).every(
        (name) => !names.includes(name.toLowerCase()),
      );
      if (!isNew) return { all: flat };
      joined[key] = { ...asCondition(joined[key]), ...asCondition(value) };
    } else if (joined[key] === undefined) joined[key] = value;
    else return { all: flat };
  }
  return joined;
}

/** One must hold: tests of one field by one operator become one list. */
export function anyOf(branches: readonly When[]): When {
  const groups = new Map<string, { build: Build; values: unknown[] }>();
  for (const [index, branch] of branches.flatMap((each) => innerOf(each, 'any')).entries()) {
    const found = listableOf(branch);
    const key = found?.key ?? `alone ${index}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, {
        build: found?.build ?? (() => branch),
        values: [...(found?.values ?? [])],
      });
    } else group.values.push(...(found?.values ?? []));
  }
  const joined = [...groups.values()].map(({ build, values }) => build(listOf(values)));
  const [only] = joined;
  return joined.length === 1 && only !== undefined ? only : { any: joined };
}

/** The opposite. */
export function negate(condition: When): When {
  const inner = condition['not'];
  return inner === undefined || Object.keys(condition).length > 1
    ? { not: condition }
    : asCondition(inner);
}

/** Joins readings; one that cannot be said makes the whole so. */
export function joinRead(
  join: (branches: readonly When[]) => When,
  readings: readonly ReadCondition[],
): ReadCondition {
  const branches: When[] = [];
  for (const reading of readings) {
    if (typeof reading === 'string') return reading;
    branches.push(reading);
  }
  return join(branches);
}

/** A text test on a header field by name; the subject has a key of its own. */
export function headerTest(name: string, test: unknown): When {
  return name.toLowerCase() === 'subject' && asCondition(test)['exists'] === undefined
    ? { subject: test }
    : { header: { [name]: test } };
}

/** Says why `name` cannot be the name of a header field (RFC 5322 §2.2), or undefined. */
export function whyNoHeader(name: string): string | undefined {
  // The one name that an object would take for something else.
  const isName = /^[!-9;-~]{1,200}$/.test(name) && name !== '__proto__';
  return isName ? undefined : 'it names no header field';
}

type Build = (values: unknown) => When;

const BARE_KEYS = new Set(['from', 'to', 'cc', 'bcc', 'keyword']);
const TEXT_KEYS = new Set(['subject', 'body', 'list']);
const OPERATORS = new Set(['is', 'contains', 'starts', 'ends', 'regex']);

/** A test that may take a list of values, its kind, and how to write it. */
function listableOf(
  branch: When,
): { key: string; values: readonly unknown[]; build: Build } | undefined {
  const [entry, ...more] = Object.entries(branch);
  if (entry === undefined || more.length > 0) return undefined;
  const [key, operand] = entry;
  if (BARE_KEYS.has(key) && (typeof operand === 'string' || Array.isArray(operand))) {
    return { key, values: asList<unknown>(operand), build: (values) => ({ [key]: values }) };
  }
  if (TEXT_KEYS.has(key)) {
    const test = operatorOf(operand);
    if (test === undefined) return undefined;
    const build: Build = (values) => ({ [key]: { [test.name]: values } });
    return { key: `${key} ${test.name}`, values: test.values, build };
  }
  const [field, ...others] = key === 'header' ? Object.entries(asCondition(operand)) : [];
  if (field === undefined || others.length > 0) return undefined;
  const [name, fieldTest] = field;
  const test = operatorOf(fieldTest);
  if (test === undefined) return undefined;
  const build: Build = (values) => ({ header: { [name]: { [test.name]: values } } });
  return { key: `header ${name} ${test.name}`, values: test.values, build };
}

function operatorOf(test: unknown): { name: string; values: readonly unknown[] } | undefined {
  const [operator, ...more] = Object.entries(asCondition(test));
  if (operator === undefined || more.length > 0 || !OPERATORS.has(operator[0])) return undefined;
  return { name: operator[0], values: asList<unknown>(operator[1]) };
}

function listOf(values: readonly unknown[]): unknown {
  const distinct = [...new Set(values)];
  return distinct.length === 1 ? distinct[0] : distinct;
}

function innerOf(branch: When, key: 'all' | 'any'): readonly When[] {
  const inner = branch[key];
  return Array.isArray(inner) && Object.keys(branch).length === 1
    ? inner.map(asCondition)
    : [branch];
}
