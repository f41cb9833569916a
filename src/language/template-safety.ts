/** Values from mail are hostile: what becomes of one before it stands in a name. */
import { LIMITS } from '../core/limits.ts';

/** Controls, format characters (zero-width, bidi), surrogate halves, line and paragraph separators. */
const DROPPED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes a value one segment of a mailbox name: NFC, invisible characters dropped, separators and
 * `% * " \` replaced by `-`, no `.` or `..`, at most 60 characters; may become empty.
 */
export function safeSegment(value: string, separator: string): string {
  const visible = value.normalize('NFC').replace(DROPPED, '').replace(/\s+/gu, ' ');
  const separators = new Set(['/', '%', '*', '"', '\\', separator]);
  const replaced = Array.from(visible, (char) => (separators.has(char) ? '-' : char));
  const segment = replaced.slice(0, LIMITS.nameSegmentChars).join('').trim();
  // A leading `#` or `~` starts another namespace on some servers (RFC 9051 §5.1.2).
  const plain = segment.replace(/^[#~&]+/, (run) => '-'.repeat(run.length));
  return /^\.+$/.test(plain) ? '' : plain;
}
