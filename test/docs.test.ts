/** The documentation tells the truth: commands, exit codes, links, examples. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { configSchema } from '../src/config/config-schema.ts';
import { readYaml } from '../src/config/read-yaml.ts';
import { EXIT } from '../src/core/exit-codes.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const PAGES = [
  'README.md',
  'SECURITY.md',
  'src/README.md',
  'test/README.md',
  'rules/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

test.each(PAGES)('the links of %s lead somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(
    (match) => match[1] ?? '',
  );
  const broken = links.filter((link) => !existsSync(join(ROOT, dirname(page), link)));
  expect(broken).toEqual([]);
});

test('every file that the architecture names is there', () => {
  const named = [...read('src/README.md').matchAll(/`((?:src|test)\/[^`]+)`/g)].map(
    (match) => match[1] ?? '',
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('every test that SECURITY.md and test/README.md name is there', () => {
  const inSecurity = [...read('SECURITY.md').matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1]);
  const cases = read('test/README.md').split('## The hostile cases')[1] ?? '';
  const inCases = [...cases.matchAll(/`([\w/.-]+\.ts)`/g)].map((match) => `test/${match[1]}`);
  expect(inSecurity.length).toBeGreaterThan(20);
  expect(inCases.length).toBeGreaterThan(15);
  const missing = [...inSecurity, ...inCases].filter((path) => !existsSync(join(ROOT, path ?? '')));
  expect(missing).toEqual([]);
});

test('sections and invariants that the code cites are in docs/safety.md', () => {
  const safety = read('docs/safety.md');
  const files = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
  const cited = new Set(
    files.flatMap((file) => [
      ...[...read(file).matchAll(/safety\.md (§\d+)/g)].map((match) => `## ${match[1]} `),
      ...[...read(file).matchAll(/\((I\d+)\b/g)].map((match) => `| ${match[1]} `),
    ]),
  );
  expect([...cited].filter((text) => !safety.includes(text))).toEqual([]);
});

test('every exit code is in the table and in the README', () => {
  const table = read('docs/running.md');
  for (const code of Object.values(EXIT)) {
    expect(table).toMatch(new RegExp(`^\\| ${code} `, 'm'));
    expect(read('README.md')).toMatch(new RegExp(`\\b${code}\\b`));
  }
});

test('every command of the program is documented, and no other', () => {
  const declared = [...read('src/cli/main.ts').matchAll(/declare\('(\w+)'/g)].map(
    (match) => match[1],
  );
  const documented = [...read('docs/running.md').matchAll(/^\| `(\w+)/gm)].map((match) => match[1]);
  expect([...new Set(documented)].sort()).toEqual(declared.sort());
});

test.each([
  ...['README.md', 'docs/configuration.md', 'docs/connect.md', 'docs/oauth2.md', 'docs/outside.md'],
])('configurations shown in %s are accepted', (page) => {
  const shown = [...read(page).matchAll(/```yaml\n(accounts:[\s\S]*?)```/g)].map(
    (match) => match[1],
  );
  expect(shown.length).toBeGreaterThan(0);
  for (const text of shown) {
    const result = readYaml(page, text ?? '');
    expect(result.kind).toBe('ok');
    if (result.kind === 'ok')
      expect(configSchema.safeParse(result.document.value).success).toBe(true);
  }
});
