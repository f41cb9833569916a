/**
 * Address lists (RFC 5322 §3.4) in one pass over the text. Encoded words are decoded after the
 * structure is known, so that an encoded comma or angle bracket cannot forge an address.
 */
import type { Address } from '../mail/message-view.ts';
import { decodeText } from './decode-text.ts';

interface Draft {
  /** The display name, quotes and comments taken off. */
  name: string;
  /** The same as it was written, with its quotes. */
  written: string;
  /** The same with a single quote sign for each quoted string: shows what stands unquoted. */
  outline: string;
  /** What stands in angle brackets; null when there were none. */
  address: string | null;
  comment: string;
}

/** Reads the addresses of one field value; group names are dropped, their members kept. */
export function parseAddresses(value: string): readonly Address[] {
  const simple = SIMPLE.exec(value);
  if (simple !== null) {
    const [, quoted, plain = '', address = ''] = simple;
    return [{ name: decodeText((quoted ?? plain).trim()), address }];
  }
  const found: Address[] = [];
  let draft = newDraft();
  let index = 0;
  const finish = (): void => {
    const address = toAddress(draft);
    if (address !== undefined) found.push(address);
    draft = newDraft();
  };
  while (index < value.length) {
    const char = value.charAt(index);
    if (char === '"') {
      const quoted = readQuoted(value, index);
      draft.name += quoted.text;
      draft.written += value.slice(index, quoted.end);
      draft.outline += '"';
      index = quoted.end;
    } else if (char === '(') {
      const comment = readComment(value, index);
      draft.comment ||= comment.text;
      index = comment.end;
    } else if (char === '<') {
      const end = endOfAngle(value, index);
      draft.address ??= value.slice(index + 1, end).trim();
      index = end + 1;
    } else {
      if (char === ',' || char === ';') finish();
      else if (isGroupMark(char, draft)) draft = newDraft();
      else addPlain(draft, char);
      index++;
    }
  }
  finish();
  return found;
}

/** One address with its name, quoted or not, as nearly all mail has it: read without a walk. */
const SIMPLE = /^\s*(?:"([^"\\]*)"\s*|([^"(),:;<>@[\]\\]*))<([^\s"(),:;<>\\]+)>\s*$/;

function newDraft(): Draft {
  return { name: '', written: '', outline: '', address: null, comment: '' };
}

function addPlain(draft: Draft, char: string): void {
  draft.name += char;
  draft.written += char;
  draft.outline += char;
}

/** A colon ends the name of a group, but not inside a domain literal: `ann@[IPv6:::1]`. */
function isGroupMark(char: string, draft: Draft): boolean {
  return char === ':' && draft.address === null && !draft.outline.includes('@[');
}

/** Where the angle bracket closes; one inside a quoted local part does not count. */
function endOfAngle(value: string, start: number): number {
  let index = start + 1;
  while (index < value.length && value.charAt(index) !== '>') {
    index = value.charAt(index) === '"' ? readQuoted(value, index).end : index + 1;
  }
  return index;
}

function toAddress(draft: Draft): Address | undefined {
  const name = draft.name.trim();
  if (draft.address !== null) {
    // A source route before the address is obsolete and means nothing (RFC 5322 §4.4).
    const address = draft.address.replace(/^@[^:]*:/, '').trim();
    return name === '' && address === '' ? undefined : { name: decodeText(name), address };
  }
  if (name === '') return undefined;
  return isBareAddress(draft.outline.trim())
    ? { name: decodeText(draft.comment), address: draft.written.trim() }
    : { name: decodeText(name), address: '' };
}

/** One word with an unquoted at sign in it; a quoted string can only be its local part. */
function isBareAddress(outline: string): boolean {
  const at = outline.lastIndexOf('@');
  return at > 0 && at < outline.length - 1 && !/\s/.test(outline) && !outline.includes('"', at);
}

function readQuoted(value: string, start: number): { text: string; end: number } {
  let text = '';
  let index = start + 1;
  while (index < value.length && value.charAt(index) !== '"') {
    if (value.charAt(index) === '\\') index++;
    text += value.charAt(index);
    index++;
  }
  return { text, end: index + 1 };
}

/** Comments nest; the depth is counted, not recursed. */
function readComment(value: string, start: number): { text: string; end: number } {
  let depth = 0;
  let text = '';
  for (let index = start; index < value.length; index++) {
    const char = value.charAt(index);
    if (char === '\\') {
      index++;
      text += value.charAt(index);
    } else if (char === '(') {
      depth++;
    } else if (char === ')') {
      depth--;
      if (depth === 0) return { text: text.trim(), end: index + 1 };
    } else {
      text += char;
    }
  }
  return { text: text.trim(), end: value.length };
}
