/** Terms of a Gmail query → conditions. Gmail compares words, so words are what is looked for. */
import { assertNever } from '../core/assert.ts';
import { allOf, anyOf, joinRead, negate, type ReadCondition, type When } from './conditions.ts';
import { quoted } from './draft.ts';
import type { QueryNode } from './gmail-query.ts';

/**
 * Gives the condition of a query, or the reason why there is none. `isDenied` says that it stands
 * under a not: Gmail also finds longer forms of a word, and what it denies must not slip through.
 */
export function conditionOf(node: QueryNode, isDenied = false): ReadCondition {
  const read = (each: QueryNode): ReadCondition => conditionOf(each, isDenied);
  switch (node.kind) {
    case 'all':
      return joinRead(allOf, node.of.map(read));
    case 'any':
      return joinRead(anyOf, node.of.map(read));
    case 'not': {
      const inner = conditionOf(node.of, !isDenied);
      return typeof inner === 'string' ? inner : negate(inner);
    }
    case 'term':
      return node.field === null
        ? readAnywhere({ text: node.text, isDenied })
        : readField(node.field, { text: node.text, isDenied });
    default:
      return assertNever(node);
  }
}

/** Header fields with addresses that words without an operator are looked for in. */
const PEOPLE = ['From', 'To', 'Cc', 'Bcc'];

/** Words to look for. */
interface Words {
  readonly text: string;
  readonly isDenied: boolean;
}

function readField(field: string, words: Words): ReadCondition {
  const { text } = words;
  switch (field) {
    case 'from':
    case 'cc':
    case 'bcc':
      return readAddress([field], words);
    case 'to':
      // "Recipients" of Gmail are To, Cc and Bcc.
      return readAddress(['to', 'cc', 'bcc'], words);
    case 'deliveredto':
      return readWords(words, (regex) => ({ header: { 'Delivered-To': { regex } } }));
    case 'subject':
      return readWords(words, (regex) => ({ subject: { regex } }));
    case 'list':
      return readWords(words, (regex) => ({ list: { regex } }));
    case 'filename':
      return readWords(words, (regex) => ({ attachment: { name: { regex } } }));
    case 'rfc822msgid':
      return { header: { 'Message-ID': { is: `<${text.replaceAll(/^<|>$/g, '')}>` } } };
    case 'has':
      return text === 'attachment' ? { attachment: true } : operatorLost(field, text);
    case 'is':
      return FLAGS.get(text) ?? operatorLost(field, text);
    case 'size':
    case 'larger':
      return readSize(text, 'over');
    case 'smaller':
      return readSize(text, 'under');
    case 'older_than':
      return readAge(text, 'over');
    case 'newer_than':
      return readAge(text, 'under');
    case 'before':
    case 'older':
      return readDay(text, 'before');
    case 'after':
    case 'newer':
      return readDay(text, 'after');
    default:
      return operatorLost(field, text);
  }
}

const FLAGS: ReadonlyMap<string, When> = new Map([
  ['unread', { seen: false }],
  ['read', { seen: true }],
  ['starred', { flagged: true }],
]);

function operatorLost(field: string, text: string): string {
  return `the operator ${quoted(`${field}:${text}`)}`;
}

function readAnywhere(words: Words): ReadCondition {
  return readWords(words, (regex) =>
    anyOf([
      { subject: { regex } },
      { body: { regex } },
      ...PEOPLE.map((name) => ({ header: { [name]: { regex } } })),
    ]),
  );
}

function readAddress(fields: readonly string[], { text, isDenied }: Words): ReadCondition {
  const value = text.replace(/^\*(?=@)/, '').replaceAll(/^<|>$/g, '');
  if (value.includes(',')) return `the comma in ${quoted(text)}; write OR between addresses`;
  if (value.includes('*')) return `the wildcard in ${quoted(text)}`;
  if (value.toLowerCase() === 'me') return '"me", since a rule file does not know your address';
  const each = (operand: unknown) => anyOf(fields.map((field) => ({ [field]: operand })));
  if (/^[^@\s]+@[^@\s]+$/.test(value)) return each(value);
  if (/^@[^@\s]+$/.test(value)) return each([value, `@*.${value.slice(1)}`]);
  return readWords({ text: value, isDenied }, (regex) =>
    anyOf(fields.map((field) => ({ header: { [capitalized(field)]: { regex } } }))),
  );
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Scripts without blanks between words: there, a word may stand inside a run of letters. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}]/u;

/** A pattern for words one after the other, whatever stands between them. */
function readWords({ text, isDenied }: Words, test: (regex: string) => When): ReadCondition {
  const words = text.normalize('NFC').match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [];
  const [first = '', last = first] = [words[0], words.at(-1)];
  if (first === '') return `there is no word in ${quoted(text)}`;
  const separator = '[^\\pL\\pM\\pN_]+';
  const end = isDenied ? '' : edge(last, last.slice(-1), '$');
  return test(`${edge(first, first.charAt(0), '^')}${words.join(separator)}${end}`);
}

/** The edge of a word; RE2's own, `\b`, knows ASCII only. */
function edge(word: string, char: string, end: '^' | '$'): string {
  if (UNSPACED.test(word)) return '';
  return /^[a-z0-9_]$/i.test(char) ? '\\b' : `(?:${end}|[^\\pL\\pM\\pN_])`;
}

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
]);

function readSize(text: string, side: 'over' | 'under'): ReadCondition {
  const [, digits = '', unit = ''] = /^(\d{1,12})([kmg]?)b?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (UNIT_BYTES.get(unit.toLowerCase()) ?? 1);
  return digits === '' || !Number.isSafeInteger(bytes)
    ? `the size ${quoted(text)}`
    : { size: { [side]: bytes } };
}

function readAge(text: string, side: 'over' | 'under'): ReadCondition {
  const [, count, unit = ''] = /^(\d{1,5})([dmy])$/i.exec(text) ?? [];
  if (count === undefined) return `the age ${quoted(text)}`;
  const name = unit.toLowerCase() === 'm' ? 'mo' : unit.toLowerCase();
  return { age: { [side]: `${Number(count)}${name}` } };
}

function readDay(text: string, side: 'before' | 'after'): ReadCondition {
  const [, year = '', month = '', day = ''] =
    /^([12]\d{3})[/-](\d{1,2})[/-](\d{1,2})$/.exec(text) ?? [];
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${iso}T00:00:00Z`);
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso);
  return isDay ? { date: { received: { [side]: iso } } } : `the date ${quoted(text)}`;
}
