import { expect, test } from 'vitest';
import { describeImportLoss } from '../../src/core/import-loss.ts';
import { evaluate } from '../../src/language/evaluate.ts';
import { createHeaders } from '../../src/mime/parse-headers.ts';
import { exportSieve } from '../../src/sieve/export-sieve.ts';
import { importSieve } from '../../src/sieve/import-sieve.ts';
import { CONTEXT, messageOf, oneRule, ruleSetOf } from '../language/support.ts';
import { generateMail } from './generate-mail.ts';
import { generateRules } from './generate-rules.ts';

/** The rules of a script without their names, one a line. */
function rulesOf(script: string): string {
  const result = importSieve(script);
  if (result.kind === 'error') return `${result.line}: ${result.message}`;
  const text = result.yaml ?? '';
  if (text !== '') ruleSetOf(text);
  return text
    .split('\n')
    .filter((line) => /^ {4}/.test(line))
    .map((line) => line.trim())
    .join('\n');
}

/** Names tell the line in the script, which comments move. */
function withoutNames(yaml: string): string {
  return yaml.replaceAll(/^ {2}- name: .*$/gm, '');
}

function lossesOf(script: string): readonly string[] {
  const result = importSieve(script);
  return result.kind === 'ok' ? result.losses.map((loss) => describeImportLoss('a', loss)) : [];
}

test.each([
  ['header :contains "subject" "a"', '{"subject":{"contains":"a"}}'],
  [
    'header :is ["X-A", "X-B"] ["a", "b"]',
    '{"any":[{"header":{"X-A":{"is":["a","b"]}}},{"header":{"X-B":{"is":["a","b"]}}}]}',
  ],
  ['header "X-A" "a"', '{"header":{"X-A":{"is":"a"}}}'],
  [
    'header :comparator "i;octet" :matches "subject" "a*"',
    '{"subject":{"matches":"a*","case":true}}',
  ],
  ['header :regex "subject" "^a+"', '{"subject":{"regex":"^a+"}}'],
  ['address :domain :is "from" "a.example"', '{"from":{"domain":{"is":"a.example"}}}'],
  [
    'address ["to", "Cc"] "a@b.example"',
    '{"any":[{"to":{"address":{"is":"a@b.example"}}},{"cc":{"address":{"is":"a@b.example"}}}]}',
  ],
  ['exists ["X-A", "X-B"]', '{"header":{"X-A":{"exists":true},"X-B":{"exists":true}}}'],
  ['size :over 2M', '{"size":{"over":2097152}}'],
  [
    'not anyof (true, size :under 1K)',
    '{"not":{"any":[{"size":{"over":0}},{"size":{"under":1024}}]}}',
  ],
  ['body :text :contains ["a", "b"]', '{"body":{"contains":["a","b"]}}'],
  [
    'date :zone "+0000" :value "lt" "Date" "date" "2026-01-01"',
    '{"date":{"header":"Date","before":"2026-01-01"}}',
  ],
  [
    'date :zone "+0000" :is "Date" "weekday" ["0", "6"]',
    '{"date":{"header":"Date","weekday":["sun","sat"]}}',
  ],
  ['currentdate :zone "+0000" :value "ge" "hour" "08"', '{"now":{"hour":{"over":7}}}'],
  ['hasflag ["\\\\seen", "Work"]', '{"any":[{"seen":true},{"keyword":"Work"}]}'],
])('the test %s becomes %s', (source, expected) => {
  expect(rulesOf(`if ${source} { stop; }`)).toBe(`when: ${expected}\nthen: ["stop"]`);
});

test.each([
  ['fileinto "A"; stop;', '[{"move":"A"}]'],
  ['fileinto :create "A/B"; stop;', '[{"move":"A/B","create":true}]'],
  ['fileinto :copy "A"; stop;', '[{"copy":"A"},"stop"]'],
  ['fileinto "A"; fileinto "B"; stop;', '[{"copy":"A"},{"move":"B"}]'],
  ['fileinto "A"; keep; stop;', '[{"copy":"A"},"stop"]'],
  [
    'addflag "\\\\Seen"; removeflag ["a b"]; keep; stop;',
    '[{"flag":"seen"},{"unlabel":"a"},{"unlabel":"b"},"stop"]',
  ],
])('the commands %s become %s', (source, expected) => {
  expect(rulesOf(`if size :over 1 { ${source} }`)).toBe(
    `when: {"size":{"over":1}}\nthen: ${expected}`,
  );
});

test('branches exclude each other, and a filing without stop lets later rules go on', () => {
  const script = `if header :is "subject" "a" { fileinto "A"; }
elsif header :is "subject" "b" { stop; }
else { addflag "c"; }`;
  expect(rulesOf(script)).toBe(`when: {"subject":{"is":"a"}}
then: [{"move":"A"}]
continue: true
when: {"all":[{"not":{"subject":{"is":"a"}}},{"subject":{"is":"b"}}]}
then: ["stop"]
when: {"all":[{"not":{"subject":{"is":"a"}}},{"not":{"subject":{"is":"b"}}}]}
then: [{"label":"c"}]`);
  expect(lossesOf(script)).toEqual([
    'a:1: differs\n  flags that later rules set are set on what was filed here, too',
  ]);
});

test('rules of one line have names of their own', () => {
  const result = importSieve('if size :over 1 { stop; } else { addflag "a"; }');
  expect(result.kind === 'ok' ? result.yaml : '').toMatch(/"Sieve line 1"[\s\S]*"Sieve line 1, 2"/);
});

test('comments, multi-line strings and escapes are read', () => {
  const script =
    '# one\n/* two\n */ if header :is "subject" text: # three\na"b\r\n..c\n.\n{ stop; }';
  expect(rulesOf(script)).toBe('when: {"subject":{"is":"a\\"b\\r\\n.c\\n"}}\nthen: ["stop"]');
});

test.each([
  ['if true { discard; }', /^a:1: not imported\n {2}the command "discard"; later rules/],
  [
    '\nif body :contains "a" { stop; }',
    /^a:2: not imported\n {2}"body" other than ":text :contains"; later rules/,
  ],
  ['redirect "a@b.example";', /the command "redirect"/],
  ['require "variables";\nset "a" "b";', /requires "variables"/],
  ['if address "x-list" "a" { stop; }', /"address" on the header "x-list"/],
  ['if header :value "gt" "x" "1" { stop; }', /":value"/],
  ['if header :is "x" "" { stop; }', /an empty key/],
  ['if header :regex "x" "(a" { stop; }', /the regular expression/],
  ['addflag "a"; if hasflag "a" { stop; }', /after the script has changed flags/],
  ['fileinto "a//b";', /empty level/],
  ['fileinto "{{ subject }}";', /the mailbox name/],
])('%s is reported', (script, loss) => {
  expect(lossesOf(script)[0]).toMatch(loss);
});

test.each([
  ['if true { stop; ', '1: a command or test is expected here'],
  ['\nstop', '2: ";" or "{" is missing after "stop"'],
  ['if header "a" ["b" "c"] { }', '1: "]" is missing'],
  ['stop;\n@', '2: "@" is no word of Sieve'],
  [`if ${'not '.repeat(60)}true { stop; }`, '1: it is nested more than 50 deep'],
])('%s is refused with its line', (script, expected) => {
  expect(rulesOf(script)).toBe(expected);
});

test('what was exported means the same when it is imported, and is exported as before', () => {
  const views = generateMail(60, 7).map(({ octets, seen }) => ({
    ...messageOf({ flags: seen ? ['\\Seen'] : [], sizeBytes: octets.length }),
    headers: createHeaders(octets, 'all'),
  }));
  let same = 0;
  for (const when of generateRules(60, 3)) {
    const original = ruleSetOf(oneRule(JSON.stringify(when), '[{ move: X }]'));
    const first = exportSieve(original);
    const imported = importSieve(first.script);
    if (imported.kind === 'error') throw new Error(imported.message);
    // Number tests and address tests on unusual headers do not come back.
    if (imported.losses.length > 0 || imported.yaml === null) continue;
    const again = ruleSetOf(imported.yaml);
    const second = exportSieve(again);
    const third = importSieve(second.script);
    expect(third.kind === 'ok' ? withoutNames(third.yaml ?? '') : '').toBe(
      withoutNames(imported.yaml),
    );
    if (first.losses.length > 0 || JSON.stringify(when).includes('"list"')) continue;
    const [before, after] = [original, again].map((set) => set.files[0]?.rules[0]?.when);
    if (before === undefined || after === undefined) throw new Error('there is a rule');
    for (const view of views) {
      expect(evaluate(after, view, CONTEXT).kind).toBe(evaluate(before, view, CONTEXT).kind);
    }
    same++;
  }
  expect(same).toBeGreaterThan(200);
});
