/** The configuration of imapautofiler (config.yml) → a rule file. The first rule that matches wins. */
import type { DocumentPath, SourceDocument } from '../core/diagnostic.ts';
import { asCondition } from '../language/checked-file.ts';
import { compileRegex } from '../language/pattern.ts';
import { allOf, headerTest, type When, whyNoHeader } from './conditions.ts';
import {
  type Draft,
  type ForeignImport,
  finishDraft,
  invalidAt,
  quoted,
  whyNoMailbox,
} from './draft.ts';
import {
  differAt,
  loseAt,
  type Reader,
  readRuleCondition,
  whyNoRegex,
} from './imapautofiler-rule.ts';

/** Imports a configuration that has been read as YAML. */
export function importImapautofiler(document: SourceDocument): ForeignImport {
  const root = asCondition(document.value);
  const { mailboxes } = root;
  if (!Array.isArray(mailboxes)) {
    return invalidAt(document.file, document.locate(['mailboxes']).at, {
      message: 'found no list "mailboxes"; an imapautofiler configuration has one',
      hint: 'give the file that imapautofiler reads, ~/.imapautofiler.yml by default',
    });
  }
  const draft: Draft = { rules: [], losses: [] };
  const reader: Reader = { document, draft };
  const names: MailboxNames = { usesDots: namesIn(root).some((name) => /^inbox\./i.test(name)) };
  const read = mailboxes.map((mailbox, index) => {
    const { name } = asCondition(mailbox);
    const path = ['mailboxes', index, 'name'];
    return typeof name === 'string' ? ownName(reader, names, { name, path }) : null;
  });
  const nameless = mailboxes.findIndex(
    (mailbox) => typeof asCondition(mailbox)['name'] !== 'string',
  );
  if (nameless >= 0) {
    return invalidAt(document.file, document.locate(['mailboxes', nameless]).at, {
      message: 'found a mailbox without a name',
      hint: 'write name: and the name of the mailbox, as in name: INBOX',
    });
  }
  for (const key of ['server', 'maildir']) {
    if (root[key] === undefined) continue;
    differAt(reader, [key], `"${key}" says where the mail is; that belongs into mailwright.yaml`);
  }
  const watched = [...new Set(read.filter((name) => name !== null))];
  for (const [index, mailbox] of mailboxes.entries()) {
    const name = read[index] ?? null;
    const { rules } = asCondition(mailbox);
    if (name === null) continue;
    const path = ['mailboxes', index, 'rules'];
    if (!Array.isArray(rules)) {
      loseAt(reader, path, 'the mailbox has no list of rules');
      continue;
    }
    for (const [at, rule] of rules.entries()) {
      importRule(reader, {
        rule,
        path: [...path, at],
        mailbox: name,
        guard: watched.length > 1 ? [{ mailbox: { is: name } }] : [],
        names,
        trash: root['trash-mailbox'],
      });
    }
  }
  return finishDraft(draft, watched.length === 0 ? undefined : watched);
}

interface RuleAt {
  readonly rule: unknown;
  readonly path: DocumentPath;
  readonly mailbox: string;
  readonly guard: readonly When[];
  readonly names: MailboxNames;
  readonly trash: unknown;
}

interface MailboxNames {
  /** The file writes "." between levels, as servers with names like INBOX.Work do. */
  readonly usesDots: boolean;
}

function importRule(reader: Reader, at: RuleAt): void {
  const before = reader.draft.losses.length;
  const condition = readRuleCondition(reader, at.rule, at.path);
  const action = condition === null ? null : readAction(reader, at);
  if (condition === null || action === null) {
    endLosses(reader.draft, before);
    return;
  }
  const conditions = [...at.guard, ...action.when, condition];
  reader.draft.rules.push({
    name: `imapautofiler line ${reader.document.locate(at.path).at.line}`,
    // The condition that captures the name of the mailbox stands first: its groups count.
    when:
      action.when.length > 0
        ? { all: [...action.when, ...at.guard, condition] }
        : allOf(conditions),
    then: action.then,
  });
}

/** The first rule that matches ends it; without this one, a later rule may match. */
function endLosses({ losses }: Draft, from: number): void {
  for (let index = from; index < losses.length; index++) {
    const loss = losses[index];
    if (loss?.severity !== 'lost') continue;
    losses[index] = { ...loss, reason: `${loss.reason}; later rules see its messages` };
  }
}

interface ReadAction {
  /** What must hold beside the rule's own condition. */
  readonly when: readonly When[];
  readonly then: readonly unknown[];
}

const FLAGS: Readonly<Record<string, string>> = {
  flag: 'star',
  unflag: 'unstar',
  mark_read: 'mark_read',
  mark_unread: 'mark_unread',
};

function readAction(reader: Reader, at: RuleAt): ReadAction | null {
  const action = asCondition(asCondition(at.rule)['action']);
  const path = [...at.path, 'action'];
  const { name } = action;
  if (typeof name !== 'string') return loseAt(reader, path, 'the rule has no action');
  const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  if (flag !== undefined) return { when: [], then: [flag, 'stop'] };
  switch (name) {
    case 'move':
      return moveTo(reader, at, { name: action['dest-mailbox'], path: [...path, 'dest-mailbox'] });
    case 'trash':
      return action['dest-mailbox'] === undefined
        ? moveTo(reader, at, { name: at.trash, path: [...path, 'name'] })
        : moveTo(reader, at, { name: action['dest-mailbox'], path: [...path, 'dest-mailbox'] });
    case 'sort':
    case 'sort-mailing-list':
      return readSort(reader, at, action);
    case 'delete':
      return loseAt(reader, path, 'the action "delete" destroys mail for good; trash keeps it');
    default:
      return loseAt(reader, path, `the action ${quoted(name)}`);
  }
}

function moveTo(
  reader: Reader,
  at: RuleAt,
  target: { readonly name: unknown; readonly path: DocumentPath },
): ReadAction | null {
  if (typeof target.name !== 'string') {
    return loseAt(reader, target.path, 'the action names no mailbox to move to');
  }
  const mailbox = ownName(reader, at.names, { name: target.name, path: target.path });
  if (mailbox === null) return null;
  return { when: [], then: mailbox === at.mailbox ? ['stop'] : [{ move: mailbox }] };
}

const SORT_REGEX = '([\\w+-]+)@';

/** A mailbox whose last part is a group of a regular expression on a header. */
function readSort(reader: Reader, at: RuleAt, action: When): ReadAction | null {
  const path = [...at.path, 'action'];
  const regexPath = [...path, 'dest-mailbox-regex'];
  const isList = action['name'] === 'sort-mailing-list';
  const given = action['dest-mailbox-regex'];
  const header = action['header'] ?? (isList ? 'list-id' : 'to');
  const base = action['dest-mailbox-base'];
  if (typeof header !== 'string' || whyNoHeader(header) !== undefined || typeof base !== 'string') {
    return loseAt(reader, path, 'the action needs a header and dest-mailbox-base, as texts');
  }
  if (given !== undefined && typeof given !== 'string') {
    return loseAt(reader, regexPath, '"dest-mailbox-regex" is no text; write it in quotes');
  }
  const why = given === undefined ? undefined : whyNoRegex(reader, given, regexPath);
  if (why !== undefined) return loseAt(reader, regexPath, why);
  const group = groupOf(given ?? SORT_REGEX, action['dest-mailbox-regex-group'] ?? 0);
  if (group === null) return loseAt(reader, regexPath, 'it has no such group for the mailbox');
  // The letter stands for what the message gives.
  const target = { name: `${base}x`, path: [...path, 'dest-mailbox-base'] };
  const sample = ownName(reader, at.names, target);
  if (sample === null) return null;
  differAt(reader, path, 'where the header does not match, later rules see the message');
  const usesListId = isList && given === undefined && header.toLowerCase() === 'list-id';
  return {
    when: [
      usesListId
        ? { list: { regex: '^([^.]+)[.]' } }
        : headerTest(header, { regex: given ?? SORT_REGEX, case: true }),
    ],
    then: [{ move: `${sample.slice(0, -1)}{{ match.${group + 1} }}` }],
  };
}

/** The group that names the mailbox, counted from 0, or null where there is none. */
function groupOf(regex: string, group: unknown): number | null {
  // An alternative that always matches tells how many groups there are.
  const groups = compileRegex(`(?:${regex})|`, { caseSensitive: true }).match('')?.length ?? 0;
  const isGroup = typeof group === 'number' && Number.isSafeInteger(group);
  return isGroup && group >= 0 && group < groups ? group : null;
}

/** The name with `/` between levels, or null with the loss taken down. */
function ownName(
  reader: Reader,
  { usesDots }: MailboxNames,
  { name, path }: { readonly name: string; readonly path: DocumentPath },
): string | null {
  if (usesDots && name.includes('/')) {
    return loseAt(reader, path, `the mailbox name ${quoted(name)} has a "/" in a level`);
  }
  const own = usesDots ? name.replaceAll('.', '/') : name;
  const why = whyNoMailbox(own);
  if (why !== undefined) return loseAt(reader, path, why);
  if (!usesDots && name.includes('.')) {
    const remark = `in ${quoted(name)} the "." is taken as it is; where your server has it between levels, write "/"`;
    differAt(reader, path, remark);
  }
  return /^inbox(?=$|\/)/i.test(own) ? `INBOX${own.slice(5)}` : own;
}

/** Every mailbox name of the file. */
function namesIn(root: When): readonly string[] {
  const found: unknown[] = [root['trash-mailbox']];
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  for (const mailbox of list(root['mailboxes']).map(asCondition)) {
    found.push(mailbox['name']);
    for (const rule of list(mailbox['rules'])) {
      const action = asCondition(asCondition(rule)['action']);
      found.push(action['dest-mailbox'], action['dest-mailbox-base']);
    }
  }
  return found.filter((name) => typeof name === 'string');
}
