/**
 * Which rules can concern a message: constant addresses, domains and list identifiers go into one
 * hash table, so that ten thousand such rules cost what ten do. A rule that is left out would have
 * answered no; evaluation decides about the others.
 */
import type { MessageView } from '../mail/message-view.ts';
import { addressTokens, listTokens } from './anchors.ts';
import type { Predicate, Rule } from './ast.ts';
import type { Anchor } from './condition-spec.ts';

/** The rules of a mailbox, to be asked for each message. */
export interface RuleIndex {
  /** The rules that may say anything but no, in their order. */
  candidates(view: MessageView): readonly Rule[];
}

/** With fewer rules than this, asking each of them is cheaper than looking them up. */
const WORTHWHILE = 32;

/** Builds the index; rules keep their order. */
export function indexRules(rules: readonly Rule[], worthwhile: number = WORTHWHILE): RuleIndex {
  if (rules.length < worthwhile) return { candidates: () => rules };
  const always: number[] = [];
  const byToken = new Map<string, number[]>();
  const byField = new Map<string, number[]>();
  rules.forEach((rule, index) => {
    const anchors = anchorsOf(rule.when);
    if (anchors === null) always.push(index);
    for (const { field, token } of anchors ?? []) {
      append(byToken, `${field} ${token}`, index);
      append(byField, field, index);
    }
  });
  if (byField.size === 0) return { candidates: () => rules };
  return {
    candidates: (view) => {
      const found = new Set(always);
      for (const [field, anchored] of byField) {
        const tokens = tokensOf(view, field);
        // Not loaded, or unreadable: each of these rules has something to say.
        const indexes =
          tokens === null
            ? [anchored]
            : tokens.map((token) => byToken.get(`${field} ${token}`) ?? []);
        for (const index of indexes.flat()) found.add(index);
      }
      return [...found].sort((a, b) => a - b).flatMap((index) => rules[index] ?? []);
    },
  };
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
      // The shortest list leaves the fewest messages to be looked at.
      return known.sort((a, b) => a.length - b.length)[0] ?? null;
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

function tokensOf(view: MessageView, field: string): readonly string[] | null {
  const { headers } = view;
  if (headers === undefined || !headers.isLoaded(field)) return null;
  if (field === 'list-id') {
    const reading = headers.text(field);
    return reading.kind === 'values' ? reading.values.flatMap(listTokens) : null;
  }
  const reading = headers.addresses(field);
  return reading.kind === 'values' ? reading.values.flatMap(addressTokens) : null;
}

function append(map: Map<string, number[]>, key: string, index: number): void {
  const indexes = map.get(key);
  if (indexes === undefined) map.set(key, [index]);
  else if (indexes.at(-1) !== index) indexes.push(index);
}
