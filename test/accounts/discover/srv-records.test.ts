import { expect, test } from 'vitest';
import type { SrvRecord } from '../../../src/accounts/discover/discovery.ts';
import { isHostName, orderSrv } from '../../../src/accounts/discover/srv-records.ts';

const record = (name: string, priority = 0, weight = 0, port = 993): SrvRecord => ({
  name,
  port,
  priority,
  weight,
});
const namesOf = (records: readonly SrvRecord[], random = 0.5): readonly string[] =>
  orderSrv(records, () => random).map(({ name }) => name);

test('the lowest priority goes first', () => {
  const records = [record('b.example.org', 20), record('a.example.org', 10)];
  expect(namesOf(records)).toEqual(['a.example.org', 'b.example.org']);
});

test.each([
  [0, ['light.example.org', 'heavy.example.org']],
  [0.09, ['light.example.org', 'heavy.example.org']],
  [0.11, ['heavy.example.org', 'light.example.org']],
  [1, ['heavy.example.org', 'light.example.org']],
])('within one priority the weight decides: at %d', (random, order) => {
  const records = [record('heavy.example.org', 0, 90), record('light.example.org', 0, 10)];
  expect(namesOf(records, random)).toEqual(order);
});

test.each([
  ['the service is not offered', record('.')],
  ['the same, as a resolver gives it', record('')],
  ['no port', record('imap.example.org', 0, 0, 0)],
  ['an address', record('192.0.2.1')],
  ['one label', record('localhost')],
  ['a path', record('imap.example.org/x')],
  ['a control character', record('imap\n.example.org')],
])('counts for nothing: %s', (_, bad) => {
  expect(namesOf([bad])).toEqual([]);
  expect(namesOf([bad, record('imap.example.org')])).toEqual(['imap.example.org']);
});

test('capitals and the dot at the end are no other name', () => {
  expect(namesOf([record('IMAP.Example.ORG.')])).toEqual(['imap.example.org']);
});

test.each([
  ['', false],
  ['org', false],
  ['-a.org', false],
  ['a-.org', false],
  ['a..org', false],
  ['127.0.0.1', false],
  [`${'a'.repeat(64)}.org`, false],
  [`${'a.'.repeat(130)}org`, false],
  ['imap.example.org', true],
  ['xn--bcher-kva.example', true],
  ['1.example.org', true],
])('%j is a host name: %s', (name, isOne) => {
  expect(isHostName(name)).toBe(isOne);
});
