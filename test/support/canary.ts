/** Looks for secrets where none may be: as they are, and in the forms in which they travel. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One secret, and what to call it in a complaint. */
export interface Canary {
  readonly name: string;
  readonly value: string;
}

/** Names the secrets that stand in `octets`, in any form. */
export function canariesIn(
  octets: Buffer | string,
  canaries: readonly Canary[],
): readonly string[] {
  const text = typeof octets === 'string' ? octets : octets.toString('latin1');
  return canaries.flatMap(({ name, value }) => {
    const form = formsOf(value).find((each) => text.includes(each));
    return form === undefined ? [] : [`${name} as ${form}`];
  });
}

/** The same for every file below a directory. */
export function canariesBelow(directory: string, canaries: readonly Canary[]): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(directory, name)).isFile())
    .flatMap((name) =>
      canariesIn(readFileSync(join(directory, name)), canaries).map((each) => `${name}: ${each}`),
    );
}

/** How many files there are to look into. */
export function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(directory, name)).isFile(),
  );
}

/** As it is, in hexadecimal, percent-encoded, and in the middle of something in Base64. */
function formsOf(value: string): readonly string[] {
  const octets = Buffer.from(value);
  const coded = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), octets]).toString('base64');
    // Only the characters that depend on nothing but the secret, wherever it begins.
    const inner = text.slice(
      Math.ceil((shift * 8) / 6),
      Math.floor(((shift + octets.length) * 8) / 6),
    );
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [...new Set([value, octets.toString('hex'), encodeURIComponent(value), ...coded])];
}
