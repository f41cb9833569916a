/** What fuzzing once found is read again: an answer, soon (`npm run fuzz` looks for more). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { makeInput } from './make-input.ts';
import { createRandom } from './random.ts';
import { findIn } from './target.ts';
import { TARGETS } from './targets.ts';

/** Each took longer than a second when it was found, most of them for good. */
const HANG_MS = 1000;
const CORPUS = join(PACKAGE_ROOT, 'test/fuzz/corpus');

const kept = TARGETS.flatMap((target) => {
  const folder = join(CORPUS, target.name);
  return existsSync(folder)
    ? readdirSync(folder).map((file) => ({ file, target, path: join(folder, file) }))
    : [];
});

test('every find belongs to a reader that is still fuzzed', () => {
  const names = TARGETS.map(({ name }) => name);
  expect(readdirSync(CORPUS).filter((folder) => !names.includes(folder))).toEqual([]);
  expect(kept.length).toBeGreaterThan(0);
});

describe('a find of once', () => {
  test.each(
    kept.map(({ target, file, path }) => [`${target.name} ${file}`, target, path] as const),
  )('%s is answered in time', async (_, target, path) => {
    const input = readFileSync(path);
    const before = process.cpuUsage();
    expect(await findIn(target, input)).toBeNull();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(HANG_MS);
  });
});

test.each(TARGETS.map((target) => [target.name, target] as const))(
  '%s answers everything that one seed makes',
  async (_, target) => {
    const random = createRandom(20_261_128);
    for (let count = 0; count < 20; count++) {
      const input = makeInput(target.recipe, random);
      const found = await findIn(target, input);
      expect(found, JSON.stringify(input.toString('latin1').slice(0, 2000))).toBeNull();
    }
  },
);

test('a seed makes the same inputs again', () => {
  const [target] = TARGETS;
  const make = (): readonly string[] => {
    const random = createRandom(7);
    return Array.from({ length: 50 }, () =>
      target === undefined ? '' : makeInput(target.recipe, random).toString('hex'),
    );
  };
  expect(make()).toEqual(make());
});
