/**
 * Where our decision and Pigeonhole's differ for a reason. Each class is a predicate on the rule and
 * the message, and a row of docs/sieve.md; what no class explains fails the comparison.
 */
import type { Verdict } from '../../src/language/evaluation.ts';
import { parseAddresses } from '../../src/mime/parse-addresses.ts';
import { createHeaders } from '../../src/mime/parse-headers.ts';
import type { GeneratedMail } from './generate-mail.ts';
import type { When } from './generate-rules.ts';

/** One rule on one message, decided in two ways. */
export interface Difference {
  readonly when: When;
  readonly mail: GeneratedMail;
  readonly verdict: Verdict;
  readonly sieve: boolean;
}

/** A rule of one condition: the fields it reads, each occurrence as written and as decoded. */
interface Leaf extends Difference {
  readonly key: string;
  readonly test: string;
  /** Unfolded by taking the line ends out alone. */
  readonly written: readonly string[];
  readonly folded: readonly string[];
  readonly decoded: readonly string[];
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  reply_to: ['reply-to'],
  list: ['list-id'],
  recipient: ['to', 'cc', 'bcc', 'delivered-to', 'x-original-to'],
  participant: [
    ...['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'],
    ...['delivered-to', 'x-original-to'],
  ],
};
const ADDRESS_KEYS = /^(?:from|to|cc|bcc|sender|reply_to|recipient|participant)$/;

/** Class → does it explain this difference? The first that does counts. */
const CLASSES: Readonly<Record<string, (leaf: Leaf) => boolean>> = {
  'no number: the message is left alone': ({ verdict, key }) =>
    key === 'header' && verdict.kind === 'indeterminate',
  'no date: the message is left alone': ({ verdict, key }) =>
    key === 'date' && verdict.kind === 'indeterminate',
  'words of HTML that tags divide': ({ key, mail }) =>
    key === 'body' && mail.octets.includes('Content-Type: text/html'),
  'a number that is not whole, not at the start, or below zero': (leaf) =>
    isNumber(leaf) && leaf.written.some((value) => !/^\d+(?![\d.])/.test(value.trim())),
  'a range over a header that occurs twice': (leaf) =>
    isNumber(leaf) && leaf.written.length > 1 && leaf.test.includes('between') && leaf.sieve,
  'List-Id twice, with and without brackets': ({ key, written }) =>
    key === 'list' &&
    written.some((text) => text.includes('<')) &&
    written.some((text) => !text.includes('<')),
  'one character, several octets': (leaf) =>
    !isAddress(leaf) &&
    /"(?:matches|regex)":"[^"]*[?.]/.test(leaf.test) &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with the controls
    leaf.decoded.some((value) => /[^\u0000-\u007f]/.test(value)),
  'composed and decomposed letters': (leaf) =>
    !isAddress(leaf) && leaf.decoded.some((value) => value !== value.normalize('NFC')),
  'a letter that folds to two': (leaf) =>
    !isAddress(leaf) &&
    /ss|ß/i.test(leaf.test) &&
    leaf.decoded.some((value) => /ß|ss/i.test(value)) &&
    [leaf.test, ...leaf.decoded].some((text) => text.includes('ß')),
  'blanks where a line was folded': ({ folded }) =>
    folded.some((value) => /[ \t]\r\n[ \t]|\r\n(?:[ \t]{2}|\t)/.test(value)),
  'blanks around the at sign': (leaf) => isAddress(leaf) && hasValue(leaf, /\s@|@\s/),
  'an angle bracket that is not closed': (leaf) => isAddress(leaf) && hasValue(leaf, /<[^>]*$/),
  'two at signs': (leaf) => isAddress(leaf) && hasValue(leaf, /@[^\s,<>"]*@/),
  'two addresses without a comma': (leaf) =>
    isAddress(leaf) && hasValue(leaf, /[\w.]@[\w.-]+\s+[^\s@,<>]+@/),
  'no address in it': (leaf) => isAddress(leaf) && leaf.written.some((value) => isNoAddress(value)),
};

/** The name of the class that explains a difference of a rule of one condition, or undefined. */
export function explain(difference: Difference): string | undefined {
  const leaf = leafOf(difference);
  return Object.entries(CLASSES).find(([, holds]) => holds(leaf))?.[0];
}

/** Every class, as docs/sieve.md has to list it. */
export const CLASS_NAMES = Object.keys(CLASSES);

/** What a tree of conditions comes to when its leaves are decided as given. */
export function joinLeaves(when: When, decide: (leaf: When) => boolean): boolean {
  const [[key, operand] = ['', undefined]] = Object.entries(when);
  const branches = (): readonly When[] => (Array.isArray(operand) ? operand : []);
  switch (key) {
    case 'all':
      return branches().every((branch) => joinLeaves(branch, decide));
    case 'any':
      return branches().some((branch) => joinLeaves(branch, decide));
    case 'none':
      return !branches().some((branch) => joinLeaves(branch, decide));
    case 'not':
      return !joinLeaves(Object(operand), decide);
    default:
      return decide(when);
  }
}

function leafOf(difference: Difference): Leaf {
  const [[key, operand] = ['', undefined]] = Object.entries(difference.when);
  const names =
    key === 'header'
      ? Object.keys(Object(operand)).map((name) => name.toLowerCase())
      : (FIELDS[key] ?? [key]);
  const { octets } = difference.mail;
  const [head = ''] = octets.toString().split('\r\n\r\n');
  const folded = head
    .split(/\r\n(?![ \t])/)
    .filter((field) => names.includes(field.slice(0, field.indexOf(':')).toLowerCase()))
    .map((field) => field.slice(field.indexOf(':') + 1));
  const headers = createHeaders(octets, 'all');
  const decoded = names.flatMap((name) => {
    const reading = headers.text(name);
    return reading.kind === 'values' ? reading.values : [];
  });
  const written = folded.map((value) => value.replaceAll('\r\n', ''));
  return { ...difference, key, test: JSON.stringify(operand), written, folded, decoded };
}

function isNumber({ key, test }: Leaf): boolean {
  return key === 'header' && /"(?:over|under|between)":|"is":\d/.test(test);
}

function isAddress({ key }: Leaf): boolean {
  return ADDRESS_KEYS.test(key);
}

function hasValue({ written }: Leaf, pattern: RegExp): boolean {
  return written.some((value) => pattern.test(value.trim()));
}

/** Text without an address, or an address without one of its halves. */
function isNoAddress(value: string): boolean {
  return parseAddresses(value).some(({ address }) => !/^.+@.+$/.test(address));
}
