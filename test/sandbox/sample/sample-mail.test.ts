import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { headerOf, valuesOf } from '../../../src/sandbox/message-text.ts';
import {
  laterMail,
  type SampleMailbox,
  sampleMail,
} from '../../../src/sandbox/sample/sample-mail.ts';

const NOW_MS = Date.UTC(2026, 5, 15, 10);
const DAY_MS = 86_400_000;
const boxes = sampleMail({ nowMs: NOW_MS, seed: 1 });
const inbox = boxes[0]?.messages ?? [];
const all = boxes.flatMap(({ messages }) => messages);

function digestOf(mailboxes: readonly SampleMailbox[]): string {
  const hash = createHash('sha256');
  for (const { raw, internalDateMs, flags } of mailboxes.flatMap(({ messages }) => messages)) {
    hash.update(raw).update(`${internalDateMs} ${flags.join(' ')}`);
  }
  return hash.digest('hex');
}

describe('the sample', () => {
  test('is the same for the same instant and seed, and another for others', () => {
    expect(digestOf(sampleMail({ nowMs: NOW_MS, seed: 1 }))).toBe(digestOf(boxes));
    expect(digestOf(sampleMail({ nowMs: NOW_MS, seed: 2 }))).not.toBe(digestOf(boxes));
  });

  test('has the mailboxes that most accounts have', () => {
    expect(boxes.map(({ name, role }) => [name, role])).toEqual([
      ['INBOX', undefined],
      ['Archive', 'archive'],
      ['Drafts', 'drafts'],
      ['Junk', 'junk'],
      ['Sent', 'sent'],
      ['Trash', 'trash'],
    ]);
    expect(inbox.length).toBeGreaterThan(200);
  });

  test('comes from example domains only', () => {
    const headers = all.map(({ raw }) => headerOf(raw).toString('utf8')).join('');
    const domains = [...headers.matchAll(/@([a-z0-9.-]+)/gi)].map(([, domain = '']) => domain);
    expect(domains.filter((domain) => !/(\.example|\.example\.org)$/.test(domain))).toEqual([]);
  });

  test('is mail as RFC 5322 has it: one line break everywhere, no long lines, unique ids', () => {
    const ids = new Set<string>();
    for (const { raw } of all) {
      const header = headerOf(raw).toString('latin1');
      expect(header).not.toMatch(/[^\r]\n|\r[^\n]/);
      expect(Math.max(...header.split('\r\n').map((line) => line.length))).toBeLessThan(998);
      ids.add(valuesOf(raw, 'message-id')[0] ?? '');
    }
    expect(ids.size).toBe(all.length);
  });

  test('reaches back over years, and never into the future', () => {
    const ages = inbox.map(({ internalDateMs }) => (NOW_MS - internalDateMs) / DAY_MS);
    expect(Math.min(...ages)).toBeGreaterThan(0);
    expect(ages.filter((age) => age > 365).length).toBeGreaterThan(20);
  });

  test('holds large messages and subjects in many charsets', () => {
    expect(inbox.filter(({ raw }) => raw.length > 5_000_000).length).toBe(2);
    const subjects = inbox.flatMap(({ raw }) => valuesOf(raw, 'subject'));
    for (const subject of [
      'Встреча в пятницу',
      '来週の打ち合わせ',
      '请看照片',
      'Časopis vyšel',
      'Πρόσκληση',
      '여행 사진',
      'Café in Århus?',
      'Grüße, ganz ohne Kodierung ☕',
      'Abwesenheitsnotiz: Grüße aus dem Süden',
      'All photos of the hike 📷',
    ]) {
      expect(subjects).toContain(subject);
    }
  });
});

test('later mail has just arrived, unread, and is no copy of what was there', () => {
  const later = laterMail({ nowMs: NOW_MS, seed: 1 });
  const ids = new Set(all.flatMap(({ raw }) => valuesOf(raw, 'message-id')));
  expect(later.length).toBeGreaterThan(10);
  for (const { raw, flags, internalDateMs } of later) {
    expect([flags, internalDateMs]).toEqual([[], NOW_MS]);
    expect(ids.has(valuesOf(raw, 'message-id')[0] ?? '')).toBe(false);
  }
});
