/** A test of Sieve (RFC 5228 §5) as text, with what it needs and where it means something else. */

/** A condition said in Sieve, or why Sieve cannot say it. */
export type Said =
  | {
      readonly kind: 'test';
      readonly text: string;
      /** Extensions to require (RFC 5228 §3.2). */
      readonly requires: readonly string[];
      /** Where the meaning differs a little. */
      readonly remarks: readonly string[];
    }
  | { readonly kind: 'lost'; readonly reason: string };

/** A Sieve test with the extensions that it needs. */
export function said(text: string, requires: readonly string[] = []): Said {
  return { kind: 'test', text, requires, remarks: [] };
}

/** The same test with a remark. */
export function withRemark(test: Said, remark: string | null): Said {
  return test.kind === 'lost' || remark === null
    ? test
    : { ...test, remarks: [...test.remarks, remark] };
}

/** Says that Sieve cannot say it. */
export function lost(reason: string): Said {
  return { kind: 'lost', reason };
}

/** Joins tests; one that is lost makes the whole lost. One alone stands for itself. */
export function joinSaid(word: 'allof' | 'anyof', parts: readonly Said[]): Said {
  const texts: string[] = [];
  const requires: string[] = [];
  const remarks: string[] = [];
  for (const part of parts) {
    if (part.kind === 'lost') return part;
    texts.push(part.text);
    requires.push(...part.requires);
    remarks.push(...part.remarks);
  }
  const [only] = texts;
  if (only === undefined) return said(word === 'allof' ? 'true' : 'false');
  const text = texts.length === 1 ? only : `${word} (\n${indent(texts.join(',\n'))}\n)`;
  return { kind: 'test', text, requires, remarks };
}

/** The opposite. */
export function negateSaid(test: Said): Said {
  return test.kind === 'lost' ? test : { ...test, text: `not ${test.text}` };
}

/** Moves lines two columns to the right. */
export function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

/** A quoted string (RFC 5228 §2.4.2). */
export function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** A string, or a list of strings. */
export function quoteList(texts: readonly string[]): string {
  const [only] = texts;
  return texts.length === 1 && only !== undefined
    ? quote(only)
    : `[${texts.map(quote).join(', ')}]`;
}

/** Takes the special meaning of a text in `:matches` away (RFC 5228 §2.7.1). */
export function literalGlob(text: string): string {
  return text.replaceAll(/[*?\\]/g, '\\$&');
}
