/** The condition of a Thunderbird filter: `AND (subject,contains,a) AND (…)`, `OR (…)`, or `ALL`. */
import { ALWAYS } from '../language/write-rule-file.ts';
import { allOf, anyOf, type ReadCondition, type When } from './conditions.ts';
import { quoted } from './draft.ts';
import { readTerm } from './thunderbird-term.ts';

/** Reads a condition; `remark` is told of each difference. */
export function readFilterCondition(
  source: string,
  remark: (reason: string) => void,
): ReadCondition {
  if (source.trim() === 'ALL') return ALWAYS;
  const terms: When[] = [];
  const words = new Set<string>();
  const opening = /\s*(AND|OR)\s*\(/y;
  let at = 0;
  // Blanks at the end are cut off, so that a term is what remains.
  const text = source.trimEnd();
  while (at < text.length) {
    opening.lastIndex = at;
    const word = opening.exec(text)?.[1];
    if (word === undefined) {
      return `its condition cannot be read from ${quoted(text.slice(at, at + 30))} on`;
    }
    const start = opening.lastIndex;
    const end = endOfTerm(text, start);
    if (end < 0) return 'a parenthesis of its condition is not closed';
    const term = text.slice(start, end).replaceAll('\\"', '"');
    // "(ALL)" is how some versions write a condition that always holds.
    const condition = term === 'ALL' ? ALWAYS : readTerm(term, remark);
    if (typeof condition === 'string') return condition;
    terms.push(condition);
    words.add(word);
    at = end + 1;
  }
  if (terms.length === 0) return 'it has no condition';
  if (words.size > 1) return 'its condition mixes AND and OR';
  return words.has('AND') ? allOf(terms) : anyOf(terms);
}

/** The place of the parenthesis that closes a term; those between quotation marks do not. */
function endOfTerm(source: string, start: number): number {
  let isQuoted = false;
  for (let at = start; at < source.length; at++) {
    const char = source[at];
    if (char === '\\' && source[at + 1] === '"') at++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === ')' && !isQuoted) return at;
  }
  return -1;
}
