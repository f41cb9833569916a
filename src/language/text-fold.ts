/** Letter case and composition: the form in which texts are compared. */

/**
 * Folds text for comparing without letter case: "ß" equals "SS", "ς" equals "σ", composed and
 * decomposed letters are equal (Unicode TR 21, without the Turkic special cases).
 */
export function foldText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with the controls
  if (/^[\u0000-\u007f]*$/.test(text)) return text.toLowerCase();
  // Lower case first: "ẞ" has no other capital, only its small form becomes "SS".
  const small = text.normalize('NFC').toLowerCase();
  return small.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}
