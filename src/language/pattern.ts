/** Patterns: globs and linear-time regular expressions (RE2 syntax). The only door to re2js. */
import { RE2JS } from 're2js';
import { LIMITS } from '../core/limits.ts';

/** A compiled pattern. */
export interface Pattern {
  /** The captured groups when `value` matches, else null. */
  match(value: string): readonly string[] | null;
}

/** Says why `source` is no regular expression that we accept, or undefined. */
export function whyInvalidRegex(source: string): string | undefined {
  if (source === '') return 'an empty pattern matches every value';
  if (source.length > LIMITS.patternChars)
    return `it is longer than ${LIMITS.patternChars} characters`;
  try {
    const steps = RE2JS.compile(source).programSize();
    return steps <= LIMITS.patternSteps
      ? undefined
      : 'its repetitions make it too large; count to less than {1000}, or not at all';
  } catch (error) {
    if (/\(\?<?[=!]/.test(source))
      return 'it looks ahead or behind, which takes more than linear time';
    if (/(?:^|[^\\])(?:\\\\)*\\[1-9]/.test(source)) {
      return 'it refers back to a group, which takes more than linear time';
    }
    // The library throws for every syntax error; its text names the offending piece.
    return error instanceof Error ? error.message : String(error);
  }
}

/** Compiles an unanchored regular expression; groups capture. `source` has been checked. */
export function compileRegex(source: string, options: { caseSensitive: boolean }): Pattern {
  const regex = RE2JS.compile(source, options.caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  return {
    match: (value) => {
      const matcher = regex.matcher(value);
      if (!matcher.find()) return null;
      return Array.from({ length: matcher.groupCount() }, (_, index) => {
        const group: unknown = matcher.group(index + 1);
        return typeof group === 'string' ? group : '';
      });
    },
  };
}

/**
 * Compiles a glob over the whole value: `*` is any run, as short as possible (RFC 5229 §3.2), `?`
 * one character, `\` quotes; each wildcard captures.
 */
export function compileGlob(glob: string, options: { caseSensitive: boolean }): Pattern {
  let source = '';
  for (let index = 0; index < glob.length; index++) {
    const char = glob.charAt(index);
    if (char === '*') source += '(.*?)';
    else if (char === '?') source += '(.)';
    else if (char === '\\' && index + 1 < glob.length) source += RE2JS.quote(glob.charAt(++index));
    else source += RE2JS.quote(char);
  }
  return compileRegex(`(?s)^${source}$`, options);
}
