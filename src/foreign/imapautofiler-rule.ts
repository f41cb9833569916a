/** The conditions of an imapautofiler rule → a condition, or null with the loss taken down. */
import type { DocumentPath, SourceDocument } from '../core/diagnostic.ts';
import { asCondition } from '../language/checked-file.ts';
import { compileRegex, whyInvalidRegex } from '../language/pattern.ts';
import { allOf, anyOf, headerTest, type When, whyNoHeader } from './conditions.ts';
import { type Draft, differ, lose, MAX_DEPTH, quoted } from './draft.ts';

/** Where something of the file is being read. */
export interface Reader {
  readonly document: SourceDocument;
  readonly draft: Draft;
}

const KINDS = ['or', 'and', 'headers', 'recipient', 'time-limit', 'is-mailing-list'];
const KNOWN = [...KINDS, 'header-exists'];

/** Reads the condition of a rule, which stands beside its `action`. */
export function readRuleCondition(
  reader: Reader,
  rule: unknown,
  path: DocumentPath,
  depth = 0,
): When | null {
  if (depth > MAX_DEPTH) return loseAt(reader, path, `it is nested more than ${MAX_DEPTH} deep`);
  const given = asCondition(rule);
  const kinds = Object.keys(given).filter((key) => key !== 'action' && key !== 'name');
  const unknown = kinds.find((kind) => !KNOWN.includes(kind));
  if (unknown !== undefined) {
    return loseAt(reader, [...path, unknown], `the condition ${quoted(unknown)}`, 'key');
  }
  const [kind, second] = kinds;
  if (kind === undefined) return loseAt(reader, path, 'the rule has no condition');
  if (second !== undefined) {
    const reason = `two conditions, "${kind}" and "${second}": imapautofiler looks at one only; join them with "and"`;
    return loseAt(reader, [...path, second], reason, 'key');
  }
  const operand = asCondition(given[kind]);
  const at = [...path, kind];
  switch (kind) {
    case 'or':
    case 'and':
      return readBranches(reader, { kind, rules: operand['rules'], at: [...at, 'rules'], depth });
    case 'headers':
      return readHeaders(reader, given[kind], at);
    case 'recipient':
      return readRecipient(reader, operand, at);
    case 'time-limit':
      return readTimeLimit(reader, operand['age'], [...at, 'age']);
    default:
      return readPresence(reader, { name: operand['name'] ?? given['name'], kind, at });
  }
}

/** Takes down a loss at a node of the document. */
export function loseAt(
  { document, draft }: Reader,
  path: DocumentPath,
  reason: string,
  part: 'key' | 'value' = 'value',
): null {
  return lose(draft, document.locate(path, part).at.line, reason);
}

/** Takes down a difference at a node of the document. */
export function differAt({ document, draft }: Reader, path: DocumentPath, reason: string): void {
  differ(draft, document.locate(path).at.line, reason);
}

/** Says why a regular expression cannot be taken over, or undefined; remarks where it differs. */
export function whyNoRegex(reader: Reader, source: string, path: DocumentPath): string | undefined {
  const why = whyInvalidRegex(source);
  if (why !== undefined) return `the regular expression ${quoted(source)}: ${why}`;
  if (/\\[wWdDbBsS]/.test(source)) {
    differAt(reader, path, 'in the regular expression, \\w \\d \\b \\s know ASCII only');
  }
  return undefined;
}

function readBranches(
  reader: Reader,
  {
    kind,
    rules,
    at,
    depth,
  }: {
    readonly kind: 'or' | 'and';
    readonly rules: unknown;
    readonly at: DocumentPath;
    readonly depth: number;
  },
): When | null {
  if (!Array.isArray(rules) || rules.length === 0) {
    return loseAt(reader, at, `"${kind}" has no rules`);
  }
  const branches: When[] = [];
  for (const [index, rule] of rules.entries()) {
    const branch = readRuleCondition(reader, rule, [...at, index], depth + 1);
    if (branch === null) return null;
    branches.push(branch);
  }
  return kind === 'or' ? anyOf(branches) : allOf(branches);
}

function readHeaders(reader: Reader, headers: unknown, at: DocumentPath): When | null {
  if (!Array.isArray(headers) || headers.length === 0) {
    return loseAt(reader, at, '"headers" names no header');
  }
  const tests: When[] = [];
  for (const [index, header] of headers.entries()) {
    const path = [...at, index];
    const { name } = asCondition(header);
    if (typeof name !== 'string' || whyNoHeader(name) !== undefined) {
      return loseAt(reader, path, '"headers" has an entry without the name of a header');
    }
    const test = readHeader(reader, { name, header: asCondition(header), path });
    if (test === null) return null;
    tests.push(test);
  }
  return allOf(tests);
}

function readRecipient(reader: Reader, header: When, at: DocumentPath): When | null {
  const tests: When[] = [];
  for (const name of ['to', 'cc']) {
    const test = readHeader(reader, { name, header, path: at });
    if (test === null) return null;
    tests.push(test);
  }
  return anyOf(tests);
}

/** One header: `substring` goes before `regex`, and that before `value`, as imapautofiler looks. */
function readHeader(
  reader: Reader,
  {
    name,
    header,
    path,
  }: { readonly name: string; readonly header: When; readonly path: DocumentPath },
): When | null {
  const word = ['substring', 'regex', 'value'].find((key) => header[key] !== undefined);
  if (word === undefined) return loseAt(reader, path, 'a header without substring, regex or value');
  const text = header[word];
  const at = [...path, word];
  if (typeof text !== 'string')
    return loseAt(reader, at, `"${word}" is no text; write it in quotes`);
  if (text === '') return loseAt(reader, at, `an empty "${word}" matches every message`);
  if (word === 'substring') return headerTest(name, { contains: text });
  if (word === 'value') return headerTest(name, { is: text });
  // A recipient stands for two headers and has one regular expression; it is remarked once.
  const why = whyNoRegex(
    name === 'cc' ? { ...reader, draft: mute(reader.draft) } : reader,
    text,
    at,
  );
  if (why !== undefined) return loseAt(reader, at, why);
  const test = headerTest(name, { regex: text, case: true });
  // imapautofiler takes a header that is missing for an empty text.
  return compileRegex(text, { caseSensitive: true }).match('') === null
    ? test
    : anyOf([test, { header: { [name]: { exists: false } } }]);
}

function mute(draft: Draft): Draft {
  return { rules: draft.rules, losses: [] };
}

function readTimeLimit(reader: Reader, age: unknown, at: DocumentPath): When | null {
  if (typeof age !== 'number' || !Number.isSafeInteger(age) || age < 0 || age > 100_000) {
    return loseAt(reader, at, '"age" is no number of days');
  }
  if (age === 0) return loseAt(reader, at, 'a time limit of 0 days never matches');
  differAt(reader, at, 'age counts from arrival, not from the Date header');
  return { age: { over: `${age}d` } };
}

function readPresence(
  reader: Reader,
  { name, kind, at }: { readonly name: unknown; readonly kind: string; readonly at: DocumentPath },
): When | null {
  if (kind === 'is-mailing-list' && name === undefined) return { list: true };
  if (typeof name !== 'string' || whyNoHeader(name) !== undefined) {
    return loseAt(reader, at, `"${kind}" names no header`);
  }
  return headerTest(name, { exists: true });
}
