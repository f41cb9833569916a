/** YAML text → a document that knows where each node stands. The only door to the yaml package. */
import {
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { Diagnostic, DocumentPath, Position, SourceDocument } from '../core/diagnostic.ts';
import { LIMITS } from '../core/limits.ts';

/** The document, or everything that is wrong with its syntax. */
export type YamlResult =
  | { readonly kind: 'ok'; readonly document: SourceDocument }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] };

type ParsedDocument = ReturnType<typeof parseDocument>;

/** Nobody writes rules so deep; the library recurses, and much deeper text ends the process. */
const MAX_DEPTH = 100;
const TOO_DEEP = `this is nested deeper than ${MAX_DEPTH} levels`;
/** Nobody reads more; a file that is something else altogether has a hundred thousand. */
const MAX_PROBLEMS = 100;

/** Reads YAML 1.2 (core schema): one document, unique keys, no aliases, no tags of its own. */
export function readYaml(file: string, text: string): YamlResult {
  try {
    return readDocument(file, text);
  } catch (error) {
    // The library goes a level deeper for some mistakes, too, such as lines that go on with a colon.
    if (!(error instanceof RangeError)) throw error;
    return { kind: 'invalid', diagnostics: [at(file, { line: 1, column: 1 }, TOO_DEEP)] };
  }
}

function readDocument(file: string, text: string): YamlResult {
  if (Buffer.byteLength(text) > LIMITS.configFileBytes) {
    const message = `the file is larger than ${LIMITS.configFileBytes} bytes`;
    return { kind: 'invalid', diagnostics: [at(file, { line: 1, column: 1 }, message)] };
  }
  const lines = new LineCounter();
  const deepLine = lineTooDeep(text);
  if (deepLine !== undefined) {
    return { kind: 'invalid', diagnostics: [at(file, { line: deepLine, column: 1 }, TOO_DEEP)] };
  }
  const parsed = parseQuietly(text, lines);
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const diagnostics = [
    ...firstAtEachPlace([...parsed.errors, ...parsed.warnings]).map((problem) =>
      at(file, positionOf(problem.pos[0]), messageOf(problem), hintFor(problem.code)),
    ),
    ...refusedIn(parsed).map(({ offset, message, hint }) =>
      at(file, positionOf(offset), message, hint),
    ),
  ];
  if (diagnostics.length > 0) return { kind: 'invalid', diagnostics };
  const value: unknown = parsed.toJS({ maxAliasCount: 0 });
  const locate: SourceDocument['locate'] = (path, part = 'value') => {
    const found = nodeAt(parsed, path, part);
    const [start, end] = found?.range ?? [0, 1];
    const firstLineEnd = text.indexOf('\n', start);
    const stop = firstLineEnd < 0 ? end : Math.min(end, firstLineEnd);
    return { at: positionOf(start), length: Math.max(1, stop - start) };
  };
  return { kind: 'ok', document: { file, text, value, locate } };
}

/** Whether the parser may be given the text: it is neither too large nor nested too deep. */
export function isReadable(text: string): boolean {
  return Buffer.byteLength(text) <= LIMITS.configFileBytes && lineTooDeep(text) === undefined;
}

/** A file that is no YAML makes an error object for every word; where each was made is of no use. */
function parseQuietly(text: string, lineCounter: LineCounter): ParsedDocument {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return parseDocument(text, {
      lineCounter,
      // Compares each key with all the others; `doubleKeysIn` does not.
      uniqueKeys: false,
      merge: false,
      schema: 'core',
      prettyErrors: false,
      strict: true,
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Told from the text, without recursion: indentation, `- - -` on one line, and open brackets. */
function lineTooDeep(text: string): number | undefined {
  const indents: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const indent = line.search(/\S/);
    if (indent < 0) continue;
    while ((indents.at(-1) ?? -1) >= indent) indents.pop();
    indents.push(indent);
    const inline = line
      .trim()
      .split(/\s+/)
      .findIndex((word) => word !== '-' && word !== '?');
    if (indents.length + inline > MAX_DEPTH) return index + 1;
  }
  // Most files have too few of these characters for that, wherever they stand.
  if (countOf(text, /[[{]/g) <= MAX_DEPTH && countOf(text, /:/g) <= MAX_DEPTH) return undefined;
  let line = 1;
  let open = 0;
  let colons = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') open++;
    if (lexeme === ']' || lexeme === '}') open--;
    // `a: b: c:` is wrong, and yet the library goes one level deeper at each of them.
    if (lexeme === ':') colons++;
    if (/^[[\]{},]$/.test(lexeme)) colons = 0;
    if (open > MAX_DEPTH || colons > MAX_DEPTH) return line;
    // A text that goes on in the next line, and then has a colon, is such a mistake, too.
    if (lexeme.endsWith('\n') && open <= 0) colons = 0;
    line += lexeme.split('\n').length - 1;
  }
  return undefined;
}

function countOf(text: string, mark: RegExp): number {
  return text.match(mark)?.length ?? 0;
}

/** One mistake often makes the parser complain several times at the same place, or at every one after. */
function firstAtEachPlace(problems: readonly YAMLError[]): readonly YAMLError[] {
  const byPlace = new Map<number, YAMLError>();
  for (const problem of problems) {
    if (byPlace.size >= MAX_PROBLEMS) break;
    if (!byPlace.has(problem.pos[0])) byPlace.set(problem.pos[0], problem);
  }
  return [...byPlace.values()];
}

/** What the library takes and we do not: what is wrong, by the offset where it stands; the first of many. */
function refusedIn(parsed: ParsedDocument): readonly Refused[] {
  const [aliases, keys, doubles]: [Refused[], Refused[], Refused[]] = [[], [], []];
  visit(parsed, {
    Alias: (_, node) => {
      aliases.push({ offset: startOf(node), ...ALIAS });
    },
    Pair: (_, { key }) => {
      // In JavaScript a key is a text, so these would become one that nobody wrote.
      if (isMap(key) || isSeq(key)) keys.push({ offset: startOf(key), ...COLLECTION_KEY });
    },
    Map: (_, { items }) => {
      const known = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (known.has(name) && doubles.length < MAX_PROBLEMS) {
          doubles.push({ offset: startOf(key), ...DOUBLE_KEY });
        }
        known.add(name);
      }
    },
  });
  return [...aliases, ...keys, ...doubles];
}

interface Refused {
  readonly offset: number;
  readonly message: string;
  readonly hint: string | undefined;
}

const ALIAS = { message: 'an alias (*name) cannot be used here', hint: 'write the value out' };
const COLLECTION_KEY = {
  message: 'a list or a mapping cannot be a key',
  hint: 'put it in quotes',
};
const DOUBLE_KEY = { message: 'Map keys must be unique', hint: hintFor('DUPLICATE_KEY') };

function startOf({ range }: Node): number {
  return range?.[0] ?? 0;
}

/** The node at a path, or its nearest parent; for a key, the key's own node. */
function nodeAt(
  parsed: ParsedDocument,
  path: DocumentPath,
  part: 'key' | 'value',
): Node | undefined {
  let node: Node | undefined = parsed.contents ?? undefined;
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1;
    const child = childOf(node, step, isLast ? part : 'value');
    if (child === undefined) return node;
    node = child;
  }
  return node;
}

function childOf(
  node: Node | undefined,
  step: string | number,
  part: 'key' | 'value',
): Node | undefined {
  if (isSeq(node)) {
    const item: unknown = node.items[Number(step)];
    return isNode(item) ? item : undefined;
  }
  if (!isMap(node)) return undefined;
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key) || String(pair.key.value) !== String(step)) continue;
    if (part === 'value' && isNode(pair.value)) return pair.value;
    return pair.key;
  }
  return undefined;
}

function at(file: string, position: Position, message: string, hint?: string): Diagnostic {
  return {
    file,
    at: position,
    length: 1,
    severity: 'error',
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

function hintFor(code: string): string | undefined {
  if (code === 'DUPLICATE_KEY') return 'each key may stand once; join the two, or rename one';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces';
  if (code === 'MULTIPLE_DOCS') return 'write one document: take the line "---" out';
  return undefined;
}

/** The library's text is for people, but for one problem. */
function messageOf({ code, message }: YAMLError): string {
  return code === 'MULTIPLE_DOCS'
    ? 'a second document begins here'
    : (message.split('\n', 1)[0] ?? message);
}
