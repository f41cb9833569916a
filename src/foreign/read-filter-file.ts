/**
 * Thunderbird's msgFilterRules.dat → its filters as they stand, with their lines. A file is lines of
 * `key="value"`; each `name` begins a filter.
 */
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { invalidAt, quoted } from './draft.ts';

/** One `key="value"`, unescaped. */
export interface FilterAttribute {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** One filter: its name, and everything up to the next one. */
export interface SavedFilter {
  readonly name: string;
  readonly line: number;
  readonly attributes: readonly FilterAttribute[];
}

/** The filters, or where the file breaks. */
export type FilterFile =
  | { readonly kind: 'ok'; readonly filters: readonly SavedFilter[] }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] };

const HINT =
  'give the msgFilterRules.dat of one account, below ImapMail in the profile of Thunderbird';

/** Reads a file of version 8 or 9; stops at the first place that is broken. */
export function readFilterFile(file: string, text: string): FilterFile {
  const filters: { name: string; line: number; attributes: FilterAttribute[] }[] = [];
  const fail = (at: Position, message: string, hint = HINT): FilterFile =>
    invalidAt(file, at, { message, hint });
  let hasVersion = false;
  for (const [index, source] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = index + 1;
    if (source.trim() === '') continue;
    const start = source.search(/\S/);
    const [opening] = /^[A-Za-z]+="/.exec(source.slice(start, start + 100)) ?? [];
    if (opening === undefined) {
      const found = quoted(source.slice(start, start + 30));
      return fail({ line, column: start + 1 }, `found ${found}, expected a line like name="…"`);
    }
    const key = opening.slice(0, -2);
    const read = readValue(source, start + opening.length);
    if (read === null) {
      const message = `the value of "${key}" has no closing quotation mark`;
      return fail({ line, column: source.length + 1 }, message);
    }
    if (read.rest.trim() !== '') {
      const message = `found ${quoted(read.rest.trim())} behind the value of "${key}"`;
      return fail({ line, column: source.length - read.rest.length + 1 }, message);
    }
    const { value } = read;
    if (key === 'version') {
      hasVersion = true;
      if (value === '8' || value === '9') continue;
      const message = `found version ${quoted(value)}, expected 9`;
      const hint = 'open the filters in a current Thunderbird, which writes them anew';
      return fail({ line, column: start + 1 }, message, hint);
    }
    if (!hasVersion) {
      return fail({ line, column: start + 1 }, `found "${key}", expected version="9" first`);
    }
    if (key === 'logging' && filters.length === 0) continue;
    if (key === 'name') filters.push({ name: value, line, attributes: [] });
    else if (filters.length === 0) {
      return fail({ line, column: start + 1 }, `found "${key}", expected a filter's name first`);
    } else filters.at(-1)?.attributes.push({ key, value, line });
  }
  return hasVersion
    ? { kind: 'ok', filters }
    : fail({ line: 1, column: 1 }, 'found an empty file, expected version="9"');
}

/** `\"` is a quotation mark; `\\` keeps its backslash and takes the next character as it is. */
function readValue(source: string, start: number): { value: string; rest: string } | null {
  const piece = /[^"\\]+|\\"|\\\\.?|\\/sy;
  piece.lastIndex = start;
  const pieces: string[] = [];
  let at = start;
  for (let match = piece.exec(source); match !== null; match = piece.exec(source)) {
    const [text] = match;
    // Of an escaped quotation mark or backslash, the first backslash goes.
    pieces.push(text.length > 1 && text.startsWith('\\') ? text.slice(1) : text);
    at = piece.lastIndex;
  }
  return source[at] === '"' ? { value: pieces.join(''), rest: source.slice(at + 1) } : null;
}
