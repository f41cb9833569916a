/** Finding the configuration and the rule files. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { AppError } from '../core/app-error.ts';

const CONFIG_NAMES = ['mailwright.yaml', 'mailwright.yml'];

/** Deeper than this nobody keeps rule files; a link in a circle ends here. */
const MAX_DEPTH = 12;

/** The path of the configuration. Throws CONFIG_MISSING. */
export async function findConfig(cwd: string, given: string | undefined): Promise<string> {
  const candidates = given === undefined ? CONFIG_NAMES : [given];
  for (const name of candidates) {
    if (await exists(resolve(cwd, name))) return name;
  }
  throw new AppError(
    'CONFIG_MISSING',
    given === undefined
      ? `there is no ${CONFIG_NAMES.join(' or ')} in ${cwd}`
      : `there is no file ${given}`,
    { looked: candidates.map((name) => resolve(cwd, name)) },
  );
}

/**
 * The files that a pattern names, sorted by path: `*` within a name, `**` any number of levels. A
 * pattern without wildcards names itself, whether or not the file exists.
 */
export async function expandGlob(directory: string, pattern: string): Promise<readonly string[]> {
  if (!/[*?]/.test(pattern)) return [resolve(directory, pattern)];
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
  const root = pattern.startsWith('/') ? '/' : directory;
  const found = await matchParts(root, parts, 0);
  return [...new Set(found)].sort();
}

async function matchParts(
  directory: string,
  parts: readonly string[],
  depth: number,
): Promise<readonly string[]> {
  const [part, ...rest] = parts;
  if (part === undefined || depth > MAX_DEPTH) return [];
  if (part === '..' || !/[*?]/.test(part)) {
    const next = join(directory, part);
    if (rest.length > 0) return await matchParts(next, rest, depth + 1);
    return (await exists(next)) ? [next] : [];
  }
  const here = part === '**' ? await matchParts(directory, rest, depth + 1) : [];
  const nested: string[] = [...here];
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name);
    if (part === '**') {
      if (entry.isDirectory) nested.push(...(await matchParts(path, parts, depth + 1)));
    } else if (nameMatches(part, entry.name)) {
      if (rest.length > 0) nested.push(...(await matchParts(path, rest, depth + 1)));
      else if (!entry.isDirectory) nested.push(path);
    }
  }
  return nested;
}

/** Path names for messages: relative inside the working directory, absolute outside. */
export function displayPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') || short === '' ? path : short;
}

async function entriesOf(directory: string): Promise<{ name: string; isDirectory: boolean }[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
  } catch (error) {
    // A pattern may lead through what is no directory: it then matches nothing there.
    if (error instanceof Error) return [];
    throw error;
  }
}

function nameMatches(pattern: string, name: string): boolean {
  const source = pattern
    .split(/([*?])/)
    .map((piece) => {
      if (piece === '*') return '[^/]*';
      return piece === '?' ? '[^/]' : piece.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`).test(name);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
