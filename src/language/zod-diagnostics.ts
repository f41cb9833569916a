/** What zod found wrong, as diagnostics with a place, what is allowed there, and a hint. */
import { z } from 'zod';
import type { Diagnostic, DocumentPath, SourceDocument } from '../core/diagnostic.ts';
import { suggest } from '../core/suggest.ts';

type Issue = z.core.$ZodIssue;

/** The document, the schema it should fit, and what its nodes are called. */
export interface DiagnoseInput {
  readonly document: SourceDocument;
  readonly schema: z.ZodType;
  /** "condition", "action", "key": the kind of thing that stands at a path. */
  readonly noun?: (path: DocumentPath) => string;
}

/** Turns issues into diagnostics, each at its own node; one for each unknown key. */
export function diagnoseZod(issues: readonly Issue[], input: DiagnoseInput): Diagnostic[] {
  return withoutConsequences(issues).flatMap((issue) => diagnoseIssue(issue, [], input));
}

/** Where a key is unknown, what a check says about the whole mapping follows from that. */
function withoutConsequences(issues: readonly Issue[]): readonly Issue[] {
  const pathOf = (issue: Issue) => JSON.stringify(issue.path);
  const unknown = new Set(issues.filter((issue) => issue.code === 'unrecognized_keys').map(pathOf));
  return issues.filter((issue) => issue.code !== 'custom' || !unknown.has(pathOf(issue)));
}

function diagnoseIssue(issue: Issue, base: DocumentPath, input: DiagnoseInput): Diagnostic[] {
  const { document } = input;
  const path = [...base, ...issue.path.filter(isStep)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, input));
    case 'invalid_union':
      return diagnoseUnion(issue, path, input);
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const found = valueAt(document.value, path);
      const near = typeof found === 'string' ? suggest(found, allowed) : undefined;
      const noun = nounAt(path, input);
      const what = `unknown ${noun === 'key' ? 'value' : noun} ${JSON.stringify(found)}`;
      return [place(input, path, { message: what, allowed, ...hintFor(near) })];
    }
    case 'invalid_key':
      return issue.issues.map((inner) => place(input, path, { message: inner.message }, 'key'));
    case 'invalid_type':
      if (issue.expected === 'never')
        return [place(input, path, { message: issue.message }, 'key')];
      return [place(input, path, { message: typeMessage(issue.expected, path, input) })];
    case 'too_small':
    case 'too_big':
      return [place(input, path, { message: outOfBounds(issue, valueAt(document.value, path)) })];
    default:
      return [place(input, path, { message: issue.message, ...adviceOf(issue) })];
  }
}

/**
 * A union reports every branch. The branch that was meant is the one that accepts the kind of value
 * that stands there; when none does, the value is of the wrong kind altogether.
 */
function diagnoseUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: DocumentPath,
  input: DiagnoseInput,
): Diagnostic[] {
  const meant = issue.errors
    .filter((branch) => !branch.some(isWrongKind))
    .map(withoutConsequences)
    .sort((a, b) => distance(a) - distance(b));
  const found = valueAt(input.document.value, path);
  const [best] =
    meant.length > 0 ? meant : issue.errors.filter((branch) => acceptsKind(branch, found));
  if (best !== undefined) return best.flatMap((inner) => diagnoseIssue(inner, path, input));
  const expected = new Set(
    issue.errors.flatMap((branch) => branch.flatMap((inner) => expectedOf(inner))),
  );
  const message = `expected ${[...expected].join(' or ')}, found ${kindOf(found)}`;
  return [place(input, path, { message })];
}

/** How far a value is from a branch: a key that it does not know counts more than a bad operand. */
function distance(branch: readonly Issue[]): number {
  return branch.reduce((sum, { code }) => sum + (code === 'unrecognized_keys' ? 2 : 1), 0);
}

/** The root of a branch refused the kind of the value. */
function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union')
    return issue.errors.every((branch) => branch.some(isWrongKind));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

/** An enumeration of words is meant where a word stands, even if it is not one of them. */
function acceptsKind(branch: readonly Issue[], found: unknown): boolean {
  return typeof found === 'string' && branch.some((issue) => issue.code === 'invalid_value');
}

function expectedOf(issue: Issue): string[] {
  if (issue.code === 'invalid_type') return [wordFor(issue.expected)];
  if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value));
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(expectedOf);
  return [];
}

function unknownKey(key: string, path: DocumentPath, input: DiagnoseInput): Diagnostic {
  const allowed = keysAt(input.schema, path, input.document.value);
  const near = suggest(key, allowed);
  const message = `unknown ${nounAt(path, input)} ${JSON.stringify(key)}`;
  return place(input, [...path, key], { message, allowed, ...hintFor(near) }, 'key');
}

/** The keys that a mapping at `path` may have, found by walking the schema beside the value. */
function keysAt(schema: z.ZodType, path: DocumentPath, root: unknown): string[] {
  let candidates = expand(schema);
  let value = root;
  for (const step of path) {
    candidates = candidates.flatMap((each) => childrenOf(each, step)).flatMap(expand);
    value = valueAt(value, [step]);
  }
  const shapes = candidates.flatMap((each) =>
    each instanceof z.ZodObject
      ? [z.record(z.string(), z.instanceof(z.ZodType)).parse(each.shape)]
      : [],
  );
  return [
    ...new Set(shapes.flatMap((shape) => Object.keys(shape).filter((key) => !isNever(shape[key])))),
  ];
}

function childrenOf(schema: z.core.$ZodType, step: string | number): z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const child: unknown = schema.shape[String(step)];
    return child instanceof z.ZodType ? [child] : [];
  }
  if (schema instanceof z.ZodArray) return [schema.element];
  return schema instanceof z.ZodRecord ? [schema.valueType] : [];
}

/** Sees through optional, default, lazy, pipes and unions. */
function expand(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodLazy
  ) {
    return expand(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return expand(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(expand);
  return [schema];
}

function isNever(schema: unknown): boolean {
  return schema instanceof z.ZodType && expand(schema).every((each) => each instanceof z.ZodNever);
}

function typeMessage(expected: string, path: DocumentPath, input: DiagnoseInput): string {
  const found = valueAt(input.document.value, path);
  const last = path.at(-1);
  if (found === undefined)
    return `${typeof last === 'string' ? `"${last}"` : 'a value'} is missing here`;
  return `expected ${wordFor(expected)}, found ${kindOf(found)}`;
}

function outOfBounds(
  issue: Extract<Issue, { code: 'too_small' | 'too_big' }>,
  found: unknown,
): string {
  const bound = issue.code === 'too_big' ? issue.maximum : issue.minimum;
  if (issue.origin === 'array' && Number(bound) > 1) return `expected a list of ${bound}`;
  if (issue.origin === 'array' && !issue.message.startsWith('an ')) return 'this list is empty';
  // A schema that says it better than the library has its own message.
  if (!issue.message.startsWith('Too ')) return issue.message;
  const side = issue.code === 'too_big' ? 'at most' : 'at least';
  return `expected ${side} ${bound}, found ${kindOf(found)}`;
}

function adviceOf(issue: Issue): Pick<Diagnostic, 'allowed' | 'hint'> {
  const params: unknown = issue.code === 'custom' ? issue.params : undefined;
  const parsed = z
    .object({ hint: z.string().optional(), allowed: z.array(z.string()).optional() })
    .safeParse(params);
  if (!parsed.success) return {};
  const { hint, allowed } = parsed.data;
  return { ...(hint === undefined ? {} : { hint }), ...(allowed === undefined ? {} : { allowed }) };
}

function place(
  input: DiagnoseInput,
  path: DocumentPath,
  what: Pick<Diagnostic, 'message' | 'allowed' | 'hint'>,
  part: 'key' | 'value' = 'value',
): Diagnostic {
  const { document } = input;
  return { file: document.file, ...document.locate(path, part), severity: 'error', ...what };
}

function hintFor(near: string | undefined): { hint?: string } {
  return near === undefined ? {} : { hint: `did you mean "${near}"?` };
}

function nounAt(path: DocumentPath, input: DiagnoseInput): string {
  return input.noun?.(path) ?? 'key';
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.hasOwn(current, step) ? Reflect.get(current, step) : undefined;
  }
  return current;
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  tuple: 'a list of two',
};

function wordFor(expected: string): string {
  return WORDS[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object'
    ? 'a mapping'
    : `${typeof value === 'string' ? 'text' : typeof value} ${JSON.stringify(value)}`;
}

function isStep(step: PropertyKey): step is string | number {
  return typeof step !== 'symbol';
}
