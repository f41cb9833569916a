/** Good texts and grammars for the readers of text-targets.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../support/package-root.ts';

const read = (...path: readonly string[]): string =>
  readFileSync(join(PACKAGE_ROOT, ...path), 'utf8');
const below = (folder: string, pattern: RegExp): readonly string[] =>
  readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => read(folder, name));

/** The rule files of the golden cases and the examples. */
export const RULES: readonly string[] = [
  ...below('test/golden', /rules\.yaml$/),
  ...below('rules/examples', /\.yaml$/),
];

/** Lines that stand for many rule files. */
export const RULE_GRAMMAR = {
  start: [
    'rules:\n<rule>',
    'mailbox: <scalar>\nrules:\n<rule><rule>',
    'accounts: { <map> }\n',
    'schedule: <scalar>\n<start>',
  ],
  rule: [
    '  - name: <scalar>\n    when: { <map> }\n    then: [ <action> ]\n',
    '  - { name: a, when: <value>, then: <value> }\n',
  ],
  map: ['<key>: <value>', '<key>: <value>, <map>'],
  key: [
    'from',
    'to',
    'subject',
    'list',
    'header',
    'size',
    'age',
    'flag',
    'body',
    'any',
    'all',
    'not',
    'over',
    'contains',
    'regex',
    'host',
    'user',
    'auth',
    'pin',
    'smtp',
    'x',
  ],
  value: ['<scalar>', '[<value>]', '[<value>, <value>]', '{ <map> }', 'null', '~', '{}', '[]'],
  scalar: [
    'a',
    '"@x.example"',
    '5',
    '-1',
    '30d',
    '5MB',
    'true',
    '"{{ subject }}"',
    '"{{ date:%Y }}"',
    '"(a+)+$"',
    '"*"',
    '"../x"',
    'INBOX',
    '1e999',
    '2026-01-01',
    '"\\u0000"',
  ],
  action: [
    'archive',
    'star',
    'mark_read',
    'trash',
    'stop',
    '{ move: <scalar> }',
    '{ move: <scalar>, create: true }',
    '{ copy: <scalar> }',
    '{ flag: <scalar> }',
    '<action>, <action>',
    '{ webhook: <scalar> }',
  ],
};

/** Scripts of what is imported. */
export const SIEVES: readonly string[] = [
  'require ["fileinto", "imap4flags"];\nif header :contains "subject" "x" { fileinto "A"; addflag "\\\\Seen"; stop; }\n',
  'if anyof (address :domain :is "from" ["a.example", "b.example"], not size :over 100K) { keep; } elsif true { discard; }\n',
  'require "regex"; if header :regex "subject" "^\\\\[(a|b)\\\\]" { redirect "a@x"; }\n/* c */ # d\nif exists "x" { fileinto text:\nA\n.\n; }\n',
];

/** The grammar of RFC 5228, with holes. */
export const SIEVE_GRAMMAR = {
  start: ['<command>', '<command><start>', 'require <list>;\n<start>'],
  command: ['if <test> { <start> }\n', 'if <test> { <action> } else { <action> }\n', '<action>\n'],
  test: [
    'true',
    'not <test>',
    'allof (<test>, <test>)',
    'anyof (<test>)',
    'header <match> <list> <list>',
    'size :over <num>',
    'exists <list>',
    'address <match> <list> <list>',
    'body <match> <list>',
    'envelope "from" <list>',
  ],
  match: [':is', ':contains', ':matches', ':regex', ':comparator "i;octet" :is', ':count "gt"', ''],
  list: ['"a"', '["a", "b"]', '[]', 'text:\nx\n.\n', '"a\\\\b*?"', '"$' + '{x}"'],
  num: ['1', '10K', '4294967296G', '-1'],
  action: [
    'fileinto <list>;',
    'keep;',
    'discard;',
    'stop;',
    'redirect <list>;',
    'addflag <list>;',
    'vacation "x";',
    'fileinto :copy <list>;',
  ],
};

/** JSON that is almost ours. */
export const JSON_GRAMMAR = {
  start: ['<object>', '<value>'],
  object: [
    '{}',
    '{"v":1,"method":<string>,"args":[<value>]}',
    '{"job":<value>,"attempts":<num>}',
    '{<string>:<value>,<string>:<value>}',
    '{"format":<string>,"plans":[<object>]}',
    '{"$map":[[1,2]]}',
    '{"$map":[<value>]}',
  ],
  value: ['<string>', '<num>', 'null', 'true', '[<value>,<value>]', '<object>', '[]'],
  string: [
    '"a"',
    '"prune"',
    '"sweep"',
    '"apply"',
    '"__proto__"',
    '"\\u0000"',
    '"account"',
    '"kind"',
    '"source"',
    '"appendPlan"',
  ],
  num: ['0', '1', '-1', '1e999', '9007199254740993', '0.5'],
};

/** A file of each program that rules come from. */
export const FOREIGN_SAMPLES = {
  gmail: read('test/foreign/samples/mailFilters.xml'),
  thunderbird: read('test/foreign/samples/msgFilterRules.dat'),
  imapautofiler: read('test/foreign/samples/imapautofiler.yml'),
};
