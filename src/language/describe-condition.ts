/** Conditions in words, as a person would say them aloud. */
import type { Predicate } from './ast.ts';

/** Gives the condition as one line: "from is ann@x.example and (subject has a or subject has b)". */
export function describeCondition(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'test':
      return predicate.test.describe();
    case 'not':
      return `not ${inBrackets(predicate.of)}`;
    default: {
      const word = predicate.kind === 'all' ? ' and ' : ' or ';
      const [only, ...more] = predicate.of;
      if (only === undefined) return predicate.kind === 'all' ? 'every message' : 'no message';
      return more.length === 0 ? describeCondition(only) : predicate.of.map(inBrackets).join(word);
    }
  }
}

function inBrackets(predicate: Predicate): string {
  const text = describeCondition(predicate);
  const isJoined =
    (predicate.kind === 'all' || predicate.kind === 'any') && predicate.of.length > 1;
  return isJoined ? `(${text})` : text;
}
