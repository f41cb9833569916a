/** Samples with pieces moved, doubled and taken out: what is imported is always a correct file. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readYaml } from '../../src/config/read-yaml.ts';
import type { ForeignImport } from '../../src/foreign/draft.ts';
import { importGmail } from '../../src/foreign/import-gmail.ts';
import { importImapautofiler } from '../../src/foreign/import-imapautofiler.ts';
import { importThunderbird } from '../../src/foreign/import-thunderbird.ts';
import { ruleSetOf } from '../language/support.ts';

const FORMATS = [
  ['mailFilters.xml', importGmail],
  ['msgFilterRules.dat', importThunderbird],
  [
    'imapautofiler.yml',
    (file: string, text: string): ForeignImport => {
      const read = readYaml(file, text);
      return read.kind === 'ok' ? importImapautofiler(read.document) : read;
    },
  ],
] as const;

/** What may break a reader, or the file that it writes. */
const PIECES = ['"', "'", '\\', '(', ')', '{{', '}', ',', 'OR ', '-', '*', ':', '&', '&amp;', '<'];
const WORDS = [
  '\u202e',
  '\u0000',
  'ß',
  '請',
  '/',
  '//',
  '..',
  'INBOX',
  '__proto__',
  '0',
  '99999999',
];

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(6),
  piece: fc.constantFrom('', ...PIECES, ...WORDS),
});

function edited(
  text: string,
  edits: readonly { at: number; length: number; piece: string }[],
): string {
  let result = text;
  for (const { at, length, piece } of edits) {
    const start = Math.floor(at * result.length);
    result = result.slice(0, start) + piece + result.slice(start + length);
  }
  return result;
}

test.each(FORMATS)(
  'whatever becomes of %s, the rules compile or the file is refused',
  (name, read) => {
    const sample = readFileSync(fileURLToPath(new URL(`samples/${name}`, import.meta.url)), 'utf8');
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const result = read(name, edited(sample, edits));
        if (result.kind === 'ok' && result.yaml !== null) ruleSetOf(result.yaml);
        if (result.kind === 'invalid') expect(result.diagnostics.length).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  },
);
