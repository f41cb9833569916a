/** Errors of the file system as outcomes of an effect. */
import { codeOf, errorText } from '../core/outside-text.ts';
import { type EffectOutcome, failed, refused } from './effect-outcome.ts';

const COMES_BACK = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EMFILE', 'ENFILE', 'EBUSY']);

/** Tells a file error as an outcome: room and devices come back, permissions do not by themselves. */
export function fileFailure(what: string, error: unknown): EffectOutcome {
  const code = codeOf(error);
  if (code === '') throw error;
  // The rest of a system's text names temporary files, which help nobody.
  const reason = `${what}: ${errorText(error).split(', ', 1).join('')}`;
  return COMES_BACK.has(code) ? failed(reason, true) : refused(reason);
}
