/** Gmail's exported filters (mailFilters.xml) → a rule file. All filters that match apply. */
import { allOf, joinRead, negate, type ReadCondition } from './conditions.ts';
import {
  type Draft,
  differ,
  type ForeignImport,
  finishDraft,
  lose,
  quoted,
  whyNoMailbox,
} from './draft.ts';
import { MIXED, parseQuery } from './gmail-query.ts';
import { conditionOf } from './gmail-terms.ts';
import { type FeedFilter, type FeedProperty, readFeed } from './read-feed.ts';

/** Imports an export of filters; `file` is the name that errors show. */
export function importGmail(file: string, text: string): ForeignImport {
  const feed = readFeed(file, text);
  if (feed.kind === 'invalid') return feed;
  const draft: Draft = { rules: [], losses: [] };
  const moving: number[] = [];
  for (const filter of feed.filters) {
    if (importFilter(draft, filter)) moving.push(filter.line);
  }
  const [first = 1, second] = moving;
  if (second !== undefined) {
    const reason =
      'several filters take mail out of the inbox: of those that match, only the first moves it; Gmail would put every label on';
    differ(draft, first, reason);
  }
  return finishDraft(draft);
}

/** What Gmail writes beside the criteria that count: they say nothing by themselves. */
const SILENT = new Set(['sizeOperator', 'sizeUnit', 'excludeChats']);
const CRITERIA = new Set([
  ...['from', 'to', 'subject', 'hasTheWord', 'doesNotHaveTheWord', 'hasAttachment', 'size'],
  ...SILENT,
]);
/** Actions that an IMAP server has nothing for. The filter is imported without them. */
const MARKS: ReadonlyMap<string, string> = new Map([
  ['shouldAlwaysMarkAsImportant', 'Gmail marks it as important'],
  ['shouldNeverMarkAsImportant', 'Gmail never marks it as important'],
  ['smartLabelToApply', 'Gmail puts it into a category'],
]);
const ACTIONS = new Set([
  ...['label', 'shouldArchive', 'shouldMarkAsRead', 'shouldStar', 'shouldTrash', 'shouldNeverSpam'],
  ...MARKS.keys(),
]);

/** Adds the rule of a filter; tells whether it takes mail out of the inbox. */
function importFilter(draft: Draft, { line, properties }: FeedFilter): boolean {
  const given = properties.filter(({ name, value }) => !isUnset(name, value));
  const unknown = given.find(({ name }) => !CRITERIA.has(name) && !ACTIONS.has(name));
  if (unknown !== undefined) {
    const { name, value } = unknown;
    lose(
      draft,
      unknown.line,
      name === 'forwardTo'
        ? `it forwards to ${quoted(value)}, which a person has to allow; the filter is left out whole`
        : `the property ${quoted(name)}; the filter is left out whole`,
    );
    return false;
  }
  const when = readCriteria(draft, given);
  if (when === null) return false;
  if (typeof when === 'string') {
    lose(draft, line, when);
    return false;
  }
  const actions = readActions(draft, given);
  if (actions === null) return false;
  if (actions.then.length === 0) {
    lose(draft, line, 'it does nothing that a rule could do');
    return false;
  }
  const { then, moves } = actions;
  draft.rules.push({ name: `Gmail line ${line}`, when, then, goesOn: moves });
  return moves;
}

function isUnset(name: string, value: string): boolean {
  return value === '' || (/^(?:should|has(?=Att)|exclude)/.test(name) && value !== 'true');
}

/** The condition; a string says that there is none, null that the loss has been taken down. */
function readCriteria(draft: Draft, given: readonly FeedProperty[]): ReadCondition | null {
  const readings: ReadCondition[] = [];
  for (const property of given) {
    if (!CRITERIA.has(property.name) || SILENT.has(property.name)) continue;
    const reading = readCriterion(draft, property, given);
    if (typeof reading === 'string') return lose(draft, property.line, reading);
    readings.push(reading);
  }
  return readings.length === 0
    ? 'it has no condition that a rule could have'
    : joinRead(allOf, readings);
}

const FIELDS = new Set(['from', 'to', 'subject']);

function readCriterion(
  draft: Draft,
  { name, value, line }: FeedProperty,
  given: readonly FeedProperty[],
): ReadCondition {
  if (name === 'hasAttachment') return { attachment: true };
  if (name === 'size') return readSize(value, given);
  const query = parseQuery(value, FIELDS.has(name) ? name : null);
  if (query.kind === 'unreadable') return query.reason;
  const isDenied = name === 'doesNotHaveTheWord';
  if (isDenied && query.isMixed) return MIXED;
  const condition = conditionOf(query.node, isDenied);
  if (typeof condition === 'string') return condition;
  if (query.isMixed) {
    differ(draft, line, `in ${quoted(value)}, OR is taken to join only the words beside it`);
  }
  return isDenied ? negate(condition) : condition;
}

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ['s_sb', 1],
  ['s_skb', 1024],
  ['s_smb', 1024 ** 2],
]);
const SIDES: ReadonlyMap<string, string> = new Map([
  ['s_sl', 'over'],
  ['s_ss', 'under'],
]);

function readSize(value: string, given: readonly FeedProperty[]): ReadCondition {
  const read = (name: string): string | undefined =>
    given.find((property) => property.name === name)?.value;
  const unit = UNIT_BYTES.get(read('sizeUnit') ?? 's_smb');
  const side = SIDES.get(read('sizeOperator') ?? 's_sl');
  const bytes = /^\d{1,9}$/.test(value) ? Number(value) * (unit ?? Number.NaN) : Number.NaN;
  return side === undefined || !Number.isSafeInteger(bytes)
    ? `the size ${quoted(value)} with its unit or operator`
    : { size: { [side]: bytes } };
}

interface Actions {
  readonly then: readonly unknown[];
  /** They take the message out of the inbox. */
  readonly moves: boolean;
}

/** The actions, or null with the loss taken down. */
function readActions(draft: Draft, given: readonly FeedProperty[]): Actions | null {
  const has = (name: string): boolean => given.some((property) => property.name === name);
  const labels = given.filter(({ name }) => name === 'label');
  for (const { value, line } of labels) {
    const why = whyNoMailbox(value);
    if (why !== undefined) return lose(draft, line, why);
  }
  for (const { name, line } of given) {
    const mark = MARKS.get(name);
    if (mark !== undefined) lose(draft, line, `${mark}; the rest of the filter is imported`);
    if (name === 'shouldNeverSpam') {
      differ(draft, line, 'whether mail is spam is decided before rules see it');
    }
  }
  const flags = [
    ...(has('shouldMarkAsRead') ? ['mark_read'] : []),
    ...(has('shouldStar') ? ['star'] : []),
  ];
  const filing = labels.map(({ value }) => value);
  if (has('shouldTrash')) {
    const [label] = labels;
    if (label !== undefined) differ(draft, label.line, 'mail in the trash does not keep its label');
    return { then: [...flags, 'trash'], moves: true };
  }
  const archives = has('shouldArchive');
  const target = archives ? filing.pop() : undefined;
  const copies = filing.map((copy) => ({ copy, create: true }));
  if (!archives) return { then: [...flags, ...copies], moves: false };
  const move = target === undefined ? 'archive' : { move: target, create: true };
  return { then: [...flags, ...copies, move], moves: true };
}
