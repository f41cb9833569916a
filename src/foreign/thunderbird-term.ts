/** One term of a Thunderbird filter, `field,operator,value` → a condition, or why there is none. */
import { whyInvalidKeyword } from '../mail/flags.ts';
import {
  anyOf,
  headerTest,
  negate,
  type ReadCondition,
  type When,
  whyNoHeader,
} from './conditions.ts';
import { quoted } from './draft.ts';

/** Reads a term; `remark` is told of each difference. */
export function readTerm(source: string, remark: (reason: string) => void): ReadCondition {
  const term = splitTerm(source);
  if (term === null) return `its condition ${quoted(source)} is no field, operator and value`;
  const { field, isCustom, operator, value } = term;
  const people = PEOPLE.get(field);
  if (isCustom) {
    const why = whyNoHeader(field);
    return why === undefined ? readText([field], term) : `the field ${quoted(field)}: ${why}`;
  }
  if (people !== undefined) return readPeople(people, term);
  switch (field) {
    case 'subject':
      return readText(['Subject'], term);
    case 'body':
      return readBody(term);
    case 'date':
      return readDate(term, remark);
    case 'age in days':
      return readAge(term, remark);
    case 'size':
      return readSize(term);
    case 'status':
      return readStatus(term);
    case 'tag':
      return readTag(term);
    case 'has attachment status':
      return operator === 'is' || operator === "isn't"
        ? { attachment: operator === 'is' }
        : operatorLost(term);
    default:
      return `the condition on ${quoted(field)} (${quoted(`${operator} ${value}`.trim())})`;
  }
}

interface Term {
  /** In small letters, but for a header of the user's own. */
  readonly field: string;
  readonly isCustom: boolean;
  readonly operator: string;
  readonly value: string;
}

/** Fields of addresses, by the name that Thunderbird writes. */
const PEOPLE: ReadonlyMap<string, readonly string[]> = new Map([
  ['from', ['from']],
  ['to', ['to']],
  ['cc', ['cc']],
  ['to or cc', ['to', 'cc']],
  ['all addresses', ['from', 'to', 'cc', 'bcc']],
  ['from, to, cc or bcc', ['from', 'to', 'cc', 'bcc']],
]);

function splitTerm(source: string): Term | null {
  const custom = /^\s*"([^",]*)"\s*,/.exec(source.slice(0, 300));
  const listed = /^\s*from, to, cc or bcc\s*,/i.exec(source.slice(0, 300));
  const plain = /^([^,]*),/.exec(source.slice(0, 300));
  const head = custom ?? listed ?? plain;
  if (head === null) return null;
  const rest = source.slice(head[0].length);
  const comma = rest.indexOf(',');
  const name = custom?.[1] ?? head[0].slice(0, -1).trim().toLowerCase();
  const operator = (comma < 0 ? rest : rest.slice(0, comma)).trim().toLowerCase();
  const value = comma < 0 ? '' : unquote(rest.slice(comma + 1));
  return { field: name, isCustom: custom !== null, operator, value };
}

function unquote(text: string): string {
  const value = text.trimStart();
  if (!value.startsWith('"')) return value;
  return value.length > 1 && value.endsWith('"') ? value.slice(1, -1) : value.slice(1);
}

function operatorLost({ field, operator }: Term): string {
  return `the operator ${quoted(operator)} on ${quoted(field)}`;
}

/** Operators on text, each with the opposite that Thunderbird has for it. */
const TEXT_OPERATORS: ReadonlyMap<string, { readonly word: string; readonly negated: boolean }> =
  new Map([
    ['contains', { word: 'contains', negated: false }],
    ["doesn't contain", { word: 'contains', negated: true }],
    ['is', { word: 'is', negated: false }],
    ["isn't", { word: 'is', negated: true }],
    ['begins with', { word: 'starts', negated: false }],
    ['ends with', { word: 'ends', negated: false }],
  ]);

/** A text test on header fields, any of them; a field that is missing is empty. */
function readText(names: readonly string[], term: Term): ReadCondition {
  if (term.operator === 'is empty' || term.operator === "isn't empty") {
    const filled = anyOf(names.map((name) => headerTest(name, { regex: '\\S' })));
    return term.operator === 'is empty' ? negate(filled) : filled;
  }
  return readOperator(term, ({ word }) =>
    anyOf(names.map((name) => headerTest(name, { [word]: term.value }))),
  );
}

function readOperator(
  term: Term,
  test: (operator: { readonly word: string }) => When,
): ReadCondition {
  const operator = TEXT_OPERATORS.get(term.operator);
  if (operator === undefined) return operatorLost(term);
  if (term.value === '') return `an empty text on ${quoted(term.field)}`;
  const condition = test(operator);
  return operator.negated ? negate(condition) : condition;
}

/** `contains` looks at the whole field; the others at each name and each address by itself. */
function readPeople(fields: readonly string[], term: Term): ReadCondition {
  if (/in ab$/.test(term.operator)) return 'the address book, which Thunderbird keeps to itself';
  if (/empty$/.test(term.operator)) return readText(fields.map(capitalized), term);
  return readOperator(term, ({ word }) => {
    if (word === 'contains') {
      return anyOf(fields.map((name) => headerTest(capitalized(name), { contains: term.value })));
    }
    const isAddress = word === 'is' && /^[^@\s*]+@[^@\s*]+$/.test(term.value);
    return anyOf(
      fields.flatMap((name): readonly When[] =>
        isAddress
          ? [{ [name]: term.value }]
          : [
              { [name]: { address: { [word]: term.value } } },
              { [name]: { name: { [word]: term.value } } },
            ],
      ),
    );
  });
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function readBody(term: Term): ReadCondition {
  const { word } = TEXT_OPERATORS.get(term.operator) ?? {};
  // Thunderbird compares the other operators line by line.
  if (word !== 'contains') return operatorLost(term);
  return readOperator(term, () => ({ body: { contains: term.value } }));
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

function readDate(term: Term, remark: (reason: string) => void): ReadCondition {
  const { operator, value } = term;
  const [, day = '', month = '', year = ''] =
    /^(\d{1,2})-([a-z]{3})-([12]\d{3})$/i.exec(value) ?? [];
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  const ms = Date.UTC(Number(year), monthIndex, Number(day));
  const isDay = monthIndex >= 0 && new Date(ms).getUTCDate() === Number(day);
  if (!isDay) return `the date ${quoted(value)}; Thunderbird writes 31-Jan-2026`;
  const from = new Date(ms).toISOString().slice(0, 10);
  const next = new Date(ms + 86_400_000).toISOString().slice(0, 10);
  const bounds = {
    'is before': { before: from },
    'is after': { after: next },
    is: { after: from, before: next },
    "isn't": { after: from, before: next },
  };
  const found = Object.entries(bounds).find(([name]) => name === operator);
  if (found === undefined) return operatorLost(term);
  remark('days begin at midnight UTC; name your time zone beside the date');
  const condition = { date: { header: 'Date', ...found[1] } };
  return operator === "isn't" ? negate(condition) : condition;
}

function readAge(term: Term, remark: (reason: string) => void): ReadCondition {
  const side = COMPARISONS.get(term.operator);
  if (side === undefined) return operatorLost(term);
  if (!/^\d{1,5}$/.test(term.value)) return `the age ${quoted(term.value)}`;
  remark('age counts from arrival, not from the Date header');
  return { age: { [side]: `${Number(term.value)}d` } };
}

const COMPARISONS: ReadonlyMap<string, 'over' | 'under'> = new Map([
  ['is greater than', 'over'],
  ['is less than', 'under'],
]);

/** Thunderbird compares whole kilobytes, rounded down, and none is below 1. */
function readSize(term: Term): ReadCondition {
  const { operator, value } = term;
  if (!/^\d{1,9}$/.test(value)) return `the size ${quoted(value)}`;
  const size = Number(value);
  const side = COMPARISONS.get(operator);
  if (side === undefined && operator !== 'is') return operatorLost(term);
  if (side === 'over')
    return size === 0 ? { size: { over: 0 } } : { size: { over: (size + 1) * 1024 - 1 } };
  if (size < (side === 'under' ? 2 : 1)) return `the size ${quoted(value)}, which no message has`;
  if (side === 'under') return { size: { under: size * 1024 } };
  return size === 1
    ? { size: { under: 2048 } }
    : { size: { between: [size * 1024, size * 1024 + 1023] } };
}

const STATUSES: ReadonlyMap<string, When> = new Map<string, When>([
  ['read', { seen: true }],
  ['replied', { answered: true }],
  ['forwarded', { keyword: '$Forwarded' }],
  ['replied and forwarded', { any: [{ answered: true }, { keyword: '$Forwarded' }] }],
  ['flagged', { flagged: true }],
]);

function readStatus(term: Term): ReadCondition {
  const status = STATUSES.get(term.value);
  if (status === undefined) return `the status ${quoted(term.value)}`;
  if (term.operator === 'is') return status;
  return term.operator === "isn't" ? negate(status) : operatorLost(term);
}

function readTag(term: Term): ReadCondition {
  if (term.operator !== 'contains' && term.operator !== "doesn't contain") {
    return operatorLost(term);
  }
  const why = whyInvalidKeyword(term.value);
  if (why !== undefined) return `the tag ${quoted(term.value)}: ${why}`;
  const condition = { keyword: term.value };
  return term.operator === 'contains' ? condition : negate(condition);
}
