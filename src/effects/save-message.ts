/** `save`: a message as a file of its own. The same message twice is one file. */
import { createHash } from 'node:crypto';
import { access, constants, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EffectOutcome, wordsOf } from './effect-outcome.ts';

/** A message and the directory that it goes to. */
export interface SaveRequest {
  readonly directory: string;
  readonly raw: Uint8Array;
  readonly subject: string;
}

const SUFFIX_LETTERS = 40;

/**
 * Writes the octets to `HASH-subject.eml` in the directory, made with mode 0700 where it is missing.
 * On the disk when it answers; a file is never half there, and never outside the directory.
 */
export async function saveMessage(request: SaveRequest): Promise<EffectOutcome> {
  const { directory, raw } = request;
  const path = join(directory, fileNameOf(request));
  const temporary = join(
    directory,
    `.${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}`,
  );
  let made = false;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (await exists(path)) return { kind: 'done', evidence: path };
    // O_EXCL: what somebody put there under this name, a link say, is never written through.
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await open(temporary, flags, 0o600);
    made = true;
    try {
      await file.writeFile(raw);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(directory);
    return { kind: 'done', evidence: path };
  } catch (error) {
    if (made) await rm(temporary, { force: true });
    return { kind: 'failed', reason: `${directory}: ${wordsOf(error)}` };
  }
}

/** Digest of the octets and a harmless piece of the subject. */
export function fileNameOf({ raw, subject }: Pick<SaveRequest, 'raw' | 'subject'>): string {
  const digest = createHash('sha256').update(raw).digest('hex').slice(0, 32);
  const words = subject
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
  const suffix = Array.from(words).slice(0, SUFFIX_LETTERS).join('');
  return suffix === '' ? `${digest}.eml` : `${digest}-${suffix}.eml`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Absent, or out of reach: writing tells which.
    return false;
  }
}

/** The name is on the disk too, not only the octets. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
