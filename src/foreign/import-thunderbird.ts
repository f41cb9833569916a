/** Thunderbird's filters (msgFilterRules.dat) → a rule file. A filter that moves ends the others. */
import { whyInvalidKeyword } from '../mail/flags.ts';
import { decodeMailboxName } from '../mail/modified-utf7.ts';
import type { ReadCondition } from './conditions.ts';
import {
  type Draft,
  differ,
  type ForeignImport,
  finishDraft,
  lose,
  quoted,
  whyNoMailbox,
} from './draft.ts';
import { type FilterAttribute, readFilterFile, type SavedFilter } from './read-filter-file.ts';
import { readFilterCondition } from './thunderbird-condition.ts';

/** Imports a file of filters; `file` is the name that errors show. */
export function importThunderbird(file: string, text: string): ForeignImport {
  const read = readFilterFile(file, text);
  if (read.kind === 'invalid') return read;
  const draft: Draft = { rules: [], losses: [] };
  const home = homeOf(read.filters);
  if (home !== null) {
    const reason = `the account ${quoted(home.account)} is not named; let only that account have these rules`;
    differ(draft, home.line, reason);
  }
  for (const filter of read.filters) importFilter(draft, filter, home?.account ?? '');
  return finishDraft(draft);
}

interface Home {
  readonly account: string;
  readonly line: number;
}

/** The account that most filters move mail within: a file belongs to one account. */
function homeOf(filters: readonly SavedFilter[]): Home | null {
  const counts = new Map<string, { account: string; line: number; count: number }>();
  for (const { key, value, line } of filters.flatMap(({ attributes }) => attributes)) {
    const url = key === 'actionValue' ? splitUrl(value) : null;
    if (url === null || url.scheme !== 'imap') continue;
    const { account } = url;
    const { count } = counts.get(account) ?? { count: 0 };
    counts.set(account, { line, ...counts.get(account), account, count: count + 1 });
  }
  const [first, ...more] = counts.values();
  if (first === undefined) return null;
  return more.reduce((best, each) => (each.count > best.count ? each : best), first);
}

function splitUrl(url: string): { scheme: string; account: string; path: string } | null {
  const [, scheme = '', account = '', path = ''] = /^([a-z]+):\/\/([^/]*)\/(.*)$/is.exec(url) ?? [];
  return scheme === '' ? null : { scheme: scheme.toLowerCase(), account: decode(account), path };
}

/** Percent-encoding undone; what is none stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

const KEYS = new Set([
  'enabled',
  'description',
  'type',
  'action',
  'actionValue',
  'condition',
  'customId',
]);

function importFilter(draft: Draft, filter: SavedFilter, home: string): void {
  const before = draft.losses.length;
  const when = readWhen(draft, filter);
  const then = when === null ? null : readActions(draft, filter, home);
  const isSet = readSwitch(draft, filter);
  if (when === null || then === null || isSet === null) {
    if (isSet === 'yes' && endsOthers(filter)) noteEnd(draft, before);
    return;
  }
  const name = filter.name.trim() === '' ? `Thunderbird line ${filter.line}` : filter.name;
  draft.rules.push({ name, when, then, enabled: isSet === 'yes' });
}

function endsOthers({ attributes }: SavedFilter): boolean {
  return attributes.some(
    ({ key, value }) =>
      key === 'action' && /^(?:Move to folder|Delete|Stop execution)$/.test(value),
  );
}

function noteEnd({ losses }: Draft, from: number): void {
  for (let index = from; index < losses.length; index++) {
    const loss = losses[index];
    if (loss?.severity !== 'lost') continue;
    losses[index] = { ...loss, reason: `${loss.reason}; later rules see its messages` };
    return;
  }
}

/** The condition, or null with the loss taken down. */
function readWhen(
  draft: Draft,
  { line, attributes }: SavedFilter,
): Exclude<ReadCondition, string> | null {
  const unknown = attributes.find(({ key }) => !KEYS.has(key));
  if (unknown !== undefined) return lose(draft, unknown.line, `the line ${quoted(unknown.key)}`);
  const [condition, second] = attributes.filter(({ key }) => key === 'condition');
  if (condition === undefined) return lose(draft, line, 'it has no condition');
  if (second !== undefined) return lose(draft, second.line, 'it has two conditions');
  const when = readFilterCondition(condition.value, (remark) => {
    differ(draft, condition.line, remark);
  });
  return typeof when === 'string' ? lose(draft, condition.line, when) : when;
}

/** nsMsgFilterCore.idl: when a filter runs. */
const RUNS = { arrival: 1, byHand: 16, afterJunk: 32, afterSending: 64, periodic: 256 } as const;

/** Whether the rule is on; null where mail in INBOX is not what the filter is for. */
function readSwitch(draft: Draft, { line, attributes }: SavedFilter): 'yes' | 'no' | null {
  const enabled = attributes.find(({ key }) => key === 'enabled');
  const type = attributes.find(({ key }) => key === 'type');
  const bits = /^\d{1,6}$/.test(type?.value ?? '17') ? Number(type?.value ?? '17') : 0;
  const runs = (...names: readonly (keyof typeof RUNS)[]): boolean =>
    names.some((name) => (bits & RUNS[name]) !== 0);
  const at = type?.line ?? line;
  if (!runs('arrival', 'afterJunk', 'periodic')) {
    if (!runs('byHand')) return lose(draft, at, 'it is not for mail that arrives');
    differ(draft, at, 'it runs by hand only; the rule is switched off');
    return 'no';
  }
  if (runs('afterSending')) differ(draft, at, 'it is for mail that you send, too; the rule is not');
  // Thunderbird takes everything but "yes" for no.
  return enabled?.value === 'yes' ? 'yes' : 'no';
}

/** Without these a filter would do half of what somebody counts on, so it is left out whole. */
const WHOLE = new Set(['Forward', 'Reply', 'Custom']);

/** The actions, or null with the loss taken down. */
function readActions(
  draft: Draft,
  { line, attributes }: SavedFilter,
  home: string,
): readonly unknown[] | null {
  const then: unknown[] = [];
  let moves = 0;
  for (const [index, attribute] of attributes.entries()) {
    if (attribute.key !== 'action') continue;
    const next = attributes.slice(index + 1, index + 3).find(({ key }) => key !== 'customId');
    const value = next?.key === 'actionValue' ? next : null;
    const action = readAction(attribute, value, home);
    if (typeof action !== 'string') {
      then.push(action.entry);
      if (action.moves) moves++;
    } else if (WHOLE.has(attribute.value) || FILING.has(attribute.value)) {
      return lose(draft, value?.line ?? attribute.line, `${action}; the filter is left out whole`);
    } else lose(draft, attribute.line, `${action}; the rest of the filter is imported`);
  }
  if (moves > 1) return lose(draft, line, 'it moves a message to two places');
  if (then.length === 0) return lose(draft, line, 'it does nothing that a rule could do');
  return moves > 0 ? then.filter((entry) => entry !== 'stop') : then;
}

interface ReadAction {
  readonly entry: unknown;
  /** It takes the message out of the mailbox. */
  readonly moves: boolean;
}

const WORDS: ReadonlyMap<string, ReadAction> = new Map([
  ['Mark read', { entry: 'mark_read', moves: false }],
  ['Mark unread', { entry: 'mark_unread', moves: false }],
  ['Mark flagged', { entry: 'star', moves: false }],
  ['Stop execution', { entry: 'stop', moves: false }],
  ['Delete', { entry: 'trash', moves: true }],
]);
const FILING = new Set(['Move to folder', 'Copy to folder']);

function readAction(
  { value: action }: FilterAttribute,
  operand: FilterAttribute | null,
  home: string,
): ReadAction | string {
  const word = WORDS.get(action);
  if (word !== undefined) return word;
  if (FILING.has(action)) return readFiling(action, operand?.value ?? '', home);
  if (action === 'AddTag') {
    const tag = operand?.value ?? '';
    const why = whyInvalidKeyword(tag);
    return why === undefined && !/\{\{|\}\}/.test(tag)
      ? { entry: { label: tag }, moves: false }
      : `the tag ${quoted(tag)}: ${why ?? 'in a rule it would mean something else'}`;
  }
  if (action === 'Forward') {
    return `it forwards to ${quoted(operand?.value ?? '')}, which a person has to allow`;
  }
  return `the action ${quoted(action)}`;
}

/** `imap://user@host/Level/Level`: percent-encoded, beyond ASCII in modified UTF-7. */
function readFiling(action: string, target: string, home: string): ReadAction | string {
  const url = splitUrl(target);
  if (url === null || url.scheme !== 'imap') {
    return `${quoted(target)} is no mailbox on an IMAP server`;
  }
  if (url.account !== home) return `it files into another account, ${quoted(url.account)}`;
  const path = decodeMailboxName(decode(url.path));
  const mailbox = /^inbox(?=$|\/)/i.test(path) ? `INBOX${path.slice(5)}` : path;
  const why = whyNoMailbox(mailbox);
  if (why !== undefined) return why;
  const moves = action === 'Move to folder';
  if (mailbox === 'INBOX') {
    return moves ? { entry: 'stop', moves: false } : 'a copy to INBOX, where the message is';
  }
  return { entry: { [moves ? 'move' : 'copy']: mailbox }, moves };
}
