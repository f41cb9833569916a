import { expect, test } from 'vitest';
import { describeLoss, exportSieve } from '../../src/sieve/export-sieve.ts';
import { oneRule, ruleSetOf } from '../language/support.ts';

/** The test of the only rule, on one line. */
function testOf(when: string): string {
  const { script, losses } = exportSieve(ruleSetOf(oneRule(when, '[{ flag: flagged }]')));
  const lost = losses.find(({ severity }) => severity === 'lost');
  if (lost !== undefined) return `lost: ${lost.reason}`;
  const text = /\nif ([\s\S]*) \{\n {2}addflag/.exec(script)?.[1] ?? script;
  return text.replaceAll(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')');
}

test.each([
  ['{ subject: invoice }', 'header :contains "subject" "invoice"'],
  ['{ subject: [a, b] }', 'header :contains "subject" ["a", "b"]'],
  ['{ subject: { is: "50%" } }', 'header :is "subject" "50%"'],
  ['{ subject: { starts: "a*b" } }', 'header :matches "subject" "a\\\\*b*"'],
  ['{ subject: { ends: "?" } }', 'header :matches "subject" "*\\\\?"'],
  ['{ subject: { matches: "*re\\\\?" } }', 'header :matches "subject" "*re\\\\?"'],
  ['{ subject: { is: Hi, case: true } }', 'header :is :comparator "i;octet" "subject" "Hi"'],
  ['{ subject: { regex: "\\\\d{2,3}(?:a|b)+?" } }', 'header :regex "subject" "[0-9]{2,3}(a|b)+"'],
  ['{ subject: { in: [x, y] } }', 'header :is "subject" ["x", "y"]'],
  ['{ subject: über }', 'header :contains "subject" ["über", "Über"]'],
  ['{ subject: 日本 }', 'header :contains "subject" "日本"'],
  ['{ header: { X-A: { exists: true } } }', 'exists "X-A"'],
  [
    '{ header: { X-A: { exists: false }, X-B: c } }',
    'allof (not exists "X-A", header :contains "X-B" "c")',
  ],
  ['{ from: ann@a.example }', 'address :all :is "from" "ann@a.example"'],
  ['{ from: "@a.example" }', 'address :domain :is "from" "a.example"'],
  ['{ from: "@*.a.example" }', 'address :domain :matches "from" "*.a.example"'],
  ['{ cc: { localpart: ann } }', 'address :localpart :contains "cc" "ann"'],
  ['{ to: { detail: { is: x } } }', 'address :detail :is "to" "x"'],
  ['{ from: Ann }', 'header :contains "from" "Ann"'],
  [
    '{ from: ["@a.example", Bob] }',
    'anyof (address :domain :is "from" "a.example", header :contains "from" "Bob")',
  ],
  ['{ list: true }', 'exists "list-id"'],
  [
    '{ list: { is: a.b } }',
    'anyof (header :matches "list-id" "*<a.b>*", allof (not header :contains "list-id" "<", header :is "list-id" "a.b"))',
  ],
  ['{ size: { over: 5MB } }', 'size :over 5000000'],
  ['{ size: { between: [10, 20] } }', 'allof (not size :under 10, not size :over 20)'],
  ['{ seen: false }', 'not hasflag :is "\\\\Seen"'],
  ['{ keyword: [a, b] }', 'hasflag :is ["a", "b"]'],
  ['{ mailbox: { is: inbox } }', 'true'],
  ['{ not: { mailbox: inbox } }', 'not true'],
  [
    '{ none: [{ subject: a }, { subject: b }] }',
    'not anyof (header :contains "subject" "a", header :contains "subject" "b")',
  ],
  [
    '{ header: { X-S: { over: 5 } } }',
    'allof (not header :value "eq" :comparator "i;ascii-numeric" "X-S" "none", header :value "gt" :comparator "i;ascii-numeric" "X-S" "5")',
  ],
])('%s is said as %s', (when, expected) => {
  expect(testOf(when)).toBe(expected);
});

test.each([
  ['{ age: { over: 90d } }', /decides at delivery/],
  ['{ account: { is: work } }', /"account" cannot be said/],
  ['{ subject: { contains: a, starts: b } }', /several operators/],
  ['{ subject: { regex: "a\\\\b" } }', /no equal in POSIX/],
  ['{ subject: { regex: "a|" } }', /no equal in POSIX/],
  ['{ subject: { regex: "é" } }', /no equal in POSIX/],
  ['{ from: { name: Ann } }', /display names/],
  ['{ from: { localpart: a, domain: b } }', /several parts/],
  ['{ from: { domain: { matches: "*" } } }', /without domain/],
  ['{ header: { X-S: { over: -2.5 } } }', /whole numbers from 0/],
  ['{ size: { over: 5GB } }', /not portable/],
  ['{ any: [{ subject: a }, { age: { over: 1d } }] }', /decides at delivery/],
])('%s is reported as lost', (when, reason) => {
  expect(testOf(when)).toMatch(reason);
});

function scriptOf(...rules: readonly string[]): string {
  const text = `rules:\n${rules.map((rule, index) => `  - { name: R${index + 1}, ${rule} }\n`).join('')}`;
  return exportSieve(ruleSetOf(text)).script;
}

test('a relocation files and stops, copies and flags come before it', () => {
  expect(
    scriptOf('when: { subject: a }, then: [{ move: X/Y, create: true }, { copy: Z }, mark_read]'),
  ).toBe(`# Made from rule files by mailwright; edit those.

require ["copy", "fileinto", "imap4flags", "mailbox"];

# R1 (rules/0.yaml:2)
if header :contains "subject" "a" {
  addflag "\\\\Seen";
  fileinto :copy "Z";
  fileinto :create "X/Y";
  stop;
}
`);
});

test('filing waits for the end where a later rule may still change flags', () => {
  const script = scriptOf(
    `when: { subject: "\${a}" }, then: [{ move: X }], continue: true`,
    'when: { subject: b }, then: [star, { copy: Z }]',
    'when: { subject: c }, then: [{ unlabel: d }, stop]',
  );
  expect(script).toMatch(/"\$\$\{none\}\{a\}"/);
  expect(script).toContain('  set "copied_2" "yes";');
  expect(script).toContain('  removeflag "d";\n  set "ended" "yes";');
  expect(script).toMatch(/if string :is "\$\{copied_2\}" "yes" \{\n {2}fileinto :copy "Z";\n\}\n/);
  expect(script).toMatch(/if string :is "\$\{moved\}" "1" \{\n {2}fileinto "X";\n\}\n$/);
  expect(script).not.toContain('stop;');
});

test('keep and a move to INBOX only end', () => {
  const keep = scriptOf('when: { subject: a }, then: [keep]');
  expect(keep).toContain('{\n  stop;\n}');
  const both = `mailbox: [INBOX, Work]\n${oneRule('{ subject: a }', '[{ move: inbox }]')}`;
  expect(exportSieve(ruleSetOf(both)).script).toContain('{\n  stop;\n}');
});

test('a rule that cannot be said is left out whole and reported with its place', () => {
  const { script, losses } = exportSieve(
    ruleSetOf(oneRule('{ subject: a }', '[{ move: "L/{{ from.domain }}" }]')),
  );
  expect(script).not.toContain('if ');
  expect(losses.map(describeLoss)).toEqual([
    'rules/0.yaml:2: not exported: It\n  a mailbox name made from the message; later rules see its messages',
  ]);
});

test('a flag that an earlier rule changes is not asked for later', () => {
  const text =
    'rules:\n  - { name: A, when: { subject: a }, then: [star] }\n  - { name: B, when: { flagged: true }, then: [stop] }\n';
  expect(exportSieve(ruleSetOf(text)).losses[0]?.reason).toMatch(/may change \\Flagged/);
});

test('files of other mailboxes, other accounts and schedules are not exported', () => {
  const rules = oneRule('{ subject: a }', '[stop]');
  const reasons = (head: string): readonly string[] =>
    exportSieve(ruleSetOf(head + rules)).losses.map(({ reason }) => reason);
  expect(reasons('mailbox: Work\n')[0]).toMatch(/other mailboxes/);
  expect(reasons('on: { schedule: "0 3 * * *" }\n')[0]).toMatch(/runs by schedule/);
  expect(reasons('mailbox: [INBOX, Work]\n')[0]).toMatch(/out of the reach/);
  expect(reasons('accounts: [work]\n')[0]).toMatch(/work only/);
  const other = exportSieve(ruleSetOf(`accounts: [work]\n${rules}`), { account: 'personal' });
  expect(other).toEqual({
    script: '# Made from rule files by mailwright; edit those.\n',
    losses: [],
  });
});

test('rules that are off, or only observe, say nothing', () => {
  const off = scriptOf('when: { subject: a }, then: [stop], enabled: false');
  expect(off).not.toContain('if ');
  expect(scriptOf('when: { subject: a }, then: [stop], mode: observe')).not.toContain('if ');
});
