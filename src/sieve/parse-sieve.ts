/** Sieve scripts as commands and tests (RFC 5228 §8.2). Any extension parses; meaning comes later. */
import { lexSieve, type SieveError, type Token } from './lex-sieve.ts';

/** An argument: a tag without its colon, a number, or one or several strings. */
export type Argument =
  | { readonly kind: 'tag'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'strings'; readonly texts: readonly string[] };

/** A test. */
export interface SieveTest {
  readonly name: string;
  readonly line: number;
  readonly args: readonly Argument[];
  readonly tests: readonly SieveTest[];
}

/** A command; `block` is null where a semicolon ends it. */
export interface SieveCommand extends SieveTest {
  readonly block: readonly SieveCommand[] | null;
}

/** Deeper nesting is an attack, or not made by a person. */
const MAX_DEPTH = 50;

/** Parses a script, or says what is wrong in which line. */
export function parseSieve(
  script: string,
): { readonly kind: 'ok'; readonly commands: readonly SieveCommand[] } | SieveError {
  const tokens = lexSieve(script);
  if (!isTokens(tokens)) return tokens;
  const reader = { tokens, index: 0 };
  try {
    const commands: SieveCommand[] = [];
    while (reader.index < tokens.length) commands.push(readCommand(reader, 0));
    return { kind: 'ok', commands };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const line = tokens[Math.min(reader.index, tokens.length - 1)]?.line ?? 1;
    return { kind: 'error', line, message: error.message };
  }
}

interface Reader {
  readonly tokens: readonly Token[];
  index: number;
}

function isTokens(result: readonly Token[] | SieveError): result is readonly Token[] {
  return Array.isArray(result);
}

function readCommand(reader: Reader, depth: number): SieveCommand {
  const head = readTest(reader, depth);
  if (takeMark(reader, ';')) return { ...head, block: null };
  if (!takeMark(reader, '{')) throw new SyntaxError(`";" or "{" is missing after "${head.name}"`);
  const block: SieveCommand[] = [];
  while (!takeMark(reader, '}')) block.push(readCommand(reader, depth + 1));
  return { ...head, block };
}

/** A name, its arguments, then a test or a list of tests. */
function readTest(reader: Reader, depth: number): SieveTest {
  if (depth > MAX_DEPTH) throw new SyntaxError(`it is nested more than ${MAX_DEPTH} deep`);
  const token = reader.tokens[reader.index];
  if (token?.kind !== 'word') throw new SyntaxError('a command or test is expected here');
  reader.index++;
  const args: Argument[] = [];
  for (let arg = readArgument(reader); arg !== null; arg = readArgument(reader)) args.push(arg);
  const tests: SieveTest[] = [];
  if (takeMark(reader, '(')) {
    do tests.push(readTest(reader, depth + 1));
    while (takeMark(reader, ','));
    if (!takeMark(reader, ')')) throw new SyntaxError('")" is missing');
  } else if (reader.tokens[reader.index]?.kind === 'word') {
    tests.push(readTest(reader, depth + 1));
  }
  return { name: token.text, line: token.line, args, tests };
}

function readArgument(reader: Reader): Argument | null {
  const token = reader.tokens[reader.index];
  if (token === undefined || token.kind === 'word') return null;
  if (token.kind === 'mark') return token.text === '[' ? readList(reader) : null;
  reader.index++;
  if (token.kind === 'number') return { kind: 'number', value: token.value };
  return token.kind === 'tag'
    ? { kind: 'tag', text: token.text }
    : { kind: 'strings', texts: [token.text] };
}

function readList(reader: Reader): Argument {
  const texts: string[] = [];
  do {
    reader.index++;
    const token = reader.tokens[reader.index];
    if (token?.kind !== 'string') throw new SyntaxError('a string is expected here');
    texts.push(token.text);
    reader.index++;
  } while (isMark(reader, ','));
  if (!takeMark(reader, ']')) throw new SyntaxError('"]" is missing');
  return { kind: 'strings', texts };
}

function isMark({ tokens, index }: Reader, text: string): boolean {
  const token = tokens[index];
  return token?.kind === 'mark' && token.text === text;
}

function takeMark(reader: Reader, text: string): boolean {
  if (!isMark(reader, text)) return false;
  reader.index++;
  return true;
}
