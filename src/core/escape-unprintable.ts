/** JSON, which is YAML, without characters that would drive a terminal. */

/** The text in JSON with `\u` for what a terminal would act on or YAML refuses. */
export function escapeUnprintable(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
