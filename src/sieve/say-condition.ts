/** Each condition of the rule language as a Sieve test, or why Sieve cannot say it. */
import { accountId } from '../core/brand.ts';
import type { Predicate } from '../language/ast.ts';
import type { ConditionTest } from '../language/condition-spec.ts';
import {
  asList,
  type NumberTest,
  numberTestSchema,
  sizeTestSchema,
  textTestSchema,
} from '../language/operands.ts';
import { flagKey, SYSTEM_FLAGS } from '../mail/flags.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import {
  joinSaid,
  lost,
  negateSaid,
  quote,
  quoteList,
  type Said,
  said,
  withRemark,
} from './said.ts';
import { sayAddress } from './say-address.ts';
import { sayBody } from './say-body.ts';
import { sayDate, sayNow } from './say-date.ts';
import { sayHeader, sayIdentifier } from './text-keys.ts';

const ADDRESS_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['from', ['from']],
  ['to', ['to']],
  ['cc', ['cc']],
  ['bcc', ['bcc']],
  ['sender', ['sender']],
  ['reply_to', ['reply-to']],
  ['recipient', ['to', 'cc', 'bcc', 'delivered-to', 'x-original-to']],
  [
    'participant',
    ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'delivered-to', 'x-original-to'],
  ],
]);
const FLAGS: ReadonlyMap<string, string> = new Map(Object.entries(SYSTEM_FLAGS));
/** Every implementation takes numbers up to here (RFC 5228 §2.4.1). */
const MAX_NUMBER = 2 ** 31 - 1;

/** What saying a condition depends on: `changedFlags` are those that rules before may have changed. */
export interface SayContext {
  readonly changedFlags: ReadonlySet<string>;
}

/** Says a whole condition tree. */
export function sayPredicate(predicate: Predicate, context: SayContext): Said {
  switch (predicate.kind) {
    case 'test':
      return sayCondition(predicate.test, context);
    case 'not':
      return negateSaid(sayPredicate(predicate.of, context));
    default:
      return joinSaid(
        predicate.kind === 'all' ? 'allof' : 'anyof',
        predicate.of.map((branch) => sayPredicate(branch, context)),
      );
  }
}

function sayCondition(test: ConditionTest, context: SayContext): Said {
  const { key, source } = test;
  if (source === undefined) return lost(`"${key}" cannot be said in Sieve`);
  const { operand, lists } = source;
  const fields = ADDRESS_FIELDS.get(key);
  if (fields !== undefined) return sayAddress(fields, operand, lists);
  const flag = FLAGS.get(key);
  if (flag !== undefined) {
    const has = sayFlags([flag], context);
    return operand === true ? has : negateSaid(has);
  }
  switch (key) {
    case 'subject':
    case 'list': {
      if (operand === true) return said('exists "list-id"');
      const text = textTestSchema.safeParse(operand);
      if (!text.success) return lost('its operand cannot be read');
      return key === 'list'
        ? sayIdentifier('list-id', text.data, lists)
        : sayHeader(['subject'], text.data, lists);
    }
    case 'header':
      return sayHeaders(test);
    case 'size':
      return saySize(operand);
    case 'body':
      return sayBody(operand, lists);
    case 'date':
      return sayDate(operand);
    case 'now':
      return sayNow(operand);
    case 'keyword':
      return sayFlags(asList(operand).map(String), context);
    case 'mailbox':
      return sayMailbox(test);
    case 'age':
      return lost('"age": Sieve decides at delivery, when every message is new');
    default:
      return lost(`"${key}" cannot be said in Sieve`);
  }
}

/** RFC 5232 §4; Sieve would see flags that the script itself has set, our rules do not. */
function sayFlags(flags: readonly string[], { changedFlags }: SayContext): Said {
  const changed = flags.find((flag) => changedFlags.has(flagKey(flag)));
  if (changed !== undefined) {
    return lost(`a rule before may change ${changed}, and Sieve would see it changed`);
  }
  return said(`hasflag :is ${quoteList(flags)}`, ['imap4flags']);
}

function sayHeaders({ source }: ConditionTest): Said {
  const tests = Object.entries(Object(source?.operand));
  const lists = source?.lists;
  if (lists === undefined) return lost('its operand cannot be read');
  return joinSaid(
    'allof',
    tests.map(([name, test]) => {
      const presence = wantsPresence(test);
      if (presence !== undefined) {
        const exists = said(`exists ${quote(name)}`);
        return presence ? exists : negateSaid(exists);
      }
      const number = numberTestSchema.safeParse(test);
      if (number.success) return sayNumber(name, number.data);
      const text = textTestSchema.safeParse(test);
      return text.success
        ? sayHeader([name], text.data, lists)
        : lost('its operand cannot be read');
    }),
  );
}

function wantsPresence(test: unknown): boolean | undefined {
  if (typeof test !== 'object' || test === null || !('exists' in test)) return undefined;
  return test.exists === true;
}

/** RFC 5231 with i;ascii-numeric (RFC 4790 §9.1): whole numbers at the start of the value. */
function sayNumber(name: string, test: NumberTest): Said {
  const compare = (relation: string, number: number): Said =>
    Number.isSafeInteger(number) && number >= 0
      ? said(
          `header :value "${relation}" :comparator "i;ascii-numeric" ${quote(name)} "${number}"`,
          ['relational', 'comparator-i;ascii-numeric'],
        )
      : lost('Sieve compares whole numbers from 0 up only (RFC 4790 §9.1.1)');
  // A value that is no number counts as the greatest of all: keep it from being "over".
  const isNumber = negateSaid(
    said(`header :value "eq" :comparator "i;ascii-numeric" ${quote(name)} "none"`, [
      'relational',
      'comparator-i;ascii-numeric',
    ]),
  );
  const { over, under, is, between } = test;
  const parts = [
    ...(over === undefined ? [] : [isNumber, compare('gt', over)]),
    ...(under === undefined ? [] : [compare('lt', under)]),
    ...(is === undefined ? [] : [compare('eq', is)]),
    ...(between === undefined ? [] : [compare('ge', between[0]), compare('le', between[1])]),
  ];
  return withRemark(
    joinSaid('allof', parts),
    `the number in ${name} is compared as a whole number at the start of the value: "-2", "5.5" and "score 7" compare otherwise`,
  );
}

/** RFC 5228 §5.9: both comparisons are strict. */
function saySize(operand: unknown): Said {
  const parsed = sizeTestSchema.safeParse(operand);
  if (!parsed.success) return lost('its operand cannot be read');
  const test: NumberTest = parsed.data;
  const { over, under, is, between } = test;
  const compare = (word: 'over' | 'under', bytes: number): Said =>
    bytes <= MAX_NUMBER
      ? said(`size :${word} ${bytes}`)
      : lost(`sizes above ${MAX_NUMBER} bytes are not portable`);
  const [low, high] = between ?? (is === undefined ? [] : [is, is]);
  return joinSaid('allof', [
    ...(over === undefined ? [] : [compare('over', over)]),
    ...(under === undefined ? [] : [compare('under', under)]),
    ...(low === undefined || low === 0 ? [] : [negateSaid(compare('under', low))]),
    ...(high === undefined ? [] : [negateSaid(compare('over', high))]),
  ]);
}

/** Sieve decides about mail that arrives in INBOX, so the answer is known beforehand. */
function sayMailbox(test: ConditionTest): Said {
  const ref = {
    account: accountId('any'),
    mailbox: parseMailboxName('INBOX'),
    uidValidity: 1,
    uid: 1,
  };
  const context = { nowMs: 0, variables: {}, separator: '/' };
  return said(test.evaluate({ ref }, context).kind === 'yes' ? 'true' : 'false');
}
