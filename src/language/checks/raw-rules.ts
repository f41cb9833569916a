/** Rule files as they were written, seen rule by rule: a mistake in one does not hide another. */
import type { Diagnostic, DocumentPath, SourceDocument } from '../../core/diagnostic.ts';
import { asCondition, type CheckedFile } from '../checked-file.ts';
import { asList } from '../operands.ts';
import type { ConditionInput } from '../rule-schema.ts';

/** One rule as written, with what its file says for it. */
export interface RawRule {
  readonly file: SourceDocument;
  readonly index: number;
  readonly name: string;
  readonly when: ConditionInput;
  readonly then: readonly unknown[];
  readonly continues: boolean;
  readonly isActive: boolean;
  /** The conditions of `conditions:`, for `use`. */
  readonly named: ConditionInput;
  /** The mailboxes that the file looks at. */
  readonly mailboxes: readonly string[];
  /** Accounts, or null for all. */
  readonly accounts: readonly string[] | null;
  /** `on:` as text, to tell whether two files run at the same times. */
  readonly occasions: string;
}

/** Every rule of the files, in the order in which they run. */
export function rawRules(files: readonly CheckedFile[]): readonly RawRule[] {
  return files.flatMap(({ document }) => {
    const { rules, conditions, mailbox, accounts, on } = asCondition(document.value);
    const mailboxes = asList<unknown>(mailbox ?? 'INBOX').map((name) => nameOf(String(name)));
    return entries(rules).map(([index, value]): RawRule => {
      const rule = asCondition(value);
      return {
        file: document,
        index,
        name: typeof rule['name'] === 'string' ? rule['name'] : '',
        when: asCondition(rule['when']),
        then: Array.isArray(rule['then']) ? rule['then'] : [],
        continues: rule['continue'] === true,
        isActive: rule['enabled'] !== false && (rule['mode'] ?? 'act') === 'act',
        named: asCondition(conditions),
        mailboxes,
        accounts: Array.isArray(accounts) ? accounts.map(String) : null,
        occasions: JSON.stringify(on ?? 'arrival'),
      };
    });
  });
}

/** A mailbox name in the form in which names are compared: INBOX in capitals, roles in small letters. */
export function nameOf(text: string): string {
  if (text.startsWith('\\')) return text.toLowerCase();
  return text.toUpperCase() === 'INBOX' ? 'INBOX' : text;
}

/** The entries of a list with their indexes; of anything else, none. */
export function entries(value: unknown): [number, unknown][] {
  return Array.isArray(value) ? value.map((entry, index) => [index, entry]) : [];
}

/** Makes a diagnostic at a node of a file. */
export function complain(
  document: SourceDocument,
  path: DocumentPath,
  what: Pick<Diagnostic, 'message' | 'hint' | 'allowed'> & {
    readonly severity?: Diagnostic['severity'];
    readonly part?: 'key' | 'value';
  },
): Diagnostic {
  const { severity = 'error', part = 'value', ...words } = what;
  return { file: document.file, ...document.locate(path, part), severity, ...words };
}

/** Where a rule says what it does: its place in a file, for messages about another rule. */
export function placeOf(rule: RawRule): string {
  const { at } = rule.file.locate(['rules', rule.index, 'name']);
  return `${JSON.stringify(rule.name)} (${rule.file.file}:${at.line})`;
}

/** Where a message is moved to; `account` is null where it stays in its own. */
export interface MoveTarget {
  readonly account: string | null;
  readonly mailbox: string;
}

/** The mailbox that an entry of `then` moves a message to; undefined for anything else or unknown. */
export function moveTarget(action: unknown): MoveTarget | undefined {
  if (typeof action === 'string') {
    return ROLE_WORDS.has(action) ? { account: null, mailbox: `\\${action}` } : undefined;
  }
  const { move } = asCondition(action);
  const { account, mailbox } = asCondition(move);
  const name = typeof move === 'string' ? move : mailbox;
  if (typeof name !== 'string' || name.includes('{{')) return undefined;
  return { account: typeof account === 'string' ? account : null, mailbox: nameOf(name) };
}

const ROLE_WORDS = new Set(['archive', 'junk', 'trash']);

/** Whether an entry of `then` takes the message away. */
export function isRelocation(action: unknown): boolean {
  if (typeof action === 'string') return ROLE_WORDS.has(action);
  const { move, expunge } = asCondition(action);
  return move !== undefined || expunge !== undefined || isSnooze(action);
}

/** One whose time is over moves nothing: it ends no evaluation, and mail does not go round by it. */
function isSnooze(action: unknown): boolean {
  return asCondition(action)['snooze'] !== undefined;
}

/** Whether no later rule sees a message that this rule matched. */
export function endsEvaluation(rule: RawRule): boolean {
  return rule.then.some(
    (action) =>
      action === 'keep' ||
      action === 'stop' ||
      (isRelocation(action) && !isSnooze(action) && !rule.continues),
  );
}
