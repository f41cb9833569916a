import { symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { displayPath, expandGlob, findConfig } from '../../src/config/find-files.ts';
import { folderOf } from './support.ts';

const FILES = {
  'rules/b.yaml': '',
  'rules/a.yaml': '',
  'rules/c.yml': '',
  'rules/.hidden.yaml': '',
  'rules/deep/d.yaml': '',
  'rules/deep/er/e.yaml': '',
  'a+b(1).yaml': '',
  'x.yaml/inside.txt': '',
};

describe('patterns', () => {
  test.each([
    ['rules/*.yaml', ['rules/a.yaml', 'rules/b.yaml']],
    ['./rules/*.yaml', ['rules/a.yaml', 'rules/b.yaml']],
    ['rules/?.y*', ['rules/a.yaml', 'rules/b.yaml', 'rules/c.yml']],
    [
      'rules/**/*.yaml',
      ['rules/a.yaml', 'rules/b.yaml', 'rules/deep/d.yaml', 'rules/deep/er/e.yaml'],
    ],
    ['*/deep/*.yaml', ['rules/deep/d.yaml']],
    ['*.yaml', ['a+b(1).yaml']],
    ['a+b(?).yaml', ['a+b(1).yaml']],
    ['none/*.yaml', []],
    ['rules/a.yaml/*.yaml', []],
    ['rules/a.yaml', ['rules/a.yaml']],
    ['gone.yaml', ['gone.yaml']],
    ['rules/../rules/*.yml', ['rules/c.yml']],
  ])('%s', async (pattern, expected) => {
    const folder = folderOf(FILES);
    const found = await expandGlob(folder, pattern);
    expect(found.map((path) => relative(folder, path))).toEqual(expected);
  });

  test('an absolute pattern does not depend on the folder', async () => {
    const folder = folderOf(FILES);
    expect(await expandGlob('/nowhere', `${folder}/rules/*.yml`)).toEqual([
      join(folder, 'rules/c.yml'),
    ]);
  });

  test('a link in a circle ends', async () => {
    const folder = folderOf(FILES);
    symlinkSync(folder, join(folder, 'rules/loop'));
    const found = await expandGlob(folder, '**/a.yaml');
    expect(found).toContain(join(folder, 'rules/a.yaml'));
    expect(found.length).toBeLessThan(20);
  });
});

describe('the configuration', () => {
  test.each([
    [{ 'mailwright.yaml': '' }, undefined, 'mailwright.yaml'],
    [{ 'mailwright.yml': '' }, undefined, 'mailwright.yml'],
    [{ 'mailwright.yaml': '', 'mailwright.yml': '' }, undefined, 'mailwright.yaml'],
    [{ 'mailwright.yaml': '', 'other.yaml': '' }, 'other.yaml', 'other.yaml'],
  ])('of %j, asked for %s', async (files, given, expected) => {
    expect(await findConfig(folderOf(files), given)).toBe(expected);
  });

  test('is not another one than was asked for', async () => {
    const folder = folderOf({ 'mailwright.yaml': '' });
    await expect(findConfig(folder, 'gone.yaml')).rejects.toMatchObject({ code: 'CONFIG_MISSING' });
  });
});

test.each([
  ['/a/b', '/a/b/c.yaml', 'c.yaml'],
  ['/a/b', '/a/c.yaml', '/a/c.yaml'],
  ['/a/b', '/a/b', '/a/b'],
])('seen from %s, %s is shown as %s', (cwd, path, shown) =>
  expect(displayPath(cwd, path)).toBe(shown),
);
