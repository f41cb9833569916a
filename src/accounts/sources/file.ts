/** A password from a file that nobody else can read. */
import { open } from 'node:fs/promises';
import { AppError } from '../../core/app-error.ts';
import type { AccountId } from '../../core/brand.ts';
import { secret } from '../../core/secret.ts';
import type { CredentialSource } from '../account.ts';

/** A password is short; a larger file is not one. */
const MAX_BYTES = 64 * 1024;

/** Reads the file at each login; the line break at its end does not belong to the password. */
export function fileSource(account: AccountId, path: string): CredentialSource {
  const source = `the file ${path}`;
  const refuse = (why: string, cause?: unknown): AppError =>
    new AppError(
      'CREDENTIAL_UNAVAILABLE',
      `account "${account}": ${source} ${why}`,
      { account, source },
      { cause },
    );
  return {
    description: source,
    read: async () => {
      const text = await readPrivate(path, refuse);
      const password = text.replace(/\r?\n$/, '');
      if (password === '') throw refuse('is empty');
      return secret(password);
    },
  };
}

async function readPrivate(
  path: string,
  refuse: (why: string, cause?: unknown) => AppError,
): Promise<string> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw refuse('cannot be read', error);
  }
  try {
    const { mode, size } = await file.stat();
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      throw refuse(`can be read by others; run: chmod 600 ${path}`);
    }
    if (size > MAX_BYTES) throw refuse('is too large for a password');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
