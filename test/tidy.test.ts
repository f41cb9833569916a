/**
 * The house stays tidy: who may import whom, one door for each package, no cycles, no file that
 * grew too long. Each complaint says where and why (src/README.md#walls).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What each room may import beside itself. `import type` counts too. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  mail: ['core'],
  language: ['core', 'mail'],
  scan: ['core', 'mail', 'language'],
  plan: ['core', 'mail', 'language'],
  journal: ['core', 'mail', 'plan'],
  act: ['core', 'mail', 'plan', 'journal', 'effects'],
  disk: ['core'],
  effects: ['core', 'mail', 'disk'],
  accounts: ['core', 'mail', 'disk'],
  queue: ['core', 'redis'],
  redis: ['core', 'journal'],
  observe: ['core'],
  mime: ['core', 'mail'],
  mailfile: ['core', 'mail', 'mime'],
  imap: ['core', 'mail', 'mime', 'accounts'],
  trigger: ['core', 'mail', 'queue'],
  sieve: ['core', 'mail', 'language'],
  foreign: ['core', 'mail', 'language'],
  config: ['core', 'mail', 'language', 'accounts', 'trigger'],
  sandbox: ['core', 'mail', 'mime'],
  engine: [
    'mime',
    'mailfile',
    'effects',
    'core',
    'mail',
    'language',
    'scan',
    'plan',
    'journal',
    'act',
    'accounts',
    'imap',
    'queue',
    'trigger',
    'redis',
    'observe',
    'config',
  ],
  cli: ['core', 'config', 'plan', 'journal', 'sieve', 'foreign', 'observe', 'engine'],
};

/** Files with a wider licence than their room. */
const LICENCES: Readonly<Record<string, readonly string[]>> = {
  'src/cli/commands/demo.ts': ['sandbox'],
};

/** The one room that may import each package. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  zod: ['language', 'config', 'accounts'],
  yaml: ['config'],
  imapflow: ['imap'],
  'postal-mime': ['mime'],
  libmime: ['mime'],
  libqp: ['mime'],
  htmlparser2: ['mime', 'foreign'],
  nodemailer: ['effects'],
  'openid-client': ['accounts'],
  libsql: ['journal'],
  'node-cron': ['trigger'],
  re2js: ['language'],
  commander: ['cli'],
  ioredis: ['redis'],
  bullmq: ['queue'],
  pino: ['observe'],
  'prom-client': ['observe'],
};

const BANNED_NAMES = /^(utils?|helpers?|common|lib|misc|manager|service)$/;

interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly from: string; readonly line: number }[];
}

const sources = filesBelow('src');
const tests = filesBelow('test');

test('no room imports against the walls', () => {
  const complaints = sources.flatMap((file) =>
    file.imports.flatMap(({ from, line }) => {
      const target = targetOf(file, from);
      if (target === null) return [];
      const [room, other] = [roomOf(file.path), roomOf(target)];
      if (room === other || room === '') return [];
      const allowed = [...(MAY_IMPORT[room] ?? []), ...(LICENCES[file.path] ?? [])];
      if (allowed.includes(other)) return [];
      return [`${file.path}:${line} ${room} may not import ${other} (src/README.md#walls)`];
    }),
  );
  expect(complaints).toEqual([]);
});

test('each package has one door', () => {
  const complaints = sources.flatMap((file) =>
    file.imports.flatMap(({ from, line }) => {
      if (from.startsWith('.') || from.startsWith('node:')) return [];
      if (DOORS[from]?.includes(roomOf(file.path)) === true) return [];
      return [`${file.path}:${line} ${from} is imported outside its door`];
    }),
  );
  expect(complaints).toEqual([]);
});

test('no file imports itself in a circle', () => {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    state.set(path, 'open');
    const file = byPath.get(path);
    for (const { from } of file?.imports ?? []) {
      const target = file === undefined ? null : targetOf(file, from);
      if (target !== null) visit(target, [...trail, path]);
    }
    state.set(path, 'done');
  };
  for (const { path } of sources) visit(path, []);
  expect(cycles).toEqual([]);
});

test('files stay short: 300 lines, tests 400', () => {
  const complaints = [...sources, ...tests].flatMap(({ path, text }) => {
    const limit = path.startsWith('test/') ? 400 : 300;
    const count = text.trimEnd().split('\n').length;
    return count > limit ? [`${path} has ${count} lines; the limit is ${limit}`] : [];
  });
  expect(complaints).toEqual([]);
});

test('names and imports keep to the house style', () => {
  const complaints = [...sources, ...tests].flatMap(({ path, text, imports }) => {
    const found: string[] = [];
    const names = path.replace(/\.[a-z.]+$/, '').split('/');
    const bad = names.find((name) => BANNED_NAMES.test(name));
    if (bad !== undefined) found.push(`${path}: "${bad}" says nothing; name the thing`);
    if (/\/index\.ts$/.test(path) && path !== 'src/index.ts') found.push(`${path}: a barrel`);
    if (/^export default /m.test(text)) found.push(`${path}: a default export`);
    if (/\bTODO\b|\bFIXME\b/.test(text) && path !== 'test/tidy.test.ts')
      found.push(`${path}: a TODO`);
    for (const { from, line } of imports) {
      if (!from.startsWith('.')) continue;
      if (!/\.(ts|js)$/.test(from)) found.push(`${path}:${line} ${from} has no extension`);
      const climbs = from.split('/').filter((part) => part === '..').length;
      if (path.startsWith('src/') && climbs > 2)
        found.push(`${path}:${line} ${from} climbs too far`);
    }
    return found;
  });
  expect(complaints).toEqual([]);
});

test('every source file is used by something', () => {
  const entries = new Set(['src/index.ts', 'src/cli/main.ts']);
  const used = new Set(
    [...sources, ...tests].flatMap((file) => file.imports.map(({ from }) => targetOf(file, from))),
  );
  const idle = sources.filter(({ path }) => !used.has(path) && !entries.has(path));
  expect(idle.map(({ path }) => `${path} is imported by nothing`)).toEqual([]);
});

test('every room has tests that mirror it', () => {
  const rooms = new Set(sources.map(({ path }) => roomOf(path)).filter((room) => room !== ''));
  const tested = new Set(tests.map(({ path }) => path.split('/')[1]));
  expect([...rooms].filter((room) => !tested.has(room))).toEqual([]);
});

function filesBelow(folder: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') || name.endsWith('.mjs'))
    .map((name) => {
      const path = join(folder, name).replaceAll('\\', '/');
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, imports: importsOf(text) };
    })
    .sort((a, b) => a.path.localeCompare(b.path));
}

function importsOf(text: string): SourceFile['imports'] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)[^'";]*?from\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s*'([^']+)'/g;
  return [...text.matchAll(pattern)].map((match) => ({
    from: match[1] ?? match[2] ?? match[3] ?? '',
    line: text.slice(0, (match.index ?? 0) + match[0].length).split('\n').length,
  }));
}

function targetOf(file: SourceFile, from: string): string | null {
  if (!from.startsWith('.')) return null;
  return relative(ROOT, resolve(ROOT, dirname(file.path), from)).replaceAll('\\', '/');
}

/** The room of a source file; empty for src/index.ts, which may import any. */
function roomOf(path: string): string {
  const [top, room] = path.split('/');
  return top === 'src' && room !== undefined && !room.endsWith('.ts') ? room : '';
}
