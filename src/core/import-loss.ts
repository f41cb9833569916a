/** What gets lost when the rules of another program become a rule file. */

/** Something that a rule file does not say, or says a little differently. */
export interface ImportLoss {
  readonly severity: 'lost' | 'differs';
  readonly line: number;
  readonly reason: string;
}

/** One line about a loss, and one for its reason. */
export function describeImportLoss(file: string, loss: ImportLoss): string {
  const word = loss.severity === 'lost' ? 'not imported' : 'differs';
  return `${file}:${loss.line}: ${word}\n${loss.reason.replaceAll(/^/gm, '  ')}`;
}
