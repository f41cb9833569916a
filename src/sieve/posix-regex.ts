/** RE2 patterns as POSIX extended ones, which is what Sieve's `regex` takes; the common ground only. */

const CLASSES: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  w: '[A-Za-z0-9_]',
  W: '[^A-Za-z0-9_]',
};
/** POSIX counts no further everywhere (RE_DUP_MAX). */
const MAX_COUNT = 255;

const TOKEN =
  /\\(?<escaped>.)|(?<group>\((?:\?:)?(?!\?))|(?<set>\[\^?[^\]\\[^-][^\]\\[]*\])|(?<count>(?:[*+?]|\{(?<low>\d+)(?:,(?<high>\d*))?\})\??)|(?<mark>[.^$|)])|(?<plain>[^\\()[\]{}*+?.^$|])/y;

/** The same pattern in POSIX syntax, or null where the two have no common words. */
export function toPosixRegex(source: string): string | null {
  if (/[^\u0020-\u007e]/.test(source)) return null;
  let result = '';
  let before: 'nothing' | 'atom' | 'other' = 'nothing';
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const groups = TOKEN.exec(source)?.groups;
    if (groups === undefined) return null;
    const token = translate(groups);
    if (token === null) return null;
    const isEnd = token.text === '|' || token.text === ')';
    if (token.kind === 'count' && before !== 'atom') return null;
    if (isEnd && before === 'nothing') return null;
    before = token.kind === 'opens' ? 'nothing' : token.kind === 'atom' ? 'atom' : 'other';
    result += token.text;
  }
  return before === 'nothing' ? null : result;
}

interface Token {
  readonly text: string;
  readonly kind: 'atom' | 'count' | 'opens' | 'anchor';
}

function translate(groups: Readonly<Record<string, string | undefined>>): Token | null {
  const { escaped, group, set, count, low, high, mark, plain } = groups;
  if (escaped !== undefined) {
    const text = CLASSES[escaped];
    if (text !== undefined) return { text, kind: 'atom' };
    if (/[A-Za-z0-9]/.test(escaped)) return null;
    return { text: /[.^$*+?()[{|\\]/.test(escaped) ? `\\${escaped}` : escaped, kind: 'atom' };
  }
  if (group !== undefined) return { text: '(', kind: 'opens' };
  if (set !== undefined) return { text: set, kind: 'atom' };
  if (count !== undefined) {
    if (Math.max(Number(low ?? 0), Number(high ?? 0)) > MAX_COUNT) return null;
    return { text: count.length > 1 ? count.replace(/\?$/, '') : count, kind: 'count' };
  }
  if (mark === '|') return { text: mark, kind: 'opens' };
  if (mark === '^' || mark === '$') return { text: mark, kind: 'anchor' };
  const text = mark ?? plain;
  return text === undefined ? null : { text, kind: 'atom' };
}
