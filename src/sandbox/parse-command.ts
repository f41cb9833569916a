/** The grammar of commands (RFC 9051 §9): a tag, a verb, and arguments as tokens. */
import { LITERAL_MARK, type RawCommand } from './read-commands.ts';

/** One argument. A section such as `BODY[HEADER.FIELDS (FROM)]` is one atom. */
export type Token =
  | { readonly kind: 'atom'; readonly text: string }
  | { readonly kind: 'string'; readonly octets: Buffer }
  | { readonly kind: 'list'; readonly items: readonly Token[] };

/** A command that can be dispatched. `UID FETCH` is one verb. */
export interface ParsedCommand {
  readonly kind: 'command';
  readonly tag: string;
  readonly verb: string;
  readonly tokens: readonly Token[];
}

/** A line that is none; `tag` is `*` where there was no tag either. */
export interface BrokenCommand {
  readonly kind: 'broken';
  readonly tag: string;
  readonly reason: string;
}

const MAX_DEPTH = 50;

interface Cursor {
  readonly text: string;
  readonly literals: readonly Buffer[];
  index: number;
  literal: number;
}

/** Reads one command. */
export function parseCommand(raw: RawCommand): ParsedCommand | BrokenCommand {
  const match = /^([^\s+(){%*"\\]+) ([A-Za-z]+)(?: (.*))?$/s.exec(raw.text);
  const tag = /^([^\s+(){%*"\\]+)/.exec(raw.text)?.[1] ?? '*';
  if (match === null) return { kind: 'broken', tag, reason: 'a tag and a command are expected' };
  const rest = match[3] ?? '';
  const cursor: Cursor = { text: rest, literals: raw.literals, index: 0, literal: 0 };
  const tokens = readTokens(cursor, 0);
  if (tokens === null || cursor.index < rest.length) {
    return { kind: 'broken', tag, reason: 'the arguments cannot be read' };
  }
  const verb = (match[2] ?? '').toUpperCase();
  const [first, ...others] = tokens;
  if (verb === 'UID' && first?.kind === 'atom') {
    return { kind: 'command', tag, verb: `UID ${first.text.toUpperCase()}`, tokens: others };
  }
  return { kind: 'command', tag, verb, tokens };
}

/** The text of an atom or a string (as UTF-8); undefined for a list and for nothing. */
export function textOf(token: Token | undefined): string | undefined {
  if (token?.kind === 'atom') return token.text;
  return token?.kind === 'string' ? token.octets.toString('utf8') : undefined;
}

/** The texts of a list of atoms and strings; undefined when it is no such list. */
export function textsOf(token: Token | undefined): readonly string[] | undefined {
  if (token?.kind !== 'list') return undefined;
  const texts = token.items.flatMap((item) => textOf(item) ?? []);
  return texts.length === token.items.length ? texts : undefined;
}

/** Reads tokens up to the end or the `)` of this depth; null when they are malformed. */
function readTokens(cursor: Cursor, depth: number): readonly Token[] | null {
  const tokens: Token[] = [];
  if (depth > MAX_DEPTH) return null;
  while (cursor.index < cursor.text.length && cursor.text[cursor.index] !== ')') {
    if (tokens.length > 0) {
      if (cursor.text[cursor.index] !== ' ') return null;
      cursor.index++;
    }
    const token = readToken(cursor, depth);
    if (token === null) return null;
    tokens.push(token);
  }
  return tokens;
}

function readToken(cursor: Cursor, depth: number): Token | null {
  const char = cursor.text[cursor.index];
  if (char === '"') return readQuoted(cursor);
  if (char === LITERAL_MARK) {
    cursor.index++;
    const octets = cursor.literals[cursor.literal++];
    return octets === undefined ? null : { kind: 'string', octets };
  }
  if (char !== '(') return readAtom(cursor);
  cursor.index++;
  const items = readTokens(cursor, depth + 1);
  if (items === null || cursor.text[cursor.index] !== ')') return null;
  cursor.index++;
  return { kind: 'list', items };
}

function readQuoted(cursor: Cursor): Token | null {
  let text = '';
  for (cursor.index++; cursor.index < cursor.text.length; cursor.index++) {
    const char = cursor.text[cursor.index];
    if (char === '"') {
      cursor.index++;
      return { kind: 'string', octets: Buffer.from(text, 'latin1') };
    }
    if (char === '\\') cursor.index++;
    text += cursor.text[cursor.index] ?? '';
  }
  return null;
}

function readAtom(cursor: Cursor): Token | null {
  // A section in brackets may hold blanks and parentheses.
  const pattern = /(?:\[[^\]]*\]|[^\s()"[\p{Cc}])+/uy;
  pattern.lastIndex = cursor.index;
  const text = pattern.exec(cursor.text)?.[0];
  if (text === undefined) return null;
  cursor.index += text.length;
  return { kind: 'atom', text };
}
