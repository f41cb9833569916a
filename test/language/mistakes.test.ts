/** A rule file in which almost everything is wrong: one diagnostic for each mistake, at its place. */
import { expect, test } from 'vitest';
import { diagnosticsOf } from './support.ts';

const MISTAKES = `acounts: [personal]
accounts: [persnal]
mailbox: "\\\\Archiv"
on: [arival, { schedule: bad, timezone: UTC }]
lists: { gone: gone.txt, vip: [boss@corp.example], idle: [a@x.example] }
conditions:
  loop: { use: loop }
rules:
  - name: One
    when: { form: a@x.example }
    then: [keep]
  - name: One
    when: { subject: "" }
    then: [arhive]
  - when: { subject: { regex: "(" } }
    then: [{ mvoe: A }]
  - name: Three
    when: { use: nois, from: { in: vpi } }
    then: [{ flag: sen }, { label: two words }]
  - name: Four
    when: { size: { over: 5XB }, age: { over: soon } }
    then: [{ move: "{{ form.name }}" }, { move: A }]
    mode: observ
  - name: Five
    when: { seen: true, not: { seen: true } }
    then: [archive, keep]
  - name: Six
    when: { size: { over: 5MB, under: 1MB } }
    then: [mark_read, { unflag: seen }]
  - name: Seven
    when: { header: { "X Y": a }, attachment: { type: pdf } }
    then: [{ copy: ../etc }]
  - name: Eight
    when: { from: ann@a.example }
    then: [star, stop]
  - name: Nine
    when: { from: ann@a.example, flagged: true }
    then: [star, star]
  - name: Ten
    when: { date: { header: Date, after: tomorrow }, subject: { regex: "a*" } }
    then: [star]
tests:
  - message: { from: a@x.example, flag: seen }
    expect: { mov: A }
`;

test('thirty-six mistakes give thirty-six diagnostics, none of them for another one', () => {
  const found = diagnosticsOf(MISTAKES).map(({ at, message }) => [at.line, at.column, message]);
  expect(found).toEqual([
    [1, 1, 'unknown key "acounts"'],
    [2, 12, 'there is no account "persnal" in mailwright.yaml'],
    [3, 10, expect.stringContaining('unknown role "\\Archiv"')],
    [4, 6, 'unknown value "arival"'],
    [4, 26, '"bad" is no cron expression'],
    [5, 16, 'the list "gone": no file'],
    [7, 3, 'the condition "loop" uses itself'],
    [10, 13, 'unknown condition "form"'],
    [12, 11, 'two rules have the name "One"; the first is at rules/a.yaml:9'],
    [13, 22, 'an empty text would match every message'],
    [14, 12, 'unknown action "arhive"'],
    [15, 5, '"name" is missing here'],
    [15, 31, expect.stringContaining('pattern "("')],
    [16, 14, 'unknown action "mvoe"'],
    [18, 18, 'there is no condition "nois" in this file'],
    [18, 36, 'there is no list "vpi", so this is the text itself'],
    [19, 20, 'unknown value "sen"'],
    [19, 36, expect.stringContaining('"two words" is no label')],
    [21, 27, expect.stringContaining('"5XB" is not an amount')],
    [21, 47, expect.stringContaining('"soon" is not a duration')],
    [22, 20, expect.stringContaining('unknown field "form.name"')],
    [22, 41, expect.stringContaining('this rule moves it twice')],
    [23, 11, 'unknown value "observ"'],
    [25, 32, expect.stringContaining('this can never hold')],
    [26, 21, '"keep" says that the message stays, and this rule moves it'],
    [28, 13, expect.stringContaining('no number is in this range')],
    [29, 23, expect.stringContaining('takes it off')],
    [31, 23, expect.stringContaining('"X Y" is not a header name')],
    [31, 55, expect.stringContaining('"pdf" is no media type')],
    [32, 20, expect.stringContaining('a level "." or ".."')],
    [36, 11, expect.stringContaining('no message reaches this rule: "Eight"')],
    [38, 18, 'this rule has said that already'],
    [40, 42, expect.stringContaining('"tomorrow" is no date')],
    [40, 72, expect.stringContaining('"a*" matches every value')],
    [43, 35, 'unknown key "flag"'],
    [44, 15, 'unknown key "mov"'],
  ]);
});
