/** Conditions on senders, threads and earlier deliveries, and on what the own server found out. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/language/evaluate.ts';
import type { EvaluationContext } from '../../src/language/evaluation.ts';
import { memoryAsks } from '../../src/language/memory-asks.ts';
import type { MailMemory } from '../../src/mail/mail-memory.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { CONTEXT, messageOf, NOW_MS, oneRule, ruleOf } from './support.ts';

const DAY = 86_400_000;
const memory: MailMemory = {
  knowsSent: true,
  wroteTo: (address) => address === 'friend@a.example',
  hasMailFrom: (address, mailbox) => address === 'friend@a.example' && mailbox === 'Work',
  firstSeenMs: (address) => (address === 'friend@a.example' ? NOW_MS - 30 * DAY : null),
  usualMailbox: (address) =>
    address === 'friend@a.example' ? parseMailboxName('People/Friends') : null,
  isMine: (id) => id === '<mine@x>',
  wasIn: (id, mailbox) => id === '<m@x>' && mailbox === 'Junk',
  isDuplicate: ({ header, value, withinMs }) =>
    header === 'message-id' && value === '<m@x>' && withinMs === 7 * DAY,
};

function word(when: string, headers: Record<string, string>, context: Partial<EvaluationContext>) {
  const rule = ruleOf(`lists: { muted: ["<troll@x>"] }\n${oneRule(when)}`);
  return evaluate(rule.when, messageOf({ headers }), { ...CONTEXT, ...context }).kind;
}

describe('what the mailboxes remember', () => {
  const friend = { from: 'Ann <friend@a.example>', 'message-id': '<m@x>' };
  const stranger = { from: 'x@y.example', 'message-id': '<n@x>' };
  test.each<[string, Record<string, string>, string]>([
    ['{ known_sender: true }', friend, 'yes'],
    ['{ known_sender: true }', stranger, 'no'],
    ['{ known_sender: false }', stranger, 'yes'],
    ['{ known_sender: { in: Work } }', friend, 'yes'],
    ['{ known_sender: { in: Other } }', friend, 'no'],
    ['{ known_sender: true }', {}, 'no'],
    ['{ first_seen: { over: 7d } }', friend, 'yes'],
    ['{ first_seen: { under: 7d } }', friend, 'no'],
    ['{ first_seen: { under: 7d } }', stranger, 'yes'],
    ['{ thread: { mine: true } }', { references: '<a@x> <mine@x>' }, 'yes'],
    ['{ thread: { mine: true } }', { 'in-reply-to': 'your mail <mine@x>' }, 'yes'],
    ['{ thread: { mine: true } }', { references: '<a@x>' }, 'no'],
    ['{ thread: { in: muted } }', { references: '<a@x> <TROLL@x>' }, 'yes'],
    ['{ thread: { in: muted } }', { references: '<a@x>' }, 'no'],
    ['{ was_in: Junk }', friend, 'yes'],
    ['{ was_in: Junk }', stranger, 'no'],
    ['{ duplicate: true }', friend, 'yes'],
    ['{ duplicate: true }', stranger, 'no'],
    ['{ duplicate: true }', {}, 'no'],
    ['{ duplicate: { within: 1d } }', friend, 'no'],
    ['{ duplicate: { by: X-Id } }', { 'x-id': '<m@x>' }, 'no'],
  ])('%s on %j is %s', (when, headers, verdict) => {
    expect(word(when, headers, { memory })).toBe(verdict);
  });

  test('without a mailbox of sent mail nothing is said about strangers', () => {
    const blind = { ...memory, knowsSent: false };
    expect(word('{ known_sender: false }', stranger, { memory: blind })).toBe('indeterminate');
    expect(word('{ thread: { mine: true } }', stranger, { memory: blind })).toBe('indeterminate');
  });

  test('a rule tells what must be remembered for it', () => {
    const asks = (when: string, then = '[keep]') => memoryAsks([ruleOf(oneRule(when, then))]);
    expect(asks('{ from: a }')).toEqual([]);
    expect(asks('{ not: { any: [ { was_in: Junk } ] } }')).toEqual([
      { kind: 'mailbox', mailbox: 'Junk' },
    ]);
    expect(asks('{ duplicate: { by: X-Id } }')).toEqual([
      { kind: 'watched' },
      { kind: 'header', name: 'x-id' },
    ]);
    expect(asks('{ from: a }', '[{ move: "{{ sender.usual_mailbox }}", else: Other }]')).toEqual([
      { kind: 'everywhere' },
    ]);
  });
});

describe('auth: what the own server found out', () => {
  const own = 'mx.own.example; dkim=pass header.d=a.example; spf=softfail; dmarc=pass (p=none)';
  const context = { authServId: 'mx.own.example' };
  const results = (value: string) => ({ 'authentication-results': value });
  test.each<[string, Record<string, string>, Partial<EvaluationContext>, string]>([
    ['{ auth: { dmarc: pass } }', results(own), context, 'yes'],
    ['{ auth: { dmarc: pass, spf: pass } }', results(own), context, 'no'],
    ['{ auth: { spf: [pass, softfail] } }', results(own), context, 'yes'],
    ['{ auth: { dmarc: pass } }', results(own), {}, 'no'],
    ['{ auth: { dmarc: none } }', results(own), {}, 'yes'],
    ['{ auth: { dmarc: pass } }', {}, context, 'no'],
    ['{ auth: { dmarc: pass } }', results('mx.evil.example; dmarc=pass'), context, 'no'],
    ['{ auth: { dmarc: pass } }', results('mx.own.example.evil; dmarc=pass'), context, 'no'],
    ['{ auth: { dmarc: pass } }', results('MX.own.example 1; dmarc=pass'), context, 'yes'],
    [
      '{ auth: { dmarc: pass } }',
      results('mx.own.example; spf=fail (x; dmarc=pass); dkim=fail reason="; dmarc=pass"'),
      context,
      'no',
    ],
    ['{ auth: { dkim: pass } }', results('mx.own.example; dkim=fail; dkim=pass'), context, 'yes'],
    ['{ auth: { dmarc: pass } }', results('mx.own.example; none'), context, 'no'],
  ])('%s on %j', (when, headers, given, verdict) => {
    expect(word(when, headers, given)).toBe(verdict);
  });

  test('only the topmost field of the own server counts', () => {
    const fields = ['mx.own.example; dmarc=fail', 'mx.own.example; dmarc=pass'];
    const view = messageOf({ headers: { 'authentication-results': fields } });
    const rule = ruleOf(oneRule('{ auth: { dmarc: pass } }'));
    expect(evaluate(rule.when, view, { ...CONTEXT, ...context }).kind).toBe('no');
  });
});
