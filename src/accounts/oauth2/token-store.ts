/**
 * Tokens at rest: one file an account, AES-256-GCM, written whole or not at all. The account and the
 * provider are authenticated with it, so that a file cannot pass for that of another account.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/app-error.ts';
import type { AccountId } from '../../core/brand.ts';
import type { Clock } from '../../core/clock.ts';
import { codeOf, errorText } from '../../core/outside-text.ts';
import { lockFile } from '../../disk/file-lock.ts';
import { writeWholeFile } from '../../disk/write-whole-file.ts';
import { type KeySource, parseKey } from './token-key.ts';

/** Longer than a refresh takes (openid.ts), shorter than a lock is respected (file-lock.ts). */
const LOCK_WAIT_MS = 50_000;
/** Tokens are a few kilobytes; a larger file is none of ours. */
const MAX_BYTES = 256 * 1024;
const UNWRITABLE = 'cannot be written';
const FORMAT = 'mailwright-tokens';
const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D §5.2.1.1 recommends 96 bits. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const headerSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(1),
  account: z.string(),
  provider: z.string(),
  nonce: z.string(),
  tag: z.string(),
  data: z.string(),
});

const tokensSchema = z.object({
  clientId: z.string(),
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  /** When a person did that last; a renewal leaves it as it is. */
  signedInAtMs: z.number(),
  obtainedAtMs: z.number(),
  accessUntilMs: z.number().nullable(),
  refreshUntilMs: z.number().nullable(),
  /** What the provider said when it refused to renew; nothing is asked again before a new sign-in. */
  refused: z.string().nullable(),
});

/** What is kept. */
export type StoredTokens = Readonly<z.output<typeof tokensSchema>>;

/** The file of one account. */
export interface TokenStore {
  readonly path: string;
  /** Null where nobody has signed in. Throws TOKENS_UNREADABLE. */
  read(): Promise<StoredTokens | null>;
  /** Works while no other process does. Throws TOKENS_UNREADABLE where one does not end. */
  exclusively<T>(work: (held: HeldStore) => Promise<T>): Promise<T>;
}

/** What its holder may do. */
export interface HeldStore {
  /**
   * Writes, unless `before` is no longer what is there: then somebody took the lock over, and what
   * they wrote is given instead. Throws TOKENS_UNREADABLE before anything is overwritten.
   */
  write(tokens: StoredTokens, before: StoredTokens | null): Promise<StoredTokens>;
  remove(): Promise<void>;
}

/** Opens the store; nothing is read or made before it is asked for. */
export function openTokenStore(options: {
  readonly account: AccountId;
  readonly provider: string;
  readonly path: string;
  readonly key: KeySource;
  readonly clock: Clock;
  /** How long another process is waited for, in milliseconds; default: 50 s. */
  readonly waitMs?: number;
}): TokenStore {
  const { account, provider, path, key, clock, waitMs = LOCK_WAIT_MS } = options;
  const fail = (reason: string, cause?: unknown): AppError =>
    new AppError(
      'TOKENS_UNREADABLE',
      `account "${account}": the tokens in ${path} ${reason}`,
      { account, path, reason },
      { cause },
    );
  const keyOctets = async (): Promise<Buffer> => {
    const octets = parseKey((await key.read()).reveal());
    if (octets !== null) return octets;
    throw fail(`cannot be read: ${key.description} holds no key; 32 octets in Base64 are one`);
  };
  const read = async (): Promise<StoredTokens | null> => {
    const text = await readText(path, fail);
    if (text === null) return null;
    const header = parseWith(headerSchema, text);
    if (header === null) throw fail('are damaged, or of another version');
    if (header.account !== account) throw fail(`are those of account "${header.account}"`);
    // Another provider is a matter of the configuration: what is there is of no use to it.
    if (header.provider !== provider) return null;
    const plain = unseal(header, await keyOctets());
    const tokens = plain === null ? null : parseWith(tokensSchema, plain);
    if (tokens === null) {
      throw fail(`cannot be decrypted: they were changed, or ${key.description} is another key`);
    }
    return tokens;
  };
  const orFail = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (codeOf(error) === '' || error instanceof AppError) throw error;
      throw fail(`${UNWRITABLE}: ${errorText(error)}`, error);
    }
  };
  const write: HeldStore['write'] = async (tokens, before) => {
    await orFail(key.ensure());
    const octets = await keyOctets();
    const now = await read();
    if (now?.accessToken !== before?.accessToken && now !== null) return now;
    const sealed = seal({ account, provider }, JSON.stringify(tokens), octets);
    const text = `${JSON.stringify(sealed)}\n`;
    await orFail(writeWholeFile(path, Buffer.from(text), 0o600));
    return tokens;
  };
  return {
    path,
    read,
    exclusively: async (work) => {
      await orFail(mkdir(dirname(path), { recursive: true, mode: 0o700 }));
      const result = await orFail(lockFile(path, clock, waitMs));
      if (result.kind === 'busy') throw fail(`are being renewed elsewhere: ${result.reason}`);
      try {
        return await work({ write, remove: () => unlink(path) });
      } finally {
        await result.lock.release();
      }
    },
  };
}

type Header = z.output<typeof headerSchema>;
type Owner = Pick<Header, 'account' | 'provider'>;

function seal(owner: Owner, plain: string, key: Buffer): Header {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(owner));
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  const tag = cipher.getAuthTag();
  return {
    format: FORMAT,
    version: 1,
    ...owner,
    nonce: nonce.toString('base64'),
    tag: tag.toString('base64'),
    data: data.toString('base64'),
  };
}

/** Null where the key is another, or one bit is. */
function unseal(header: Header, key: Buffer): string | null {
  const [nonce, tag] = [Buffer.from(header.nonce, 'base64'), Buffer.from(header.tag, 'base64')];
  if (nonce.length !== NONCE_BYTES || tag.length !== TAG_BYTES) return null;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(header));
  decipher.setAuthTag(tag);
  const first = decipher.update(Buffer.from(header.data, 'base64'));
  try {
    return Buffer.concat([first, decipher.final()]).toString('utf8');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return null;
  }
}

function boundTo({ account, provider }: Owner): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, 1, account, provider]));
}

async function readText(
  path: string,
  fail: (reason: string, cause?: unknown) => AppError,
): Promise<string | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { mode, size } = await file.stat();
      if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
        throw fail(`can be read by others; run: chmod 600 ${path}`);
      }
      if (size > MAX_BYTES) throw fail('are too large to be ours');
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    if (error instanceof AppError) throw error;
    throw fail(`cannot be read: ${errorText(error)}`, error);
  }
}

function parseWith<S extends z.ZodType>(schema: S, text: string): z.output<S> | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
