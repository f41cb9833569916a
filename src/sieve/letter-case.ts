/**
 * Letters outside ASCII: i;ascii-casemap (RFC 4790 §9.2) compares them exactly, our rules without
 * letter case. A needle is therefore written out in each of its forms.
 */

/** More forms than this make a script unreadable. */
const MAX_FORMS = 32;

/** Every form of a needle, or its most likely ones; `complete` says which. */
export function caseForms(needle: string): {
  readonly forms: readonly string[];
  readonly complete: boolean;
} {
  const text = needle.normalize('NFC');
  const choices = [...text].map(choicesOf);
  const count = choices.reduce((product, each) => product * each.length, 1);
  if (count > MAX_FORMS) {
    const forms = [text, text.toLowerCase(), text.toUpperCase(), capitalized(text)];
    return { forms: [...new Set(forms)], complete: false };
  }
  let forms = [''];
  for (const choice of choices) {
    forms = forms.flatMap((form) => choice.map((letter) => form + letter));
  }
  return { forms, complete: true };
}

/** ASCII stands for both of its cases; "ß" and the like have no other form of one letter. */
function choicesOf(letter: string): readonly string[] {
  if (letter <= '\u007f') return [letter];
  return [...new Set([letter, letter.toLowerCase(), letter.toUpperCase()])].filter(
    (form) => [...form].length === 1,
  );
}

function capitalized(text: string): string {
  return text.toLowerCase().replaceAll(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase());
}
