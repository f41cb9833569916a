/**
 * Gmail's query syntax as a tree: words, "phrases", field:value, -not, OR, {any of these}, (groups).
 * OR binds tighter than standing side by side, as in Gmail.
 */
import { MAX_DEPTH, quoted } from './draft.ts';

/** A piece of a query. */
export type QueryNode =
  | { readonly kind: 'all' | 'any'; readonly of: readonly QueryNode[] }
  | { readonly kind: 'not'; readonly of: QueryNode }
  | {
      readonly kind: 'term';
      /** The operator before the colon; null for words that may stand anywhere. */
      readonly field: string | null;
      readonly text: string;
    };

/** A query, or why it cannot be read. */
export type Query =
  | {
      readonly kind: 'query';
      readonly node: QueryNode;
      /** OR beside other words, which people read in two ways. */
      readonly isMixed: boolean;
    }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Every operator that Gmail documents; another word before a colon is text. */
const OPERATORS = new Set([
  ...['from', 'to', 'cc', 'bcc', 'subject', 'list', 'deliveredto', 'rfc822msgid', 'has', 'is'],
  ...['filename', 'size', 'larger', 'smaller', 'before', 'after', 'older', 'newer', 'older_than'],
  ...['newer_than', 'in', 'label', 'category', 'header', 'lang', 'replyto', 'around'],
]);

/** Gmail takes about 1,500 characters; each word of a query becomes up to six tests. */
const MAX_CHARS = 20_000;

/** Joined tightly, OR finds less; under a not that would be more. */
export const MIXED = 'a not of OR beside other words, which has two readings; write parentheses';

/** Parses a query; `field` is what words without an operator belong to. */
export function parseQuery(text: string, field: string | null): Query {
  if (text.length > MAX_CHARS) {
    return { kind: 'unreadable', reason: `a query of more than ${MAX_CHARS} characters` };
  }
  const state: State = { text, tokens: lex(text), at: 0, isMixed: false };
  const node = parseGroup(state, { field, end: null, depth: 0 });
  return typeof node === 'string'
    ? { kind: 'unreadable', reason: node }
    : { kind: 'query', node, isMixed: state.isMixed };
}

type Token =
  | { readonly kind: '(' | ')' | '{' | '}' | '-' | 'OR' | 'AND' }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bad'; readonly reason: string };

interface State {
  readonly text: string;
  readonly tokens: readonly Token[];
  at: number;
  isMixed: boolean;
}

interface Scope {
  readonly field: string | null;
  /** What closes the group; null at the end of the query. */
  readonly end: ')' | '}' | null;
  readonly depth: number;
}

function lex(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|([(){}|])|"([^"]*)("?)|([-+])(?=\S)|([a-z0-9_]+):|([^\s(){}"|]+)/giy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [whole, bracket, phrase, closing, sign, operator, word] = match;
    if (bracket !== undefined) tokens.push(bracketToken(bracket));
    else if (phrase !== undefined) tokens.push(phraseToken(phrase, closing === '"'));
    else if (sign === '-') tokens.push({ kind: '-' });
    else if (operator !== undefined && OPERATORS.has(operator.toLowerCase())) {
      tokens.push({ kind: 'field', name: operator.toLowerCase() });
    } else if (operator !== undefined || word !== undefined) {
      // Not an operator: the word goes on behind the colon.
      const next = text.slice(pattern.lastIndex);
      const rest = operator === undefined ? '' : (/^[^\s(){}"|]*/.exec(next)?.[0] ?? '');
      pattern.lastIndex += rest.length;
      if (!isIdle(whole + rest, tokens.at(-1))) tokens.push(wordToken(whole + rest));
    }
  }
  return tokens;
}

/** Gmail passes over a dash or an ampersand that stands alone among words. */
function isIdle(word: string, before: Token | undefined): boolean {
  return /^[-–—&/:;.,!?]+$/.test(word) && (before === undefined || before.kind === 'text');
}

function bracketToken(bracket: string): Token {
  if (bracket === '(' || bracket === ')' || bracket === '{' || bracket === '}') {
    return { kind: bracket };
  }
  return { kind: 'OR' };
}

function phraseToken(text: string, isClosed: boolean): Token {
  return isClosed
    ? { kind: 'text', text }
    : { kind: 'bad', reason: 'a quotation mark is not closed' };
}

function wordToken(text: string): Token {
  if (text === 'OR') return { kind: 'OR' };
  if (text === 'AND') return { kind: 'AND' };
  if (text === 'NOT' || text === 'AROUND') {
    return { kind: 'bad', reason: `the operator ${text} of a query` };
  }
  return { kind: 'text', text };
}

/** What stands side by side up to the end of the group. */
function parseGroup(state: State, scope: Scope): QueryNode | string {
  if (scope.depth > MAX_DEPTH) return `the query is nested more than ${MAX_DEPTH} deep`;
  const parts: QueryNode[] = [];
  let hasOr = false;
  for (;;) {
    const token = state.tokens[state.at];
    if (token === undefined || token.kind === scope.end) break;
    if (token.kind === 'AND' && parts.length > 0) {
      state.at++;
      continue;
    }
    const part = parseAlternatives(state, scope);
    if (typeof part === 'string') return part;
    hasOr ||= part.isOr;
    parts.push(part.node);
  }
  if (scope.end !== null && state.tokens[state.at]?.kind !== scope.end) {
    return `"${scope.end}" is missing in the query`;
  }
  state.at++;
  const [only] = parts;
  if (only === undefined) return 'the query is empty, or has an empty group';
  if (hasOr && parts.length > 1 && scope.end !== '}') state.isMixed = true;
  if (parts.length === 1) return only;
  return { kind: scope.end === '}' ? 'any' : 'all', of: parts };
}

/** `a OR b OR c`. */
function parseAlternatives(
  state: State,
  scope: Scope,
): { readonly node: QueryNode; readonly isOr: boolean } | string {
  const parts: QueryNode[] = [];
  for (;;) {
    const part = parseOne(state, scope);
    if (typeof part === 'string') return part;
    parts.push(part);
    if (state.tokens[state.at]?.kind !== 'OR') break;
    state.at++;
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined
    ? { node: only, isOr: false }
    : { node: { kind: 'any', of: parts }, isOr: true };
}

function parseOne(state: State, scope: Scope): QueryNode | string {
  const token = state.tokens[state.at++];
  if (scope.depth > MAX_DEPTH) return `the query is nested more than ${MAX_DEPTH} deep`;
  const inner = { field: scope.field, end: scope.end, depth: scope.depth + 1 };
  switch (token?.kind) {
    case '(':
      return parseGroup(state, { ...inner, end: ')' });
    case '{':
      return parseGroup(state, { ...inner, end: '}' });
    case '-': {
      const wasMixed = state.isMixed;
      state.isMixed = false;
      const node = parseOne(state, inner);
      if (typeof node === 'string') return node;
      if (state.isMixed) return MIXED;
      state.isMixed = wasMixed;
      return { kind: 'not', of: node };
    }
    case 'field':
      return parseOne(state, { ...inner, field: token.name });
    case 'text':
      return { kind: 'term', field: scope.field, text: token.text };
    case 'bad':
      return token.reason;
    default:
      return `${token === undefined ? 'the end' : quoted(token.kind)} stands where the query needs a word`;
  }
}
