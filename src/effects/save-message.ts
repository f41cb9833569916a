/** `save: DIR`: a message as an .eml file in a directory, under a name that no sender controls. */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf, outsideText } from '../core/outside-text.ts';
import { writeWholeFile } from '../disk/write-whole-file.ts';
import { done, type EffectOutcome, refused } from './effect-outcome.ts';
import { fileFailure } from './file-failure.ts';

/** What is saved, and where. */
export interface SaveRequest {
  /** Made with mode 0700 when it is missing. May itself be a link: the owner chose it. */
  readonly directory: string;
  /** The octets of the whole message. */
  readonly raw: Uint8Array;
  /** The decoded subject, for a name that people can read; empty when there is none. */
  readonly subject: string;
}

const MAX_SUFFIX_CHARS = 40;

/** Names that Windows takes for devices, with any extension. */
const DEVICE_NAME = /^(con|prn|aux|nul|conin|conout|clock|com[0-9¹²³]|lpt[0-9¹²³])$/i;

/**
 * Saves the message; the evidence is the path. Idempotent: the name comes from the octets, and a file
 * that already holds them is left as it is. A file of that name with other contents, or a link, is
 * left alone, too (refused). Mode 0600; never a part of a file, whatever happens.
 */
export async function saveMessage(request: SaveRequest): Promise<EffectOutcome> {
  const { raw } = request;
  const what = `cannot save into ${outsideText(request.directory)}`;
  try {
    await mkdir(request.directory, { recursive: true, mode: 0o700 });
    const path = join(await realpath(request.directory), fileNameOf(request));
    switch (await lookAt(path, raw)) {
      case 'same':
        return done(path);
      case 'other':
        return refused(`${what}: ${path} is there with other contents; it is left alone`);
      case 'absent':
        await writeWholeFile(path, raw, 0o600);
        return done(path);
    }
  } catch (error) {
    return fileFailure(what, error);
  }
}

/** Reads a saved message by its file name; null where there is no such file, or a link in its place. */
export async function readSavedMessage(
  directory: string,
  file: string,
): Promise<Uint8Array | null> {
  if (basename(file) !== file || !file.endsWith('.eml')) return null;
  const path = join(directory, file);
  try {
    return (await lstat(path)).isFile() ? await readFile(path) : null;
  } catch {
    // Somebody has tidied up; whoever asks says what is missing.
    return null;
  }
}

/** The name of a saved message: 32 hex digits of the octets' SHA-256, then words of the subject. */
export function fileNameOf({ raw, subject }: Pick<SaveRequest, 'raw' | 'subject'>): string {
  const digest = createHash('sha256').update(raw).digest('hex').slice(0, 32);
  const suffix = safeSuffix(subject);
  return suffix === '' ? `${digest}.eml` : `${digest}-${suffix}.eml`;
}

/**
 * Letters and digits of any script stay (and the marks that belong to a letter); everything else,
 * also separators, dots, control and direction characters, becomes a single `-`.
 */
function safeSuffix(subject: string): string {
  const words = subject
    .slice(0, 1000)
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replaceAll(/(^|-)\p{M}+/gu, '$1')
    .replaceAll(/^-+|-+$/g, '');
  const cut = bounded(words).replaceAll(/-+$/g, '');
  return DEVICE_NAME.test(cut) ? `${cut}-` : cut;
}

/** At most 40 characters, and at most 160 octets: with the digest that fits any file system. */
function bounded(text: string): string {
  let kept = '';
  let count = 0;
  for (const character of text) {
    if (count === MAX_SUFFIX_CHARS || Buffer.byteLength(kept + character) > 160) break;
    kept += character;
    count += 1;
  }
  return kept;
}

/** What lies at `path`, without following a link. */
async function lookAt(path: string, raw: Uint8Array): Promise<'absent' | 'same' | 'other'> {
  try {
    const found = await lstat(path);
    if (!found.isFile() || found.size !== raw.length) return 'other';
    return Buffer.compare(await readFile(path), raw) === 0 ? 'same' : 'other';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'absent';
    throw error;
  }
}
