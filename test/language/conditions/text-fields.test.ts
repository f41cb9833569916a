import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../src/language/evaluate.ts';
import { listId, listName } from '../../../src/language/list-id.ts';
import { CONTEXT, judge, messageOf, oneRule, ruleOf, verdictWord } from '../support.ts';

describe('subject', () => {
  test.each([
    ['no', 'subject: invoice', ''],
    ['no', 'subject: invoice', 'in voice'],
    ['no', 'subject: { is: invoice }', 'invoices'],
    ['no', 'subject: { starts: invoice }', 'An invoice'],
    ['no', 'subject: { ends: invoice }', 'invoices'],
    ['no', 'subject: { matches: "in?oice" }', 'inoice'],
    ['no', 'subject: { matches: "inv*" }', 'An invoice'],
    ['no', 'subject: { matches: "a.c" }', 'abc'],
    ['no', 'subject: { regex: "^b" }', 'ab'],
    ['no', 'subject: { contains: Invoice, case: true }', 'invoice'],
    ['no', 'subject: { regex: "Invoice", case: true }', 'invoice'],
    ['no', 'subject: { starts: a, ends: c }', 'ab'],
    ['yes', 'subject: invoice', 'Your INVOICE 7'],
    ['yes', 'subject: [receipt, invoice]', 'invoice'],
    ['yes', 'subject: { contains: [receipt, invoice] }', 'invoice'],
    ['yes', 'subject: { is: [a, invoice] }', 'Invoice'],
    ['yes', 'subject: { starts: inv }', 'Invoice'],
    ['yes', 'subject: { ends: ice }', 'InvoICE'],
    ['yes', 'subject: { matches: "*voice" }', 'Invoice'],
    ['yes', 'subject: { matches: "a\\\\*c" }', 'a*c'],
    ['yes', 'subject: { regex: "b+" }', 'aBBc'],
    ['yes', 'subject: { starts: a, ends: c }', 'abc'],
    ['yes', 'subject: { in: [a, b] }', 'B'],
    ['yes', 'subject: STRASSE', 'Straße 5'],
    ['yes', 'subject: straße', 'STRASSE'],
    ['yes', 'subject: ΟΔΟΣ', 'οδος'],
    ['yes', 'subject: "caf\\u00e9"', 'cafe\u0301'],
  ])('%s: %s on %j', (word, condition, subject) => {
    expect(verdictWord(`{ ${condition} }`, { headers: { subject } })).toBe(word);
  });

  test('nothing is in an empty list', () => {
    const rule = ruleOf(`lists: { none: [] }\n${oneRule('{ subject: { in: none } }')}`);
    expect(evaluate(rule.when, messageOf({ headers: { subject: 'none' } }), CONTEXT).kind).toBe(
      'no',
    );
  });

  test('a subject that is absent matches no text test', () => {
    expect(verdictWord('{ subject: a }', {})).toBe('no');
    expect(verdictWord('{ not: { subject: a } }', {})).toBe('yes');
  });

  test('wildcards and groups capture, as short as possible', () => {
    const captures = (when: string, subject: string) => judge(when, { headers: { subject } });
    expect(captures('{ subject: { matches: "[*] * (?)" } }', '[ci] a ] b (1)')).toEqual({
      kind: 'yes',
      captures: ['ci', 'a ] b', '1'],
    });
    expect(captures('{ subject: { regex: "#([0-9]+)(x)?" } }', 'bug #42')).toEqual({
      kind: 'yes',
      captures: ['42', ''],
    });
  });

  test('a value that is too long for a pattern is indeterminate', () => {
    expect(verdictWord('{ subject: a }', { headers: { subject: 'b'.repeat(70_000) } })).toBe(
      'indeterminate',
    );
  });

  test('a pattern that takes exponential time elsewhere is answered at once', () => {
    const started = performance.now();
    expect(
      verdictWord('{ subject: { regex: "^(a+)+$" } }', {
        headers: { subject: `${'a'.repeat(5000)}b` },
      }),
    ).toBe('no');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('header', () => {
  test.each([
    ['no', '{ X-A: { exists: true } }', {}],
    ['no', '{ X-A: { exists: false } }', { 'X-A': '1' }],
    ['no', '{ X-A: { over: 5 } }', { 'X-A': '5' }],
    ['no', '{ X-A: { over: 5 } }', {}],
    ['no', '{ X-A: { is: "1" } }', { 'X-A': 'high' }],
    ['no', '{ X-A: { is: "1" } }', { 'X-A': '1 (Highest)' }],
    ['no', '{ X-A: a, X-B: b }', { 'X-A': 'a' }],
    ['indeterminate', '{ X-A: { over: 5 } }', { 'X-A': 'high' }],
    ['yes', '{ X-A: { exists: true } }', { 'X-A': '' }],
    ['yes', '{ X-A: { exists: false } }', {}],
    ['yes', '{ x-a: { over: 5 } }', { 'X-A': 'score=7.5 of 10' }],
    ['yes', '{ X-A: 5 }', { 'X-A': '5' }],
    ['yes', '{ X-A: { between: [-1, 0] } }', { 'X-A': '-0.5' }],
    ['yes', '{ X-A: { is: "1" } }', { 'X-A': '1' }],
    ['yes', '{ X-A: a, X-B: b }', { 'X-A': 'a', 'X-B': 'b' }],
  ])('%s: header %s on %j', (word, operand, headers) => {
    expect(verdictWord(`{ header: ${operand} }`, { headers })).toBe(word);
  });

  test('any occurrence counts, and under not no occurrence may match', () => {
    const headers = { Received: ['by a', 'by b'] };
    expect(verdictWord('{ header: { Received: by b } }', { headers })).toBe('yes');
    expect(verdictWord('{ not: { header: { Received: by b } } }', { headers })).toBe('no');
    expect(verdictWord('{ none: [ { header: { Received: by c } } ] }', { headers })).toBe('yes');
  });

  test('a header that cannot be read is indeterminate, also under not', () => {
    const facts = { unreadable: ['x-a'] };
    expect(verdictWord('{ header: { X-A: a } }', facts)).toBe('indeterminate');
    expect(verdictWord('{ not: { header: { X-A: a } } }', facts)).toBe('indeterminate');
  });
});

describe('list', () => {
  test.each([
    ['no', 'true', {}],
    ['no', 'announce', { 'List-Id': 'Announcements <news.example.org>' }],
    ['yes', 'true', { 'List-Id': '<news.example.org>' }],
    ['yes', '{ is: news.example.org }', { 'List-Id': 'Announcements <news.example.org>' }],
    ['yes', '{ is: news.example.org }', { 'List-Id': 'news.example.org' }],
    ['yes', '{ matches: "*.example.org" }', { 'List-Id': '"a <b>" <news.example.org>' }],
  ])('%s: list %s on %j', (word, operand, headers) => {
    expect(verdictWord(`{ list: ${operand} }`, { headers })).toBe(word);
  });

  test.each([
    ['<a.b>', 'a.b', ''],
    ['"Quoted Name" <a.b>', 'a.b', 'Quoted Name'],
    ['Name <a.b> ', 'a.b', 'Name'],
    ['a.b', 'a.b', 'a.b'],
  ])('List-Id %j has an identifier and a name', (value, id, name) => {
    expect(listId(value)).toBe(id);
    expect(listName(value)).toBe(name);
  });
});
