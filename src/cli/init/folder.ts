/** The folder of a new configuration: what is there, and writing into it whole or not at all. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../core/app-error.ts';

/** The names within it. */
export const CONFIG_FILE = 'mailwright.yaml';
/** The first rule file; its number leaves room before and after. */
export const RULES_FILE = 'rules/10-first.yaml';

/** What is there already. */
export interface Folder {
  readonly directory: string;
  /** Files that `init` would write and that are there, by their name in the folder. */
  readonly present: readonly string[];
  /** Other rule files: they would belong to the new configuration at once. */
  readonly otherRules: readonly string[];
}

/** A file to be written. */
export interface NewFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Looks; a folder that is missing is an empty one. Throws USAGE for what is no folder. */
export async function inspectFolder(directory: string): Promise<Folder> {
  const names = await namesIn(directory);
  const rules = (await namesIn(join(directory, 'rules')))
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => `rules/${name}`);
  const present = [...names.filter((name) => name === CONFIG_FILE), ...rules].filter(
    (name) => name === CONFIG_FILE || name === RULES_FILE,
  );
  return { directory, present, otherRules: rules.filter((name) => name !== RULES_FILE) };
}

/**
 * Writes files one after the other, each at once and whole. What was there is kept as NAME.old; with
 * `mayReplace` false a file that has come meanwhile is an error, and nothing is overwritten. After an
 * error the files that were written are taken away again.
 */
export async function writeFiles(files: readonly NewFile[], mayReplace: boolean): Promise<void> {
  const written: { path: string; hasOld: boolean }[] = [];
  try {
    for (const file of files) {
      const hasOld = await writeWhole(file, mayReplace);
      written.push({ path: file.path, hasOld });
    }
  } catch (error) {
    for (const { path, hasOld } of written.reverse()) {
      if (hasOld) await rename(`${path}.old`, path);
      else await rm(path, { force: true });
    }
    throw unwritable(error);
  }
}

async function writeWhole({ path, text, mode }: NewFile, mayReplace: boolean): Promise<boolean> {
  const isSecret = (mode & 0o077) === 0;
  await mkdir(dirname(path), { recursive: true, mode: isSecret ? 0o700 : 0o755 });
  const beside = `${path}.${randomBytes(6).toString('hex')}.new`;
  const file = await open(beside, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  const hasOld = mayReplace && (await moveAside(path));
  try {
    // Unlike a renaming, a link never takes the place of a file that has come meanwhile.
    await link(beside, path);
    return hasOld;
  } catch (error) {
    if (hasOld) await rename(`${path}.old`, path);
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
}

async function moveAside(path: string): Promise<boolean> {
  try {
    await rename(path, `${path}.old`);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    const what = `${directory} cannot be used (${String(codeOf(error))}); name another --directory`;
    throw new AppError('USAGE', what, { what }, { cause: error });
  }
}

function unwritable(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const path = error instanceof Error && 'path' in error ? String(error.path) : 'a file';
  const why = code === 'EEXIST' ? 'it is there already' : String(code);
  const what = `${path} cannot be written: ${why}; nothing was changed`;
  return new AppError('USAGE', what, { what }, { cause: error });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
