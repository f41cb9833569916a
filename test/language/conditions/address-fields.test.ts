import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../src/language/evaluate.ts';
import { CONTEXT, judge, messageOf, oneRule, ruleSetOf, verdictWord } from '../support.ts';

describe('address tests', () => {
  test.each([
    ['no', 'a@x.example', 'b@x.example'],
    ['no', 'a@x.example', 'a@x.example.org'],
    ['no', 'a@x.example', 'aa@x.example'],
    ['no', '"@x.example"', 'a@sub.x.example'],
    ['no', '"@x.example"', 'a@evilx.example'],
    ['no', '"@x.example"', 'a@x.example.evil.example'],
    ['no', '"@*.x.example"', 'a@x.example'],
    ['no', '"@*.x.example"', 'a@evilx.example'],
    ['no', '"@x.example"', '"a@x.example" <b@evil.example>'],
    ['no', 'a@x.example', 'a@x.example <b@evil.example>'],
    ['no', '{ name: bob }', 'bob@x.example'],
    ['no', '{ localpart: { is: a }, domain: { is: y.example } }', 'a@x.example, b@y.example'],
    ['no', '{ detail: { is: shop } }', 'me@x.example'],
    ['yes', 'a@x.example', 'A@X.Example'],
    ['yes', '"@x.example"', 'Bob <a@X.example>'],
    ['yes', '"@*.x.example"', 'a@b.c.x.example'],
    ['yes', '[c@d.example, "@x.example"]', 'a@x.example'],
    ['yes', 'bob', 'Bob Builder <a@x.example>'],
    ['yes', 'bob', 'x <bobby@x.example>'],
    ['yes', '{ name: bob }', 'Bob <a@x.example>'],
    ['yes', '{ address: { ends: x.example } }', 'a@x.example'],
    ['yes', '{ localpart: { is: a }, domain: { is: y.example } }', 'b@x.example, a@y.example'],
    ['yes', '{ domain: { is: x.example } }', '"a@b"@x.example'],
    ['yes', '{ detail: { is: shop } }', 'me+shop@x.example'],
    ['yes', '{ in: [a@x.example, "@y.example"] }', 'z@y.example'],
  ])('%s: from %s on %j', (word, operand, from) => {
    expect(verdictWord(`{ from: ${operand} }`, { headers: { from } })).toBe(word);
  });

  test('a message without the field matches nothing, and its negation matches', () => {
    expect(verdictWord('{ from: a@x.example }', {})).toBe('no');
    expect(verdictWord('{ not: { from: a@x.example } }', {})).toBe('yes');
  });

  test('one of several recipients is enough, and under not one is too many', () => {
    const headers = { to: 'a@x.example, b@y.example' };
    expect(verdictWord('{ to: b@y.example }', { headers })).toBe('yes');
    expect(verdictWord('{ not: { to: b@y.example } }', { headers })).toBe('no');
  });
});

test('an entry alone matches what it matches in a list', () => {
  const entries = ['a@x.example', '@X.example', '@*.x.example', '@*.', '@', 'a@', 'BOB', 'x.ex'];
  const senders = [
    ...['a@x.example', 'Bob <A@x.example>', 'b@sub.x.example', 'bobby', 'a@x', '"@"@x.example'],
    ...['Bob', 'x <a@>', '<@x.example>', 'ſ <straße@X.EXAMPLE>'],
  ];
  for (const entry of entries) {
    for (const from of senders) {
      const text = JSON.stringify(entry);
      const [alone, listed] = [text, `[${text}, nobody@nowhere.example]`].map((operand) =>
        verdictWord(`{ from: ${operand} }`, { headers: { from } }),
      );
      expect(alone, `${entry} on ${from}`).toBe(listed);
    }
  }
});

describe('which fields a condition reads', () => {
  const ADDRESS = 'a@x.example';
  test.each([
    ['from', 'from', 'yes'],
    ['to', 'to', 'yes'],
    ['cc', 'cc', 'yes'],
    ['bcc', 'bcc', 'yes'],
    ['sender', 'sender', 'yes'],
    ['reply_to', 'reply-to', 'yes'],
    ['to', 'cc', 'no'],
    ['from', 'sender', 'no'],
    ['recipient', 'from', 'no'],
    ['recipient', 'to', 'yes'],
    ['recipient', 'cc', 'yes'],
    ['recipient', 'bcc', 'yes'],
    ['recipient', 'delivered-to', 'yes'],
    ['recipient', 'x-original-to', 'yes'],
    ['participant', 'from', 'yes'],
    ['participant', 'sender', 'yes'],
    ['participant', 'reply-to', 'yes'],
    ['participant', 'x-original-to', 'yes'],
  ])('%s on the header %s: %s', (key, field, word) => {
    expect(verdictWord(`{ ${key}: ${ADDRESS} }`, { headers: { [field]: ADDRESS } })).toBe(word);
  });

  test('an unreadable field is indeterminate, unless another one decides', () => {
    const facts = { headers: { to: ADDRESS }, unreadable: ['cc'] };
    expect(verdictWord(`{ recipient: ${ADDRESS} }`, facts)).toBe('yes');
    expect(judge('{ recipient: b@x.example }', facts)).toEqual({
      kind: 'indeterminate',
      reason: 'cc: broken',
    });
  });
});

test.each([
  ['boss@corp.example', 'yes'],
  ['kid@family.example', 'yes'],
  ['kid@sub.family.example', 'no'],
  ['inline@x.example', 'no'],
])('a list file of the rule file holds %s: %s', (from, word) => {
  const text = `lists: { vip: vip.txt }\n${oneRule('{ from: { in: vip } }')}`;
  const rule = ruleSetOf(text).files[0]?.rules[0];
  if (rule === undefined) throw new Error('no rule');
  expect(evaluate(rule.when, messageOf({ headers: { from } }), CONTEXT).kind).toBe(word);
});
