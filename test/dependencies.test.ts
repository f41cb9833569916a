/** Every package has its reasons, stands at one version, and needs no script to be installed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from './support/package-root.ts';

const read = (path: string): string => readFileSync(join(PACKAGE_ROOT, path), 'utf8');

const versions = z.record(z.string(), z.string());
const manifest = z
  .object({
    dependencies: versions,
    optionalDependencies: versions,
    devDependencies: versions,
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(JSON.parse(read('package.json')));

const locked = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        hasInstallScript: z.boolean().optional(),
        optional: z.boolean().optional(),
        dev: z.boolean().optional(),
        resolved: z.string().optional(),
      }),
    ),
  })
  .parse(JSON.parse(read('package-lock.json'))).packages;

const RUNTIME = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).sort();

test('every package that runs has its row in docs/dependencies.md, and no other has', () => {
  const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` +\|/gm)].map(
    (row) => row[1],
  );
  expect(rows.sort()).toEqual(RUNTIME);
});

test('a row says everything: what, why, size, release, licence, and the way out', () => {
  const rows = read('docs/dependencies.md')
    .split('\n')
    .filter((line) => /^\| `/.test(line));
  const short = rows.filter((row) => {
    const cells = row.split('|').slice(1, -1);
    return cells.length < 3 || cells.some((cell) => cell.trim() === '');
  });
  expect(short).toEqual([]);
  const undated = rows.filter((row) => !/\b20\d\d-\d\d-\d\d\b/.test(row));
  expect(undated).toEqual([]);
});

test('every package stands at one exact version', () => {
  const all = {
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
  };
  const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  expect(loose).toEqual([]);
});

test('what has an install script is optional, and denied it', () => {
  const scripted = Object.entries(locked).filter(
    ([, { hasInstallScript }]) => hasInstallScript === true,
  );
  const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(scripted.filter(([, { optional }]) => optional !== true)).toEqual([]);
  expect(names.filter((name) => manifest.allowScripts[name] !== false)).toEqual([]);
});

test('the lock file names no place but the registry', () => {
  const elsewhere = Object.values(locked).flatMap(({ resolved }) =>
    resolved === undefined || resolved.startsWith('https://registry.npmjs.org/') ? [] : [resolved],
  );
  expect(elsewhere).toEqual([]);
});
