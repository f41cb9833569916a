/** System flags and keywords (RFC 9051 §2.3.2). */

/** A flag as it stands on the wire: `\Seen`, or a keyword such as `$Forwarded`. */
export type Flag = string;

/** The system flags that a rule may set or test, by the name that rules use. */
export const SYSTEM_FLAGS = {
  seen: '\\Seen',
  flagged: '\\Flagged',
  answered: '\\Answered',
  draft: '\\Draft',
  deleted: '\\Deleted',
} as const;

/** The rule name of a system flag. */
export type SystemFlagName = keyof typeof SYSTEM_FLAGS;

/** One change of one flag. STORE uses +FLAGS or -FLAGS, never FLAGS (safety.md §8). */
export interface FlagChange {
  readonly op: 'add' | 'remove';
  readonly flag: Flag;
}

/** Flags compare without letter case (RFC 9051 §2.3.2); this is the form to compare by. */
export function flagKey(flag: Flag): string {
  return flag.toLowerCase();
}

/** Tells whether `flags` holds `flag`, whatever the letter case. */
export function hasFlag(flags: Iterable<Flag>, flag: Flag): boolean {
  const key = flagKey(flag);
  for (const each of flags) if (flagKey(each) === key) return true;
  return false;
}

/** How the keywords of claim.ts begin: no rule may set or test one. */
export const CLAIM_PREFIX = '$MailwrightClaim-';

/** Says why `text` cannot be a keyword (RFC 9051 §9, flag-keyword is an atom), or undefined. */
export function whyInvalidKeyword(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.startsWith('\\')) return 'a name with a backslash is a system flag; use flag: for those';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: atom-specials include the controls
  if (/[(){ %*"\\\]\u0000-\u001f\u007f-\uffff]/.test(text)) {
    return 'a keyword is one word of printable ASCII without ( ) { % * " \\ ] or blanks';
  }
  if (flagKey(text).startsWith(flagKey(CLAIM_PREFIX))) {
    return 'installations of Mailwright tell one another by it what they are about to move';
  }
  return undefined;
}

/**
 * Tells whether a mailbox keeps `flag`, by its PERMANENTFLAGS (RFC 9051 §7.1): the flag is listed,
 * or it is a keyword and `\*` is listed.
 */
export function isStorable(flag: Flag, permanentFlags: Iterable<Flag>): boolean {
  const listed = [...permanentFlags];
  if (hasFlag(listed, flag)) return true;
  return !flag.startsWith('\\') && listed.includes('\\*');
}
