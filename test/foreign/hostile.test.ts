/** Files that somebody made to do harm: they end quickly, with an error or with losses. */
import { expect, test } from 'vitest';
import { readYaml } from '../../src/config/read-yaml.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { ForeignImport } from '../../src/foreign/draft.ts';
import { importGmail } from '../../src/foreign/import-gmail.ts';
import { importImapautofiler } from '../../src/foreign/import-imapautofiler.ts';
import { importThunderbird } from '../../src/foreign/import-thunderbird.ts';
import { lossesOf, problemsOf } from './support.ts';

const SIZE = LIMITS.importFileBytes;

function repeated(piece: string, head = '', tail = ''): string {
  const count = Math.floor((SIZE - head.length - tail.length) / piece.length);
  return `${head}${piece.repeat(count)}${tail}`;
}

function importYaml(file: string, text: string): ForeignImport {
  const read = readYaml(file, text);
  return read.kind === 'ok' ? importImapautofiler(read.document) : read;
}

const ENTITIES = `<!DOCTYPE a [<!ENTITY l0 "lol">${Array.from({ length: 9 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`).join('')}]><feed><entry><p name="&l9;"/></entry></feed>`;

const WORDS = '<feed><entry><a:property name="hasTheWord" value="';
const WORDS_END = '"/><a:property name="shouldStar" value="true"/></entry></feed>';
/** A feed with one filter that looks for these words, as many as are read. */
const wordsOf = (piece: string) => `${WORDS}${piece.repeat(19_998 / piece.length)}${WORDS_END}`;

test.each<[string, () => string, RegExp]>([
  ['entities in entities', () => ENTITIES, /found a document type/],
  ['open elements', () => repeated('<a>', '<feed>'), /nested more than 20 deep/],
  ['a feed cut off', () => repeated('<entry></entry>', '<feed>'), /the file ends inside <feed>/],
  [
    'a tag cut off',
    () => '<feed><entry><apps:property name="fr',
    /the file ends inside <apps:property>/,
  ],
  ['one long attribute', () => repeated('a', '<feed a="'), /no <feed>|ends inside/],
  ['zero octets', () => repeated('\0'), /expected <feed>/],
  ['a comment without end', () => repeated('-', '<feed><!-'), /the file ends inside <feed>/],
  ['parentheses in a query', () => wordsOf('('), /the query is nested more than 20 deep/],
  ['dashes in a query', () => wordsOf('-'), /the query is nested|stands where/],
  ['colons in a query', () => wordsOf('a:'), /^$/],
  ['words without end', () => repeated('a ', WORDS, WORDS_END), /a query of more than 20000/],
  ['alternatives', () => wordsOf('a OR b|'), /the end stands where/],
  ['operators in a query', () => wordsOf('from:'), /the query is nested|stands where/],
  ['quotation marks in a query', () => wordsOf('&quot; '), /there is no word|is not closed/],
])('an export of Gmail with %s ends within a second', (_, make, told) => {
  const text = make();
  const startMs = performance.now();
  const result = importGmail('f', text);
  expect(performance.now() - startMs).toBeLessThan(1000);
  const all = [...problemsOf(result), ...lossesOf(result)];
  expect(all[0] ?? '').toMatch(told);
});

const FILTER = 'version="9"\nname="a"\nenabled="yes"\ntype="17"\naction="Mark read"\ncondition="';

test.each<[string, () => string, RegExp]>([
  ['one line without end', () => repeated('a', 'version="9'), /no closing quotation mark/],
  ['backslashes', () => repeated('\\', FILTER), /no closing quotation mark/],
  ['open parentheses', () => repeated('(', FILTER, '"\n'), /its condition cannot be read/],
  ['terms that never close', () => repeated('AND (a,', FILTER, '"\n'), /is not closed/],
  ['blanks', () => repeated(' ', FILTER, 'x"\n'), /its condition cannot be read/],
  ['empty terms', () => repeated('AND () ', FILTER, '"\n'), /is no field, operator and value/],
  ['names without filters', () => repeated('name="a"\n', 'version="9"\n'), /has no condition/],
  ['zero octets', () => repeated('\0'), /expected a line like/],
])('filters of Thunderbird with %s end within a second', (_, make, told) => {
  const text = make();
  const startMs = performance.now();
  const result = importThunderbird('f', text);
  expect(performance.now() - startMs).toBeLessThan(1000);
  const all = [...problemsOf(result), ...lossesOf(result)];
  expect(all[0] ?? '').toMatch(told);
});

const rule = (condition: string) =>
  `mailboxes:\n- { name: INBOX, rules: [{ ${condition}, action: { name: flag } }] }\n`;
const nested = (depth: number) =>
  `${'or: { rules: [{ '.repeat(depth)}is-mailing-list: {}${' }] }'.repeat(depth)}`;

test.each<[string, () => string, RegExp]>([
  ['more octets than a file may have', () => repeated('a: 1\n'), /larger than/],
  ['brackets', () => 'mailboxes: '.padEnd(100_000, '['), /nested deeper than/],
  ['rules in rules', () => rule(nested(25)), /nested more than 20 deep/],
  ['aliases', () => 'a: &a [1]\nmailboxes: *a\n', /an alias/],
  ['a huge number', () => rule('time-limit: { age: 1e300 }'), /is no number of days/],
  ['keys of a prototype', () => rule('constructor: 1'), /the condition "constructor"/],
])('a configuration of imapautofiler with %s ends within a second', (_, make, told) => {
  const text = make();
  const startMs = performance.now();
  const result = importYaml('f', text);
  expect(performance.now() - startMs).toBeLessThan(1000);
  const all = [...problemsOf(result), ...lossesOf(result)];
  expect(all[0] ?? '').toMatch(told);
});

test('nothing of a file can drive the terminal', () => {
  const result = importThunderbird('f', 'version="9"\nname="a\u009b2J"\ncondition="\u202e"\n');
  expect(result.kind === 'ok' ? `${result.yaml}${lossesOf(result).join('')}` : '').not.toMatch(
    /[\u0080-\u009f\u202e]/,
  );
});
