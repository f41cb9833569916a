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
  const reader = new FeedReader(text);
  const broken = reader.read();
  if (broken === null) return { kind: 'ok', filters: reader.filters };
  const { offset, message } = broken;
  return invalidAt(file, positionsOf(text)(offset), { message, hint: AGAIN });
}

interface Problem {
  readonly offset: number;
  readonly message: string;
}

interface OpenElement {
  readonly name: string;
  readonly offset: number;
  readonly attributes: Map<string, string>;
}

const ignore = (): void => {};

/** A class, since a reading has a beginning, a state and an end. */
class FeedReader {
  readonly filters: { line: number; properties: FeedProperty[] }[] = [];
  readonly #text: string;
  readonly #positionOf: ReturnType<typeof positionsOf>;
  readonly #open: OpenElement[] = [];
  readonly #tokenizer: Tokenizer;
  #attribute: { name: string; value: string } = { name: '', value: '' };
  #hasRoot = false;
  #problem: Problem | null = null;

  constructor(text: string) {
    this.#text = text;
    this.#positionOf = positionsOf(text);
    this.#tokenizer = new Tokenizer(
      { xmlMode: true, decodeEntities: true },
      {
        ontext: (start, end) => this.#takeText(start, end),
        ontextentity: ignore,
        onopentagname: (start, end) => this.#openElement(start, end),
        onopentagend: () => this.#takeElement(),
        onselfclosingtag: () => {
          this.#takeElement();
          this.#open.pop();
        },
        onclosetag: (start, end) => this.#closeElement(start, end),
        onattribname: (start, end) => {
          this.#attribute = { name: this.#text.slice(start, end), value: '' };
        },
        onattribdata: (start, end) => this.#takeValue(start, end),
        onattribentity: (codepoint) => {
          this.#attribute.value += String.fromCodePoint(codepoint);
        },
        onattribend: () => {
          this.#open.at(-1)?.attributes.set(this.#attribute.name, this.#attribute.value);
        },
        oncdata: ignore,
        oncomment: ignore,
        ondeclaration: (start) => this.#stop(start, 'found a document type; a feed has none'),
        onprocessinginstruction: ignore,
        onend: ignore,
      },
    );
  }

  /** Gives the first problem, or null. */
  read(): Problem | null {
    this.#tokenizer.write(this.#text);
    if (this.#problem !== null) return this.#problem;
    this.#tokenizer.end();
    const open = this.#open.at(-1);
    const offset = Math.max(0, this.#text.length - 1);
    if (open !== undefined) {
      const { line } = this.#positionOf(open.offset);
      this.#stop(offset, `the file ends inside <${shown(open.name)}> of line ${line}`);
    } else if (!this.#hasRoot)
      this.#stop(offset, 'found no <feed>; a file of Gmail filters is one');
    return this.#problem;
  }

  #stop(offset: number, message: string): void {
    this.#problem ??= { offset, message };
    this.#tokenizer.pause();
  }

  #takeText(start: number, end: number): void {
    if (this.#open.length > 0) return;
    const text = this.#text.slice(start, end).replace(/^\ufeff/, '');
    if (text.trim() === '') return;
    this.#stop(start, `found ${quoted(text.trim().slice(0, 20))}, expected <feed>`);
  }

  #openElement(start: number, end: number): void {
    const name = this.#text.slice(start, end);
    if (this.#open.length === 0 && (this.#hasRoot || name !== 'feed')) {
      const where = this.#hasRoot ? 'after the end of <feed>' : ', expected <feed>';
      this.#stop(start, `found <${shown(name)}>${this.#hasRoot ? ' ' : ''}${where}`);
      return;
    }
    if (this.#open.length >= MAX_DEPTH) {
      this.#stop(start, `the elements are nested more than ${MAX_DEPTH} deep`);
      return;
    }
    this.#hasRoot = true;
    this.#open.push({ name, offset: start, attributes: new Map() });
  }

  #takeValue(start: number, end: number): void {
    const piece = this.#text.slice(start, end);
    const stray = piece.indexOf('&');
    if (stray < 0) this.#attribute.value += piece;
    else this.#stop(start + stray, 'found an entity that XML does not have; write & as &amp;');
  }

  #takeElement(): void {
    const element = this.#open.at(-1);
    if (element === undefined || this.#problem !== null) return;
    const { line } = this.#positionOf(element.offset);
    const isInEntry = this.#open.length === 3 && this.#open[1]?.name === 'entry';
    if (this.#open.length === 2 && element.name === 'entry') {
      this.filters.push({ line, properties: [] });
    } else if (isInEntry && element.name.replace(/^.*:/, '') === 'property') {
      const name = element.attributes.get('name');
      const value = element.attributes.get('value');
      if (name === undefined || value === undefined) {
        const missing = name === undefined ? 'name' : 'value';
        this.#stop(element.offset, `found a property without "${missing}"`);
      } else this.filters.at(-1)?.properties.push({ name, value, line });
    }
  }

  #closeElement(start: number, end: number): void {
    const name = this.#text.slice(start, end);
    const open = this.#open.pop();
    if (open?.name === name) return;
    const expected = open === undefined ? 'nothing is open' : `expected </${shown(open.name)}>`;
    this.#stop(start, `found </${shown(name)}>, ${expected}`);
  }
}

function shown(name: string): string {
  return quoted(name).slice(1, -1);
}
