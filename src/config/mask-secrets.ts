/**
 * Secrets that stand in a file although they must not: found, so that no message and no code frame
 * shows them on a screen, in a log or in a bug report. Rather hides too much than too little.
 */
import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Diagnostic } from '../core/diagnostic.ts';
import { suggest } from '../core/suggest.ts';
import { isReadable } from './read-yaml.ts';

/** Where secrets stand in a text, and in which words a message may repeat them. */
interface Findings {
  readonly ranges: { readonly start: number; readonly end: number }[];
  readonly words: Set<string>;
}

/** Keys whose values are secrets, in several spellings and with mistakes. */
const SECRET_KEY = /pass|pwd|secret|token|credential|kennwort|api_?key/i;
/** Below such a key: what only says where a secret is, or how one signs in. */
const POINTERS = new Set([
  'env',
  'file',
  'keyring',
  'provider',
  'user',
  'issuer',
  'tenant',
  'clientId',
  'scopes',
]);
/** Keys that may stand below such a key; what is none of them, and is like none, may be a secret. */
const KNOWN = [...POINTERS, ...['password', 'command', 'oauth2', 'clientSecret']];
/** `scheme://user:SECRET@host`; a password may hold further @. All bounds keep the search linear. */
const IN_URL = /:\/\/?[^\s/@:"']{0,200}:([^\s"']{1,500})@/dg;
/** `?password=SECRET`. */
const IN_QUERY = /[?&](?:pass\w{0,20}|pwd|token|secret|key|auth)=([^&\s"'#]+)/dgi;
/** `password: SECRET` to the end of the line, for text that is no YAML. */
const IN_LINE =
  /(?:pass|pwd|secret|token|credential|kennwort|api_?key)[\w-]{0,40}["']?[ \t]{0,40}:[ \t]{0,40}((?![{[#\s]).+)/dgi;
/** Shorter words stand in messages for other reasons. */
const MIN_WORD_CHARS = 4;
const MASK = '•••';

/** A file's text without its secrets, and a way to keep them out of what is said about it. */
export interface HiddenSecrets {
  /** The text with each secret as `•••`, and every column where it was. */
  readonly text: string;
  /** A diagnostic without the secrets that its words might repeat. */
  scrub(diagnostic: Diagnostic): Diagnostic;
}

/** Finds the secrets of a text, once. */
export function hideSecrets(text: string): HiddenSecrets {
  const found = findSecrets(text);
  const words = [...found.words].sort((a, b) => b.length - a.length);
  const scrub = (said: string): string =>
    words.reduce((left, word) => left.replaceAll(word, MASK), said);
  return {
    text: cover(text, found),
    scrub: (diagnostic) => {
      const { message, hint, allowed } = diagnostic;
      return {
        ...diagnostic,
        message: scrub(message),
        ...(hint === undefined ? {} : { hint: scrub(hint) }),
        ...(allowed === undefined ? {} : { allowed: allowed.map(scrub) }),
      };
    },
  };
}

/** The diagnostics of files with these texts, none of which repeats a secret of its file. */
export function withoutSecrets(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
): readonly Diagnostic[] {
  const hidden = hideAll(diagnostics, texts);
  return diagnostics.map((each) => hidden.get(each.file)?.scrub(each) ?? each);
}

/** For each file that the diagnostics name and whose text is there. */
export function hideAll(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, HiddenSecrets> {
  const hidden = new Map<string, HiddenSecrets>();
  for (const file of new Set(diagnostics.map((each) => each.file))) {
    const text = texts.get(file);
    if (text !== undefined) hidden.set(file, hideSecrets(text));
  }
  return hidden;
}

function cover(text: string, { ranges }: Findings): string {
  const parts: string[] = [];
  let done = 0;
  for (const { start, end } of ranges) {
    if (end <= done) continue;
    const from = Math.max(start, done);
    parts.push(text.slice(done, from), maskOf(text.slice(from, end)));
    done = end;
  }
  return parts.join('') + text.slice(done);
}

/** One mask a line; its length says nothing of what it covers. */
function maskOf(secret: string): string {
  return secret.replaceAll(/[^\r\n]+/g, (line) =>
    line.trim() === '' ? line : MASK.slice(0, line.length).padEnd(line.length),
  );
}

function findSecrets(text: string): Findings {
  const found: Findings = { ranges: [], words: new Set() };
  for (const pattern of [IN_URL, IN_QUERY]) addMatches(text, pattern, found);
  if (isReadable(text)) addNodes(text, found);
  else addMatches(text, IN_LINE, found);
  found.ranges.sort((a, b) => a.start - b.start || b.end - a.end);
  return found;
}

function addMatches(text: string, pattern: RegExp, found: Findings): void {
  for (const match of text.matchAll(pattern)) {
    const [start = 0, end = 0] = match.indices?.[1] ?? [];
    found.ranges.push({ start, end });
    addWords(text.slice(start, end), found, pattern === IN_LINE);
  }
}

/** Where the text is broken, a message may repeat any piece of it. */
function addWords(value: string, { words }: Findings, inPieces: boolean): void {
  const pieces = inPieces ? value.split(/[\s"'{}[\],]+/) : [];
  for (const word of [value.trim(), ...pieces]) {
    if (word.length < MIN_WORD_CHARS) continue;
    words.add(word);
    words.add(JSON.stringify(word).slice(1, -1));
  }
}

/** The secrets of a document, by its structure; its lines too where it has mistakes. */
function addNodes(text: string, found: Findings): void {
  const parsed = parseDocument(text, { uniqueKeys: false, prettyErrors: false });
  const isBroken = parsed.errors.length + parsed.warnings.length > 0;
  if (isBroken) addMatches(text, IN_LINE, found);
  const hide = (node: unknown, from: number | undefined): void => {
    const range = rangeOf(node);
    if (range === undefined) return;
    const start = from ?? range[0];
    if (range[1] <= start) return;
    found.ranges.push({ start, end: range[1] });
    addWords(text.slice(start, range[1]), found, isBroken);
    if (isScalar(node)) addWords(String(node.value), found, isBroken);
  };
  const walk = (node: unknown, isSecret: boolean, path: readonly string[], from?: number): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        if (!isPair(pair) || !isScalar(pair.key)) continue;
        const key = String(pair.key.value);
        if (isSecret && POINTERS.has(key)) continue;
        if (isSecret && !KNOWN.includes(key) && suggest(key, KNOWN) === undefined) {
          hide(pair.key, undefined);
        }
        const end = pair.key.range?.[1] ?? 0;
        const colon = /^["']?\s*:\s*/.exec(text.slice(end))?.[0].length ?? 0;
        const under = [...path, key];
        walk(pair.value, isSecret || isSecretPlace(key, under), under, end + colon);
      }
      return;
    }
    if (isSeq(node)) {
      for (const item of node.items) walk(item, isSecret, path);
      return;
    }
    // From behind the colon, so that an anchor or a tag is covered, too.
    if (isSecret && (isScalar(node) || isAlias(node))) hide(node, from);
  };
  walk(parsed.contents, false, []);
}

/** `auth` of an account; the condition `auth` of a rule holds no secret. */
function isSecretPlace(key: string, path: readonly string[]): boolean {
  return SECRET_KEY.test(key) || (key === 'auth' && path[0] === 'accounts');
}

function rangeOf(node: unknown): readonly [number, number] | undefined {
  if (!isScalar(node) && !isAlias(node)) return undefined;
  const { range } = node;
  return range === null || range === undefined ? undefined : [range[0], range[1]];
}
