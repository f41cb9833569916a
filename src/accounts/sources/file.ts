/** A password from a file that nobody else can read, and nobody else can put in its place. */
import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AccountId } from '../../core/brand.ts';
import { secret } from '../../core/secret.ts';
import type { CredentialSource } from '../account.ts';
import { type Refuse, refusalOf } from './refusal.ts';

/** A password is short; a larger file is not one. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads the file at each login; the line break at its end does not belong to the password. `user` is
 * the user id that this process acts as; where there is none, as on Windows, nobody is asked.
 */
export function fileSource(
  account: AccountId,
  path: string,
  user: number | undefined = process.geteuid?.(),
): CredentialSource {
  const source = `the file ${path}`;
  const refuse = refusalOf(account, source);
  return {
    description: source,
    read: async () => {
      const text = await readPrivate(path, user, refuse);
      const password = text.replace(/\r?\n$/, '');
      if (password === '') throw refuse('is empty');
      return secret(password);
    },
  };
}

async function readPrivate(
  path: string,
  user: number | undefined,
  refuse: Refuse,
): Promise<string> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    // A named pipe would be waited for without end.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw refuse('cannot be read', error);
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) throw refuse('is no regular file');
    if (user !== undefined) {
      if ((found.mode & 0o077) !== 0) {
        throw refuse(`can be read by others; run: chmod 600 ${path}`);
      }
      if (isForeign(found.uid, user)) throw refuse(`belongs to user ${found.uid}, who can read it`);
      await assertSafePlace(path, user, refuse);
    }
    if (found.size > MAX_BYTES) throw refuse('is too large for a password');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Root reads what anybody gives it, as in a container; the others trust themselves and root. */
function isForeign(owner: number, user: number): boolean {
  return user !== 0 && owner !== user && owner !== 0;
}

/**
 * Who may write in a folder above the file may put another in its place: a password of theirs would
 * then be sent to the server. Looked at where the file really is, behind symbolic links. A folder
 * with the sticky bit, as /tmp, lets nobody replace what is another's.
 */
async function assertSafePlace(path: string, user: number, refuse: Refuse): Promise<void> {
  for (let at = dirname(await realpath(path)), below = ''; at !== below; at = dirname(at)) {
    const { mode, uid } = await stat(at);
    if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
      throw refuse(`lies in ${at}, where everybody may replace it; run: chmod o-w ${at}`);
    }
    if (isForeign(uid, user)) throw refuse(`lies in ${at}, which belongs to user ${uid}`);
    below = at;
  }
}
