/** The name of an installation, and how long a claim of another has been seen. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stepId } from '../../src/core/brand.ts';
import type { ClaimSighting, Journal } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory-journal.ts';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts';
import type { Flag } from '../../src/mail/flags.ts';
import { HOME, INBOX, runNumber, WORK } from './samples.ts';

const directory = (): string => mkdtempSync(join(tmpdir(), 'claims-test-'));

function sighting(atMs: number, claims: readonly (readonly [number, Flag | null])[]) {
  const place = { account: HOME, mailbox: INBOX, uidValidity: 1 };
  return { ...place, atMs, claims: new Map(claims) } satisfies ClaimSighting;
}

test('an installation keeps its name, and another has another', async () => {
  const directories = [directory(), directory()] as const;
  const names: string[] = [];
  for (const each of [directories[0], directories[0], directories[1]]) {
    const journal = await openSqliteJournal({ directory: each });
    names.push(await journal.installation());
    await journal.close();
  }
  expect(names[0]).toMatch(/^[0-9a-f]{8}$/);
  expect(names[1]).toBe(names[0]);
  expect(names[2]).not.toBe(names[0]);
  for (const each of directories) rmSync(each, { recursive: true });
});

test.each<[string, (at: string) => Promise<Journal>]>([
  ['memory', async () => openMemoryJournal()],
  ['SQLite', async (at) => await openSqliteJournal({ directory: at })],
])('the %s journal tells since when a claim stands', async (_name, open) => {
  const at = directory();
  const journal = await open(at);
  const first = sighting(100, [
    [1, 'x'],
    [2, 'x'],
    [3, 'x'],
    [4, null],
  ]);
  expect([...(await journal.noteClaims(first))]).toEqual([
    [1, 100],
    [2, 100],
    [3, 100],
  ]);
  const second = sighting(200, [
    [1, 'x'],
    [2, 'y'],
    [3, null],
  ]);
  expect([...(await journal.noteClaims(second))]).toEqual([
    [1, 100],
    [2, 200],
  ]);
  expect([...(await journal.noteClaims(sighting(300, [[3, 'x']])))]).toEqual([[3, 300]]);
  expect(await journal.claimsLeft(HOME)).toBeNull();
  const by = stepId(runNumber(1), HOME, 3);
  await journal.setClaimsLeft(HOME, by);
  expect([await journal.claimsLeft(HOME), await journal.claimsLeft(WORK)]).toEqual([by, null]);
  await journal.setClaimsLeft(HOME, null);
  expect(await journal.claimsLeft(HOME)).toBeNull();
  await journal.close();
  rmSync(at, { recursive: true });
});
