import { describe, expect, test } from 'vitest';
import { type MessageFacts, verdictWord } from '../support.ts';

const DAY_MS = 86_400_000;

describe('facts of the cheapest fetch', () => {
  const rows: readonly (readonly [string, string, MessageFacts])[] = [
    ['no', 'size: { over: 5MB }', { sizeBytes: 5_000_000 }],
    ['no', 'size: { under: 5MiB }', { sizeBytes: 5_242_880 }],
    ['no', 'size: 10', { sizeBytes: 11 }],
    ['no', 'size: { over: 1, under: 3 }', { sizeBytes: 3 }],
    ['no', 'age: { over: 90d }', { ageMs: 90 * DAY_MS }],
    ['no', 'age: { under: 90d }', { ageMs: 90 * DAY_MS }],
    ['no', 'age: { between: [1d, 2d] }', { ageMs: 2 * DAY_MS + 1 }],
    ['no', 'seen: true', {}],
    ['no', 'seen: false', { flags: ['\\Seen'] }],
    ['no', 'keyword: Work', { flags: ['Workshop'] }],
    ['no', 'mailbox: { is: INBOX }', { mailbox: 'Archive' }],
    ['no', 'account: work', {}],
    ['yes', 'size: { over: 5MB }', { sizeBytes: 5_000_001 }],
    ['yes', 'size: 5KB', { sizeBytes: 5000 }],
    ['yes', 'size: { between: [1, 3] }', { sizeBytes: 3 }],
    ['yes', 'age: { over: 90d }', { ageMs: 90 * DAY_MS + 1 }],
    ['yes', 'age: { under: 1h30m }', { ageMs: 5_399_999 }],
    ['yes', 'age: { between: [1d, 2d] }', { ageMs: 2 * DAY_MS }],
    ['yes', 'seen: true', { flags: ['\\SEEN'] }],
    ['yes', 'flagged: true', { flags: ['\\Flagged'] }],
    ['yes', 'answered: true', { flags: ['\\Answered'] }],
    ['yes', 'draft: true', { flags: ['\\Draft'] }],
    ['yes', 'deleted: true', { flags: ['\\Deleted'] }],
    ['yes', 'keyword: [Home, work]', { flags: ['Work'] }],
    ['yes', 'keyword: $Forwarded', { flags: ['$forwarded'] }],
    ['yes', 'mailbox: { starts: Lists/ }', { mailbox: 'Lists/a' }],
    ['yes', 'account: { is: personal }', {}],
  ];
  test.each(rows)('%s: %s on %j', (word, condition, facts) => {
    expect(verdictWord(`{ ${condition} }`, facts)).toBe(word);
  });

  test.each(['size: 1', 'age: { over: 1d }', 'seen: true', 'keyword: a'])(
    '%s asks for flags, date and size when they are not loaded',
    (condition) => {
      expect(verdictWord(`{ ${condition} }`, { basic: false })).toBe('needs');
    },
  );
});
