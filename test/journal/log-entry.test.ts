/** Entries of the log as text and back. */
import { expect, test } from 'vitest';
import { readEntry, rereadEntry, writeEntry } from '../../src/journal/log-entry.ts';
import { HOME, INBOX } from './samples.ts';

test('Maps are kept, and nothing else is taken for one', () => {
  const claims = new Map([
    [1, 'a'],
    [2, null],
  ]);
  const sighting = { account: HOME, mailbox: INBOX, uidValidity: 1, atMs: 2, claims };
  const text = writeEntry({ method: 'noteClaims', args: [sighting] });
  expect(readEntry(text, 1)).toEqual({ v: 2, method: 'noteClaims', args: [sighting] });
});

test.each(['$map', '"$map":', '{"$map":[]}', '\\"$map":[]'])('a text %j stays one', (file) => {
  const text = writeEntry({ method: 'noteSchedule', args: [HOME, file, 3] });
  expect(rereadEntry(text, 'noteSchedule').args).toEqual([HOME, file, 3]);
});

test('entries of version 1 are still read', () => {
  const text = '{"v":1,"method":"endRun","args":["20260101T000000-aaaaaa",7]}';
  expect(readEntry(text, 1)).toMatchObject({ method: 'endRun', args: [expect.anything(), 7] });
});
