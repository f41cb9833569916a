/**
 * Which rules can concern a message: constant addresses, domains and list identifiers are found in hash
 * tables, constant texts by needle-index.ts, so that ten thousand such rules cost what ten do. A rule
 * that is left out would have answered no; evaluation decides about the others.
 */
import type { MessageView } from '../mail/message-view.ts';
import { factsOf } from './anchors.ts';
import type { Predicate, Rule } from './ast.ts';
import type { Anchor } from './condition-spec.ts';
import { indexNeedles, type NeedleIndex } from './needle-index.ts';

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
  return {
    candidates: (view) => {
      // Every number but 0 may mean this look-up, also after four billion of them.
      lookUp = (lookUp % 0xffff_ffff) + 1;
      if (lookUp === 1) foundIn.fill(0);
      const found: number[] = [];
      const add = (index: number): void => {
        if (foundIn[index] === lookUp) return;
        foundIn[index] = lookUp;
        found.push(index);
      };
      for (const index of always) add(index);
      for (const field of fields) findIn(field, view, add);
      if (found.length === 0) return NONE;
      return found.sort((a, b) => a - b).flatMap((index) => rules[index] ?? []);
    },
  };
}

const NONE: readonly Rule[] = [];

/** The rules that wait for something in one header field. */
interface FieldIndex {
  readonly field: string;
  /** All of them. */
  readonly all: readonly number[];
  /** By the token itself. */
  readonly byToken: ReadonlyMap<string, readonly number[]>;
  /** Whether any of them asks for a domain above the one of the address. */
  readonly asksParents: boolean;
  readonly texts: NeedleIndex | null;
}

function findIn(index: FieldIndex, view: MessageView, add: (index: number) => void): void {
  const { field, byToken, texts, asksParents } = index;
  const facts = factsOf(view, field);
  // Not loaded, or unreadable: each of these rules has something to say.
  if (facts === null) {
    index.all.forEach(add);
    return;
  }
  for (const { tokens, parents, values } of facts) {
    if (byToken.size > 0) {
      for (const token of tokens()) byToken.get(token)?.forEach(add);
      if (asksParents) for (const token of parents()) byToken.get(token)?.forEach(add);
    }
    if (texts !== null) for (const value of values()) texts.find(value, add);
  }
}

interface Growing {
  readonly all: number[];
  readonly byToken: Map<string, number[]>;
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
      const place: Growing = growing.get(field) ?? { all: [], byToken: new Map(), needles: [] };
      growing.set(field, place);
      if (place.all.at(-1) !== index) place.all.push(index);
      if (token.startsWith(HAS)) place.needles.push({ needle: token.slice(HAS.length), index });
      else append(place.byToken, token, index);
    }
  });
  const fields = [...growing].map(([field, { all, byToken, needles }]) => ({
    field,
    all,
    byToken,
    asksParents: [...byToken.keys()].some((token) => token.startsWith('under ')),
    texts: needles.length === 0 ? null : indexNeedles(needles),
  }));
  return { always, fields };
}

/** Begins the token of a text that may stand anywhere in the value. */
const HAS = 'has ';

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
  return anchors.filter(({ token }) => token.startsWith(HAS)).length;
}

function append(map: Map<string, number[]>, key: string, index: number): void {
  const indexes = map.get(key);
  if (indexes === undefined) map.set(key, [index]);
  else if (indexes.at(-1) !== index) indexes.push(index);
}
