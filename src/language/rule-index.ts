/**
 * Which rules can concern a message: constant addresses, domains and list identifiers are found in hash
 * tables, constant texts by needle-index.ts, so that ten thousand such rules cost what ten do. A rule
 * that is left out would have answered no; evaluation decides about the others.
 */
import type { Address, MessageView } from '../mail/message-view.ts';
import { domainOf, parentsOf } from './address-parts.ts';
import { TEXT_FIELD } from './anchors.ts';
import type { Predicate, Rule } from './ast.ts';
import type { Anchor } from './condition-spec.ts';
import { listId } from './list-id.ts';
import { indexNeedles, type NeedleIndex } from './needle-index.ts';
import { foldText } from './text-fold.ts';

/** The rules of a mailbox, to be asked for each message. */
export interface RuleIndex {
  /** The rules that may say anything but no, in their order. */
  candidates(view: MessageView): readonly Rule[];
}

/** With fewer rules than this, asking each of them is cheaper than looking them up. */
const WORTHWHILE = 8;

/** Builds the index; rules keep their order. */
export function indexRules(rules: readonly Rule[], worthwhile: number = WORTHWHILE): RuleIndex {
  if (rules.length < worthwhile) return { candidates: () => rules };
  const { always, fields } = sortOut(rules);
  if (fields.length === 0) return { candidates: () => rules };
  /** The look-up in which a rule was found last: a set that need not be emptied. */
  const foundIn = new Uint32Array(rules.length);
  let lookUp = 0;
  let found: number[] | null = null;
  const add: Add = (index) => {
    if (foundIn[index] === lookUp) return;
    foundIn[index] = lookUp;
    if (found === null) found = [index];
    else found.push(index);
  };
  const lookFor = (view: MessageView): readonly number[] | null => {
    found = null;
    addAll(always, add);
    for (const field of fields) findIn(field, view, add);
    return found;
  };
  return {
    candidates: (view) => {
      // Every number but 0 may mean this look-up, also after four billion of them.
      lookUp = (lookUp % 0xffff_ffff) + 1;
      if (lookUp === 1) foundIn.fill(0);
      const indexes = lookFor(view);
      return indexes === null ? NONE : inOrder(rules, indexes);
    },
  };
}

const NONE: readonly Rule[] = [];

function inOrder(rules: readonly Rule[], indexes: readonly number[]): readonly Rule[] {
  const sorted = indexes.length === 1 ? indexes : indexes.toSorted((a, b) => a - b);
  const chosen: Rule[] = [];
  for (const index of sorted) {
    const rule = rules[index];
    if (rule !== undefined) chosen.push(rule);
  }
  return chosen;
}

/** The rules that wait for something in one header field. */
interface FieldIndex {
  /** The name of the header field. */
  readonly name: string;
  /** How its value is read. */
  readonly kind: 'addresses' | 'list' | 'text';
  /** All of them. */
  readonly all: readonly number[];
  /** By the whole value, by the domain of an address, and by a domain above that. */
  readonly is: ReadonlyMap<string, readonly number[]>;
  readonly at: ReadonlyMap<string, readonly number[]>;
  readonly under: ReadonlyMap<string, readonly number[]>;
  /** By a text that stands anywhere in the value. */
  readonly texts: NeedleIndex | null;
}

type Add = (index: number) => void;

function findIn(index: FieldIndex, { headers }: MessageView, add: Add): void {
  const { name, kind } = index;
  const isLoaded = headers?.isLoaded(name) === true;
  const addresses = isLoaded && kind === 'addresses' ? headers.addresses(name) : null;
  const texts = isLoaded && kind !== 'addresses' ? headers.text(name) : null;
  if (addresses?.kind === 'values') {
    for (const address of addresses.values) findAddress(index, address, add);
  } else if (texts?.kind === 'values') {
    for (const value of texts.values) findText(index, value, add);
  } else {
    // Not loaded, or unreadable: each of these rules has something to say.
    addAll(index.all, add);
  }
}

function findText({ kind, is, texts }: FieldIndex, value: string, add: Add): void {
  const text = kind === 'list' ? listId(value) : value;
  if (is.size > 0) addAll(is.get(foldText(text)), add);
  texts?.find(text, add);
}

function findAddress(index: FieldIndex, { name, address }: Address, add: Add): void {
  const { is, at, under, texts } = index;
  if (is.size + at.size + under.size > 0) {
    const whole = foldText(address);
    addAll(is.get(whole), add);
    const domain = domainOf(whole);
    if (at.size > 0) addAll(at.get(domain), add);
    if (under.size > 0) for (const parent of parentsOf(domain)) addAll(under.get(parent), add);
  }
  texts?.find(name, add);
  texts?.find(address, add);
}

function addAll(indexes: readonly number[] | undefined, add: Add): void {
  if (indexes !== undefined) for (const index of indexes) add(index);
}

interface Growing {
  readonly all: number[];
  readonly is: Map<string, number[]>;
  readonly at: Map<string, number[]>;
  readonly under: Map<string, number[]>;
  readonly needles: { needle: string; index: number }[];
}

function sortOut(rules: readonly Rule[]): {
  readonly always: readonly number[];
  readonly fields: readonly FieldIndex[];
} {
  const always: number[] = [];
  const growing = new Map<string, Growing>();
  rules.forEach((rule, index) => {
    const anchors = anchorsOf(rule.when);
    if (anchors === null) always.push(index);
    for (const { field, token } of anchors ?? []) {
      const place: Growing = growing.get(field) ?? {
        ...{ all: [], is: new Map(), at: new Map(), under: new Map() },
        needles: [],
      };
      growing.set(field, place);
      if (place.all.at(-1) !== index) place.all.push(index);
      put(place, token, index);
    }
  });
  const fields = [...growing].map(([field, { needles, ...rest }]) => ({
    ...rest,
    ...fieldOf(field),
    texts: needles.length === 0 ? null : indexNeedles(needles),
  }));
  return { always, fields };
}

function put(place: Growing, token: string, index: number): void {
  const space = token.indexOf(' ');
  const value = token.slice(space + 1);
  switch (token.slice(0, space)) {
    case 'has':
      place.needles.push({ needle: value, index });
      break;
    case 'at':
      append(place.at, value, index);
      break;
    case 'under':
      append(place.under, value, index);
      break;
    default:
      append(place.is, value, index);
  }
}

function fieldOf(field: string): Pick<FieldIndex, 'name' | 'kind'> {
  if (field.startsWith(TEXT_FIELD)) return { name: field.slice(TEXT_FIELD.length), kind: 'text' };
  return { name: field, kind: field === 'list-id' ? 'list' : 'addresses' };
}

/** Tokens, one of which every message has that the predicate does not refuse; null: cannot be said. */
export function anchorsOf(predicate: Predicate): readonly Anchor[] | null {
  switch (predicate.kind) {
    case 'test':
      return predicate.test.anchors ?? null;
    case 'not':
      return null;
    case 'all': {
      const known = predicate.of.flatMap((branch) => {
        const anchors = anchorsOf(branch);
        return anchors === null ? [] : [anchors];
      });
      // The shortest list leaves the fewest messages to be looked at; a whole value beats a text in it.
      return known.sort((a, b) => a.length - b.length || textsIn(a) - textsIn(b))[0] ?? null;
    }
    default: {
      const all: Anchor[] = [];
      for (const branch of predicate.of) {
        const anchors = anchorsOf(branch);
        if (anchors === null) return null;
        all.push(...anchors);
      }
      return all;
    }
  }
}

function textsIn(anchors: readonly Anchor[]): number {
  return anchors.filter(({ token }) => token.startsWith('has ')).length;
}

function append(map: Map<string, number[]>, key: string, index: number): void {
  const indexes = map.get(key);
  if (indexes === undefined) map.set(key, [index]);
  else if (indexes.at(-1) !== index) indexes.push(index);
}
