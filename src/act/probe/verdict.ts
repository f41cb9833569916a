/** What a probe found, in words that say what it changes for the owner. */

/** One thing that was tried. */
export interface ProbeFact {
  /** "COPYUID", "UID EXPUNGE". */
  readonly name: string;
  /** `info`: not there, or not as promised, and worked around; `error`: not to be relied on. */
  readonly severity: 'ok' | 'info' | 'warning' | 'error';
  readonly text: string;
}

/** Proved, or worth knowing. */
export function note(name: string, text: string): ProbeFact {
  return { name, severity: 'ok', text };
}

/** Could not be tried, and why. */
export function untried(name: string, why: string): ProbeFact {
  return { name, severity: 'warning', text: `not proved: ${why}` };
}
