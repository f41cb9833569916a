import { describe, expect, test } from 'vitest';
import { compileRules } from '../../src/language/compile-rules.ts';
import { diagnosticsOf, documentOf, OPTIONS, oneRule, ruleOf, ruleSetOf } from './support.ts';

describe('what is refused, once and with a hint', () => {
  test.each([
    ['{}', 'an empty condition would match every message'],
    ['{ all: [] }', 'an empty list decides nothing'],
    ['{ subject: [] }', 'this list is empty'],
    ['{ subject: {} }', 'say what to look for'],
    ['{ subject: { contains: [a, ""] } }', 'an empty text'],
    ['{ subject: 5 }', 'expected text or a list or a mapping, found number 5'],
    ['{ subject: { regex: "a(?=b)" } }', 'looks ahead'],
    ['{ subject: { regex: "(a)\\\\1" } }', 'refers back'],
    ['{ header: {} }', 'name a header field'],
    ['{ header: { "X Y": a } }', 'is not a header name'],
    ['{ header: { X: { contians: a } } }', 'unknown key "contians"'],
    ['{ header: { X: { regex: "(" } } }', 'pattern "("'],
    ['{ header: { X: { over: "a" } } }', '"a" is not an amount'],
    ['{ from: { adress: a } }', 'unknown key "adress"'],
    ['{ any: [ { form: a } ] }', 'unknown condition "form"'],
    ['{ seen: yes }', 'expected true or false, found text "yes"'],
    ['{ keyword: "a b" }', 'a keyword is one word'],
    ['{ keyword: $mailwrightclaim-deadbeef }', 'what they are about to move'],
    ['{ size: -1 }', 'no number of bytes'],
    ['{ size: 1.5 }', 'no number of bytes'],
    ['{ size: { between: [1] } }', 'expected a list of 2'],
    ['{ age: 5 }', 'expected a mapping'],
    ['{ duplicate: false }', 'expected'],
    ['{ thread: { in: a, mine: true } }', 'say either'],
    ['{ auth: {} }', 'say what to look for'],
    ['[]', 'expected a mapping, found a list'],
  ])('when: %s', (when, message) => {
    expect(diagnosticsOf(oneRule(when)).map((each) => each.message)).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test.each([
    ['[]', 'this list is empty'],
    ['archive', 'expected a list'],
    ['[{ move: A, copy: B }]', 'one entry does one thing'],
    ['[{ move: A }, { move: B }]', 'moves it twice'],
    ['[archive, keep]', '"keep" says that the message stays'],
    ['[{ move: inbox }]', 'is the mailbox that the rule looks at'],
    ['[{ move: "" }]', 'it is empty'],
    ['[{ move: "A//B" }]', 'an empty level'],
    ['[{ move: "A//{{ subject }}" }]', 'an empty level'],
    ['[{ move: ../etc }]', 'a level "." or ".."'],
    ['[{ move: "\\\\Archive" }]', 'is a role'],
    ['[{ move: "{{ subject" }]', 'without its "}}"'],
    ['[{ move: "{{ subject | lwoer }}" }]', 'unknown filter "lwoer"'],
    ['[{ move: "{{ sender.usual_mailbx }}" }]', 'did you mean "sender.usual_mailbox"'],
    ['[{ move: A, else: "{{ from.domain }}" }]', '"else" is a fixed name'],
    ['[{ move: { account: elsewhere, mailbox: A } }]', 'there is no account "elsewhere" in'],
    ['[{ copy: { account: work } }]', 'mailbox'],
    ['[{ flag: seen, else: A }]', 'go with move and copy'],
    ['[{ create: true }]', 'this entry names no action'],
    ['[{ label: "\\\\Seen" }]', 'system flag'],
    ['[{ label: "a b{{ subject }}" }]', 'is no label'],
    ['[{ webhook: { url: x } }]', '"x" is no URL'],
    ['[{ webhook: { url: "https://a:b@c.example" } }]', 'no user and password'],
    ['[{ forward: nobody }]', '"nobody" is no address'],
    ['[{ exec: [] }]', 'this list is empty'],
    ['[{ add_to: vip }]', 'there is no list "vip" in this file'],
    ['[{ move: A, backup: false }]', '"backup" goes with expunge'],
    ['[{ snooze: { until: x } }]', '"x" is no time to come back at'],
  ])('then: %s', (then, message) => {
    expect(diagnosticsOf(oneRule('{ seen: true }', then)).map((each) => each.message)).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test('a near word is suggested, and what may stand there is listed', () => {
    const [found] = diagnosticsOf(oneRule('{ form: a }'));
    expect(found?.hint).toBe('did you mean "from"?');
    expect(found?.allowed).toContain('subject');
    expect(found?.allowed).not.toContain('snooze');
  });

  test('the defects of every file come at once, in the order of files and lines', () => {
    const found = diagnosticsOf(oneRule('{ form: a }'), oneRule('{ form: a }'));
    expect(found.map(({ file, at }) => `${file}:${at.line}`)).toEqual([
      'rules/a.yaml:3',
      'rules/b.yaml:2',
      'rules/b.yaml:3',
    ]);
  });

  test('conditions that use each other in a ring are refused', () => {
    const text = `conditions: { a: { not: { use: b } }, b: { any: [{ use: a }] } }\n${oneRule('{ use: a }')}`;
    expect(diagnosticsOf(text).map((each) => each.message)).toEqual([
      'the condition "a" uses itself',
      'the condition "b" uses itself',
    ]);
  });
});

describe('a correct file', () => {
  test('has its defaults filled in', () => {
    const file = ruleSetOf(oneRule('{ seen: true }')).files[0];
    expect(file).toMatchObject({
      accounts: null,
      mailboxes: [{ kind: 'name', name: 'INBOX' }],
      triggers: [{ kind: 'arrival' }],
      rules: [{ name: 'It', mode: 'act', enabled: true, continues: false }],
    });
  });

  test('may say each thing in its long form', () => {
    const file = ruleSetOf(`accounts: [work]
mailbox: [inbox, "\\\\Archive"]
on: [arrival, { schedule: "0 3 * * *", timezone: Europe/Berlin }]
${oneRule('{ seen: true }')}    continue: true\n    mode: observe\n    enabled: false\n`).files[0];
    expect(file).toMatchObject({
      accounts: ['work'],
      mailboxes: [
        { kind: 'name', name: 'INBOX' },
        { kind: 'role', role: 'archive' },
      ],
      triggers: [
        { kind: 'arrival' },
        { kind: 'schedule', cron: '0 3 * * *', timezone: 'Europe/Berlin' },
      ],
      rules: [{ mode: 'observe', enabled: false, continues: true }],
    });
  });

  test.each([
    ['archive', [{ kind: 'move', to: { kind: 'role', role: 'archive' } }]],
    ['mark_read', [{ kind: 'flag', op: 'add', flag: '\\Seen' }]],
    ['mark_unread', [{ kind: 'flag', op: 'remove', flag: '\\Seen' }]],
    ['star', [{ kind: 'flag', op: 'add', flag: '\\Flagged' }]],
    ['unstar', [{ kind: 'flag', op: 'remove', flag: '\\Flagged' }]],
    ['keep', [{ kind: 'keep' }]],
    ['stop', [{ kind: 'stop' }]],
    [
      '{ flag: [seen, deleted] }',
      [{ flag: '\\Seen' }, { kind: 'flag', op: 'add', flag: '\\Deleted' }],
    ],
    ['{ unlabel: Work }', [{ kind: 'label', op: 'remove', label: { source: 'Work' } }]],
    ['{ create: A/B }', [{ kind: 'create', mailbox: { source: 'A/B' } }]],
    [
      '{ move: A, create: true, else: B }',
      [{ kind: 'move', to: { kind: 'name', create: true, otherwise: 'B' } }],
    ],
    ['{ copy: A }', [{ kind: 'copy', to: { create: false, otherwise: null } }]],
  ])('then: [%s]', (then, actions) => {
    expect(ruleOf(oneRule('{ flagged: true }', `[${then}]`)).actions).toMatchObject(actions);
  });
});

describe('revisions and digests', () => {
  const revision = (text: string) => ruleOf(text).revision;
  const base = oneRule('{ seen: true, subject: a }', '[archive]');
  test('stay when keys or rules change places', () => {
    expect(revision(oneRule('{ subject: a, seen: true }', '[archive]'))).toBe(revision(base));
    expect(revision(`# a comment\nmailbox: INBOX\n${base}`)).toBe(revision(base));
  });

  test.each([
    ['the condition', oneRule('{ seen: true, subject: b }', '[archive]')],
    ['the action', oneRule('{ seen: true, subject: a }', '[trash]')],
    ['the name', base.replace('It', 'Other')],
    ['the mode', `${base}    mode: observe\n`],
  ])('change with %s', (_, text) => {
    expect(revision(text)).not.toBe(revision(base));
  });

  test('a rule changes with the condition that it uses', () => {
    const using = (text: string) =>
      `conditions: { c: { subject: ${text} } }\n${oneRule('{ use: c }')}`;
    expect(revision(using('a'))).not.toBe(revision(using('b')));
  });

  test('the same files give the same digest', () => {
    const digest = () => {
      const result = compileRules([documentOf(base)], OPTIONS);
      return result.kind === 'ok' ? result.ruleSet.digest : '';
    };
    expect(digest()).toMatch(/^[0-9a-f]{16}$/);
    expect(digest()).toBe(digest());
  });
});
