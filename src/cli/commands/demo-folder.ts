/**
 * The folder that `demo` leaves behind: a configuration, the shipped rules, and the password of the
 * sample account. It never touches a folder that it did not make.
 */
import { access, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../core/app-error.ts';

/** What the configuration says about the server. */
export interface DemoServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** The configuration within the folder. */
export const CONFIG_NAME = 'mailwright.yaml';
const STATE_NAME = '.mailwright';
/** The first line of the configuration; it tells a folder of ours from others. */
const MARK = '# Written by `mailwright demo`.';

/**
 * Throws USAGE unless `directory` is missing, empty, or the folder of an earlier demo. One whose
 * configuration was edited since is its owner's: there may be accounts in it, and their journal
 * beside it. Says whether an earlier demo left its journal there.
 */
export async function inspectFolder(directory: string): Promise<{ hasState: boolean }> {
  const entries = await entriesOf(directory);
  if (entries.length === 0) return { hasState: false };
  const text = entries.includes(CONFIG_NAME)
    ? await readFile(join(directory, CONFIG_NAME), 'utf8')
    : '';
  if (!text.startsWith(MARK)) throw unusable(directory, 'holds files that no demo has written');
  const port = Number(/^ {4}port: (\d+)$/m.exec(text)?.[1]);
  const user = /^ {4}user: (.+)$/m.exec(text)?.[1] ?? '';
  const written = configText({ host: '127.0.0.1', port, user });
  if (text !== written) throw unusable(directory, `has a ${CONFIG_NAME} that was edited`);
  return { hasState: entries.includes(STATE_NAME) };
}

/** Writes the folder. Rule files that are there already stay as they are. */
export async function writeFolder(directory: string, server: DemoServer): Promise<void> {
  const source = await findRules();
  const rules = join(directory, 'rules');
  await mkdir(rules, { recursive: true });
  for (const name of (await readdir(join(source, 'examples'))).sort()) {
    const target = join(rules, name);
    if (!(await exists(target))) await copyFile(join(source, 'examples', name), target);
  }
  // The rule files name it in their first line, for editors.
  await copyFile(join(source, 'schema.json'), join(directory, 'schema.json'));
  const password = join(directory, 'password');
  // The mode of an existing file would stay as it is.
  await rm(password, { force: true });
  await writeFile(password, `${server.password}\n`, { mode: 0o600 });
  await writeFile(join(directory, CONFIG_NAME), configText(server));
}

/** Takes away the journal of an earlier demo: it speaks of a mailbox that is gone. */
export async function clearState(directory: string): Promise<void> {
  await rm(join(directory, STATE_NAME), { recursive: true, force: true });
}

function configText({ host, port, user }: Omit<DemoServer, 'password'>): string {
  return `${MARK} The server of the account runs inside the demo:
# \`mailwright demo --keep\` keeps it running. For an account of your own, see below.

accounts:
  demo:
    host: ${host}
    port: ${port}
    tls: none # allowed to this machine only
    user: ${user}
    auth: { password: { file: password } }

  # personal:
  #   host: imap.example.org # port 993 and TLS are the default
  #   user: me@example.org
  #   auth: { password: { env: PERSONAL_PASSWORD } } # or { file: … } or { command: … }

rules: rules/*.yaml

# The sample mailbox has never been tidied, so this once most of it may move. The defaults are
# careful: 500 messages, 20 percent of a mailbox, 50 deletions.
safety: { maxMessages: 500, maxPercent: 90 }
`;
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw unusable(directory, 'is a file');
    throw unusable(directory, `cannot be read (${String(code)})`, error);
  }
}

function unusable(directory: string, why: string, cause?: unknown): AppError {
  const what = `${directory} ${why}; name another place with --directory`;
  return new AppError('USAGE', what, { what }, { cause });
}

/** The directory `rules` of the package, seen from the sources, from what tsc makes of them, and from the build. */
async function findRules(): Promise<string> {
  const candidates = ['../../../rules/', '../../../../rules/', '../../rules/'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  for (const candidate of candidates) {
    if (await exists(join(candidate, 'examples'))) return candidate;
  }
  const sentence = `the shipped rules are in none of ${candidates.join(', ')}`;
  throw new AppError('BUG', sentence, { sentence });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Absent or out of reach, which is the same for copying: the copy then gives the proper error.
    return false;
  }
}
