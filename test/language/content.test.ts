/** Conditions on what a message holds: body, attachment, and what only Gmail knows. */
import { describe, expect, test } from 'vitest';
import { diagnosticsOf, judge, type MessageFacts, oneRule, verdictWord } from './support.ts';

describe('body', () => {
  const body = ['Your invoice\nis due', 'GRÜSSE'];
  test.each<[string, MessageFacts, string]>([
    ['{ body: invoice }', { body }, 'yes'],
    ['{ body: grüße }', { body }, 'yes'],
    ['{ body: [nothing, due] }', { body }, 'yes'],
    ['{ body: { contains: Invoice, case: true } }', { body }, 'no'],
    ['{ body: { regex: "invoice\\\\s+is" } }', { body }, 'yes'],
    ['{ body: { matches: "*due" } }', { body }, 'yes'],
    ['{ body: { is: grüsse } }', { body }, 'yes'],
    ['{ body: nothing }', { body }, 'no'],
    ['{ not: { body: invoice } }', { body }, 'no'],
    ['{ body: invoice }', { body: [] }, 'no'],
    ['{ body: invoice }', {}, 'needs'],
    ['{ body: { raw: "=3D" } }', { rawBody: 'a=3Db' }, 'yes'],
    ['{ body: { raw: "=3D" } }', { body }, 'needs'],
    ['{ body: x, subject: y }', { headers: { subject: 'z' } }, 'no'],
    ['{ body: late }', { body: [`${'x'.repeat(2 ** 20)} late`] }, 'indeterminate'],
  ])('%s', (when, facts, verdict) => {
    expect(verdictWord(when, facts)).toBe(verdict);
  });

  test('what a pattern captures can name a mailbox', () => {
    expect(judge('{ body: { regex: "Order no. ([0-9]+)" } }', { body: ['Order no. 17!'] })).toEqual(
      { kind: 'yes', captures: ['17'] },
    );
  });
});

describe('attachment', () => {
  const pdf = { type: 'application/pdf', name: 'Invoice 7.PDF', sizeBytes: 30_000 };
  const image = { type: 'image/png', name: 'logo.png', sizeBytes: 500 };
  const text = { type: 'text/plain', isAttachment: false };
  test.each<[string, MessageFacts['attachments'], string]>([
    ['{ attachment: true }', [text, pdf], 'yes'],
    ['{ attachment: true }', [text], 'no'],
    ['{ attachment: false }', [text], 'yes'],
    ['{ attachment: false }', [pdf], 'no'],
    ['{ attachment: { type: application/pdf } }', [image, pdf], 'yes'],
    ['{ attachment: { type: "image/*" } }', [pdf], 'no'],
    ['{ attachment: { type: ["image/*", application/pdf] } }', [pdf], 'yes'],
    ['{ attachment: { name: { ends: ".pdf" } } }', [pdf], 'yes'],
    ['{ attachment: { name: { ends: ".pdf" }, type: "image/*" } }', [pdf, image], 'no'],
    ['{ attachment: { size: { over: 20KB } } }', [pdf, image], 'yes'],
    ['{ attachment: { size: { over: 20KB }, type: "image/*" } }', [pdf, image], 'no'],
    ['{ attachment: { count: 2 } }', [text, pdf, image], 'yes'],
    ['{ attachment: { count: { over: 1 }, type: "image/*" } }', [pdf, image], 'no'],
    ['{ attachment: { count: { under: 1 } } }', [text], 'yes'],
    ['{ attachment: true }', undefined, 'needs'],
  ])('%s', (when, attachments, verdict) => {
    expect(verdictWord(when, attachments === undefined ? {} : { attachments })).toBe(verdict);
  });

  test.each([
    ['{ attachment: {} }', 'say what to look for'],
    ['{ attachment: { type: pdf } }', 'no media type'],
    ['{ body: "" }', 'an empty text would match every message'],
  ])('%s is refused', (when, message) => {
    expect(diagnosticsOf(oneRule(when)).map((each) => each.message)).toEqual([
      expect.stringContaining(message),
    ]);
  });
});

describe('what only Gmail knows', () => {
  test.each<[string, MessageFacts, string]>([
    ['{ label: Work }', { labels: ['\\Inbox', 'work'] }, 'yes'],
    ['{ label: [A, B] }', { labels: ['C'] }, 'no'],
    ['{ label: A }', {}, 'needs'],
    ['{ gmail: "larger:5M" }', { gmail: { 'larger:5M': true } }, 'yes'],
    ['{ gmail: "larger:5M" }', { gmail: { 'larger:5M': false } }, 'no'],
    ['{ gmail: "larger:5M" }', { gmail: { 'larger:5M': null } }, 'indeterminate'],
    ['{ gmail: "larger:5M" }', {}, 'needs'],
  ])('%s', (when, facts, verdict) => {
    expect(verdictWord(when, facts)).toBe(verdict);
  });
});
