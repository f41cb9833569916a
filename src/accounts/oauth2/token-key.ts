/** The key that the tokens are encrypted with: from a source of secrets, or a file of its own. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AccountId } from '../../core/brand.ts';
import { codeOf } from '../../core/outside-text.ts';
import type { Secret } from '../../core/secret.ts';
import { createWholeFile } from '../../disk/write-whole-file.ts';
import type { CredentialSource } from '../account.ts';
import { fileSource } from '../sources/file.ts';

/** AES-256. */
const KEY_BYTES = 32;

/** The environment variable that holds the key, where the configuration names none. */
export const KEY_VARIABLE = 'MAILWRIGHT_KEY';

/** Where the key comes from. */
export interface KeySource {
  /** For messages; never the key. */
  readonly description: string;
  /** Throws CREDENTIAL_UNAVAILABLE where there is none. */
  read(): Promise<Secret>;
  /** Makes a key where there is none yet, and where this source can. */
  ensure(): Promise<void>;
}

/** A key that its owner keeps: in the environment, in a file, in a keyring. */
export function keptKey(source: CredentialSource): KeySource {
  return {
    description: source.description,
    read: () => source.read(),
    ensure: async () => {},
  };
}

/** A key of our own, made at random when it is first needed, readable by its owner only. */
export function keyFile(account: AccountId, path: string): KeySource {
  const source = fileSource(account, path);
  return {
    description: source.description,
    read: () => source.read(),
    ensure: async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const text = `${randomBytes(KEY_BYTES).toString('base64')}\n`;
      try {
        await createWholeFile(path, Buffer.from(text), 0o600);
      } catch (error) {
        // Another process was first: its key is the key.
        if (codeOf(error) !== 'EEXIST') throw error;
      }
    },
  };
}

/** The variable where it is set, else the file. Decided anew at each reading. */
export function defaultKey(
  variable: CredentialSource,
  file: KeySource,
  env: NodeJS.ProcessEnv = process.env,
): KeySource {
  const now = (): KeySource => {
    const value = env[KEY_VARIABLE];
    return value === undefined || value === '' ? file : keptKey(variable);
  };
  return {
    get description() {
      return now().description;
    },
    read: () => now().read(),
    ensure: () => now().ensure(),
  };
}

/** The octets of a key in Base64 or hexadecimal; null for what is no key of 32 octets. */
export function parseKey(text: string): Buffer | null {
  const plain = text.trim();
  if (/^[0-9a-f]{64}$/i.test(plain)) return Buffer.from(plain, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(plain)) return null;
  const octets = Buffer.from(plain, 'base64');
  return octets.length === KEY_BYTES ? octets : null;
}
