/** The words of a Sieve script (RFC 5228 §8.1), in one pass. */

/** A word with the line that it begins on. */
export type Token = { readonly line: number } & (
  | { readonly kind: 'word' | 'tag' | 'string' | 'mark'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
);

/** What is wrong with a script, and where. */
export interface SieveError {
  readonly kind: 'error';
  readonly line: number;
  readonly message: string;
}

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** Multi-line strings first, since `text:` begins like a word (RFC 5228 §2.4.2). */
const TOKEN =
  /(?<blank>[ \t\r\n]+|#[^\n]*|\/\*[\s\S]*?\*\/)|text:[ \t]*(?:#[^\n]*)?\r?\n(?<block>(?:(?!\.\r?(?:\n|$))[^\n]*\n)*)\.\r?(?:\n|$)|"(?<quoted>(?:[^"\\]|\\[\s\S])*)"|(?<amount>\d+)(?<unit>[kmg])?(?!\w)|:(?<tag>[a-z_]\w*)|(?<word>[a-z_]\w*)|(?<mark>[;,()[\]{}])/iy;

/** Splits a script into words, or says where it breaks. */
export function lexSieve(script: string): readonly Token[] | SieveError {
  const tokens: Token[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < script.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(script);
    if (match === null) {
      const rest = script.slice(at, at + 20).split('\n')[0] ?? '';
      return { kind: 'error', line, message: `"${rest}" is no word of Sieve` };
    }
    const token = tokenOf(match.groups ?? {}, line);
    if (token !== null) tokens.push(token);
    line += match[0].split('\n').length - 1;
  }
  return tokens;
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>, line: number): Token | null {
  const { blank, block, quoted, amount, unit, tag, word, mark } = groups;
  if (blank !== undefined) return null;
  if (block !== undefined) {
    return { kind: 'string', text: block.replaceAll(/^\.\./gm, '.'), line };
  }
  if (quoted !== undefined) {
    return { kind: 'string', text: quoted.replaceAll(/\\([\s\S])/g, '$1'), line };
  }
  if (amount !== undefined) {
    return {
      kind: 'number',
      value: Number(amount) * (UNITS[(unit ?? '').toLowerCase()] ?? 1),
      line,
    };
  }
  if (tag !== undefined) return { kind: 'tag', text: tag.toLowerCase(), line };
  if (word !== undefined) return { kind: 'word', text: word.toLowerCase(), line };
  return { kind: 'mark', text: mark ?? '', line };
}
