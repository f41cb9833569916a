/** FETCH items (RFC 9051 §6.4.5) and the octets that answer them (§7.5.2). */
import type { Flag } from '../mail/flags.ts';
import { partOctets, renderBodyStructure } from './body-structure.ts';
import { bodyOf, bufferOf, fieldsOf, headerOf } from './message-text.ts';
import type { StoredMessage } from './model.ts';
import { type Token, textOf } from './parse-command.ts';
import { renderDateTime } from './wire-text.ts';

/** One thing to fetch. */
export interface FetchItem {
  /** How the item is named in the response. */
  readonly label: string;
  /** Text as it is, or octets for a literal. */
  readonly value: (message: StoredMessage) => string | Buffer;
  /** True for BODY[…] without PEEK. */
  readonly setsSeen: boolean;
}

const MACROS: Readonly<Record<string, readonly string[]>> = {
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
};

const UID: FetchItem = { label: 'UID', value: ({ uid }) => String(uid), setsSeen: false };

/** RFC 7162 §3.1.4.2. */
export const MODSEQ: FetchItem = {
  label: 'MODSEQ',
  value: ({ modseq }) => `(${modseq})`,
  setsSeen: false,
};

const SIMPLE: Readonly<Record<string, FetchItem>> = {
  UID,
  FLAGS: { label: 'FLAGS', value: ({ flags }) => renderFlags(flags), setsSeen: false },
  INTERNALDATE: {
    label: 'INTERNALDATE',
    value: ({ internalDateMs }) => renderDateTime(internalDateMs),
    setsSeen: false,
  },
  'RFC822.SIZE': {
    label: 'RFC822.SIZE',
    value: ({ raw }) => String(raw.length),
    setsSeen: false,
  },
  BODYSTRUCTURE: {
    label: 'BODYSTRUCTURE',
    value: ({ raw }) => renderBodyStructure(raw),
    setsSeen: false,
  },
  'RFC822.HEADER': { label: 'RFC822.HEADER', value: ({ raw }) => headerOf(raw), setsSeen: false },
  'RFC822.TEXT': { label: 'RFC822.TEXT', value: ({ raw }) => bodyOf(raw), setsSeen: true },
  RFC822: { label: 'RFC822', value: ({ raw }) => bufferOf(raw), setsSeen: true },
};

/**
 * Reads the items of a FETCH; undefined when one is malformed or unknown. ENVELOPE is not served.
 * With `byUid`, UID is among them whatever was asked; MODSEQ is known where `modseq` says so.
 */
export function compileFetch(
  token: Token | undefined,
  { byUid, modseq }: { byUid: boolean; modseq: boolean },
): readonly FetchItem[] | undefined {
  const tokens = token?.kind === 'list' ? token.items : token === undefined ? [] : [token];
  const items: FetchItem[] = byUid ? [UID] : [];
  for (const each of tokens) {
    const word = textOf(each);
    if (word === undefined) return undefined;
    for (const name of MACROS[word.toUpperCase()] ?? [word]) {
      const isModseq = modseq && name.toUpperCase() === MODSEQ.label;
      const item = isModseq ? MODSEQ : (SIMPLE[name.toUpperCase()] ?? readSection(name));
      if (item === undefined) return undefined;
      if (!items.some(({ label }) => label === item.label)) items.push(item);
    }
  }
  return tokens.length === 0 ? undefined : items;
}

/** One FETCH response as pieces for the wire. */
export function renderFetch(
  sequence: number,
  message: StoredMessage,
  items: readonly FetchItem[],
): readonly (string | Buffer)[] {
  const pieces: (string | Buffer)[] = [`* ${sequence} FETCH (`];
  items.forEach((item, index) => {
    const value = item.value(message);
    pieces.push(`${index === 0 ? '' : ' '}${item.label} `);
    if (typeof value === 'string') pieces.push(value);
    else pieces.push(`{${value.length}}\r\n`, value);
  });
  return [...pieces, ')'];
}

/** A parenthesized flag list. */
export function renderFlags(flags: readonly Flag[]): string {
  return `(${flags.join(' ')})`;
}

/** `BODY.PEEK[HEADER.FIELDS (FROM TO)]<0.100>` and its shorter forms. */
function readSection(word: string): FetchItem | undefined {
  const match = /^BODY(\.PEEK)?\[([^\]]*)\](?:<(\d{1,10})\.(\d{1,10})>)?$/i.exec(word);
  const section = match?.[2];
  if (match === null || section === undefined) return undefined;
  const read = sectionReader(section);
  if (read === undefined) return undefined;
  const from = match[3] === undefined ? null : Number(match[3]);
  const length = Number(match[4] ?? 0);
  return {
    label: `BODY[${section.toUpperCase()}]${from === null ? '' : `<${from}>`}`,
    value: (message) => {
      const octets = read(message);
      return from === null ? octets : octets.subarray(from, from + length);
    },
    setsSeen: match[1] === undefined,
  };
}

function sectionReader(section: string): ((message: StoredMessage) => Buffer) | undefined {
  switch (section.toUpperCase()) {
    case '':
      return ({ raw }) => bufferOf(raw);
    case 'HEADER':
      return ({ raw }) => headerOf(raw);
    case 'TEXT':
      return ({ raw }) => bodyOf(raw);
    default:
      break;
  }
  if (/^\d+(\.\d+)*$/.test(section)) return ({ raw }) => partOctets(raw, section);
  const match = /^HEADER\.FIELDS(\.NOT)? \(([^()]+)\)$/i.exec(section);
  if (match === null) return undefined;
  const names = (match[2] ?? '').toLowerCase().split(' ');
  const wanted = new Set(names.map((name) => name.replaceAll('"', '')));
  const isWanted = match[1] === undefined;
  return ({ raw }) => {
    const kept = fieldsOf(raw).filter(({ name }) => wanted.has(name) === isWanted);
    return Buffer.concat([...kept.map(({ octets }) => octets), Buffer.from('\r\n')]);
  };
}
