/**
 * The Atom feed that Gmail's "Export filters" writes → its filters as they stand, with their lines.
 * Works on tokens, in linear time; no entity of a file's own is ever expanded.
 */
import { Tokenizer } from 'htmlparser2';
import type { Diagnostic } from '../core/diagnostic.ts';
import { invalidAt, MAX_DEPTH, quoted } from './draft.ts';
import { positionsOf } from './positions.ts';

/** One `apps:property` of a filter. */
export interface FeedProperty {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** One `entry` of the feed. */
export interface FeedFilter {
  readonly line: number;
  readonly properties: readonly FeedProperty[];
}

/** The filters, or where the file breaks. */
export type Feed =
  | { readonly kind: 'ok'; readonly filters: readonly FeedFilter[] }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] };

const AGAIN = 'export the filters again in Gmail: Settings, Filters and blocked addresses, Export';

/** Reads a feed; stops at the first place that is broken. */
export function readFeed(file: string, text: string): Feed {
  const placeOf = positionsOf(text);
  const reading: Reading = {
    text,
    lineOf: (offset) => placeOf(offset).line,
    filters: [],
    open: [],
    attribute: { name: '', value: '' },
    hasRoot: false,
    problem: null,
  };
  readTokens(reading);
  const { problem, filters } = reading;
  if (problem === null) return { kind: 'ok', filters };
  return invalidAt(file, placeOf(problem.offset), { message: problem.message, hint: AGAIN });
}

/** What is known while the tokens go by. */
interface Reading {
  readonly text: string;
  readonly lineOf: (offset: number) => number;
  readonly filters: { readonly line: number; readonly properties: FeedProperty[] }[];
  readonly open: OpenElement[];
  attribute: { name: string; value: string };
  hasRoot: boolean;
  /** The first one; nothing behind it counts. */
  problem: { readonly offset: number; readonly message: string } | null;
}

interface OpenElement {
  readonly name: string;
  readonly offset: number;
  readonly attributes: Map<string, string>;
}

const ignore = (): void => {};

function readTokens(reading: Reading): void {
  const { text, open } = reading;
  /** Takes down what a step found wrong, and reads no further. */
  const check = (offset: number, message: string | null): void => {
    if (message === null) return;
    reading.problem ??= { offset, message };
    tokenizer.pause();
  };
  const tokenizer: Tokenizer = new Tokenizer(
    { xmlMode: true, decodeEntities: true },
    {
      ontext: (start, end) => check(start, takeText(reading, text.slice(start, end))),
      ontextentity: ignore,
      onopentagname: (start, end) =>
        check(start, openElement(reading, { name: text.slice(start, end), offset: start })),
      onopentagend: (end) => check(open.at(-1)?.offset ?? end, takeElement(reading)),
      onselfclosingtag: (end) => {
        check(open.at(-1)?.offset ?? end, takeElement(reading));
        open.pop();
      },
      onclosetag: (start, end) => check(start, closeElement(reading, text.slice(start, end))),
      onattribname: (start, end) => {
        reading.attribute = { name: text.slice(start, end), value: '' };
      },
      onattribdata: (start, end) => {
        const piece = text.slice(start, end);
        reading.attribute.value += piece;
        const stray = piece.indexOf('&');
        check(start + stray, stray < 0 ? null : STRAY);
      },
      onattribentity: (codepoint) => {
        reading.attribute.value += String.fromCodePoint(codepoint);
      },
      onattribend: () => {
        open.at(-1)?.attributes.set(reading.attribute.name, reading.attribute.value);
      },
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: (start) => check(start, 'found a document type; a feed has none'),
      onprocessinginstruction: ignore,
      onend: ignore,
    },
  );
  tokenizer.write(text);
  if (reading.problem !== null) return;
  tokenizer.end();
  check(Math.max(0, text.length - 1), whatIsMissing(reading));
}

const STRAY = 'found an entity that XML does not have; write & as &amp;';

function takeText({ open }: Reading, text: string): string | null {
  const found = text.replace(/^\ufeff/, '').trim();
  if (open.length > 0 || found === '') return null;
  return `found ${quoted(found.slice(0, 20))}, expected <feed>`;
}

function openElement(
  reading: Reading,
  { name, offset }: { readonly name: string; readonly offset: number },
): string | null {
  const { open } = reading;
  if (open.length === 0) {
    if (reading.hasRoot) return `found <${shown(name)}> after the end of <feed>`;
    if (name !== 'feed') return `found <${shown(name)}>, expected <feed>`;
  }
  if (open.length >= MAX_DEPTH) return `the elements are nested more than ${MAX_DEPTH} deep`;
  reading.hasRoot = true;
  open.push({ name, offset, attributes: new Map() });
  return null;
}

/** The attributes of the innermost element are complete. */
function takeElement({ open, filters, lineOf, problem }: Reading): string | null {
  const element = open.at(-1);
  if (element === undefined || problem !== null) return null;
  const { attributes, offset } = element;
  if (open.length === 2 && element.name === 'entry') {
    filters.push({ line: lineOf(offset), properties: [] });
  }
  const isInEntry = open.length === 3 && open[1]?.name === 'entry';
  if (!isInEntry || element.name.replace(/^.*:/, '') !== 'property') return null;
  const name = attributes.get('name');
  const value = attributes.get('value');
  if (name === undefined) return 'found a property without "name"';
  if (value === undefined) return 'found a property without "value"';
  filters.at(-1)?.properties.push({ name, value, line: lineOf(offset) });
  return null;
}

function closeElement({ open }: Reading, name: string): string | null {
  const element = open.pop();
  if (element?.name === name) return null;
  const expected = element === undefined ? 'nothing is open' : `expected </${shown(element.name)}>`;
  return `found </${shown(name)}>, ${expected}`;
}

function whatIsMissing({ open, hasRoot, lineOf }: Reading): string | null {
  const element = open.at(-1);
  if (element === undefined) {
    return hasRoot ? null : 'found no <feed>; a file of Gmail filters is one';
  }
  return `the file ends inside <${shown(element.name)}> of line ${lineOf(element.offset)}`;
}

function shown(name: string): string {
  return quoted(name).slice(1, -1);
}
