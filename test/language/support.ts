/** Builders for tests of the language: YAML text → documents, rule sets and messages. */
import { readYaml } from '../../src/config/read-yaml.ts';
import { accountId } from '../../src/core/brand.ts';
import type { Diagnostic, SourceDocument } from '../../src/core/diagnostic.ts';
import type { Rule, RuleSet } from '../../src/language/ast.ts';
import type { CompileOptions } from '../../src/language/checked-file.ts';
import { compileRules } from '../../src/language/compile-rules.ts';
import { evaluate } from '../../src/language/evaluate.ts';
import type { EvaluationContext, Verdict } from '../../src/language/evaluation.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type {
  Address,
  Headers,
  MessagePart,
  MessageView,
  Reading,
} from '../../src/mail/message-view.ts';

/** 2026-03-01 12:00 UTC: the time of every test. */
export const NOW_MS = Date.UTC(2026, 2, 1, 12);

/** What evaluation may know beside the message. */
export const CONTEXT: EvaluationContext = {
  nowMs: NOW_MS,
  variables: { archive: 'Archive' },
  separator: '.',
};

/** Two accounts, a cron check that refuses the word "bad", no list files. */
export const OPTIONS: CompileOptions = {
  accounts: ['personal', 'work'],
  checkCron: (cron) => (cron.includes('bad') ? `"${cron}" is no cron expression` : undefined),
  loadList: (path) => (path === 'vip.txt' ? ['boss@corp.example', '@family.example'] : 'no file'),
};

/** Reads YAML that must be well-formed. */
export function documentOf(text: string, file = 'rules/a.yaml'): SourceDocument {
  const result = readYaml(file, text);
  if (result.kind !== 'ok') throw new Error(result.diagnostics[0]?.message ?? 'bad YAML');
  return result.document;
}

/** Compiles rule files that must be correct. */
export function ruleSetOf(...texts: readonly string[]): RuleSet {
  const documents = texts.map((text, index) => documentOf(text, `rules/${index}.yaml`));
  const result = compileRules(documents, OPTIONS);
  if (result.kind === 'ok') return result.ruleSet;
  throw new Error(result.diagnostics.map((each) => each.message).join('; '));
}

/** Compiles one rule file of one rule. */
export function ruleOf(text: string): Rule {
  const rule = ruleSetOf(text).files[0]?.rules[0];
  if (rule === undefined) throw new Error('the file has no rule');
  return rule;
}

/** A rule of one line each: `when` and `then` in flow style. */
export function oneRule(when: string, then = '[keep]'): string {
  return `rules:\n  - name: It\n    when: ${when}\n    then: ${then}\n`;
}

/** Every diagnostic of these files: errors or, when they are correct, the warnings. */
export function diagnosticsOf(...texts: readonly string[]): readonly Diagnostic[] {
  const documents = texts.map((text, index) =>
    documentOf(text, `rules/${String.fromCharCode(97 + index)}.yaml`),
  );
  const result = compileRules(documents, OPTIONS);
  return result.kind === 'ok' ? result.warnings : result.diagnostics;
}

/** The facts of a message; a header that is a list occurs several times. */
export interface MessageFacts {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Names of headers that cannot be read. */
  readonly unreadable?: readonly string[];
  /** Only these headers count as loaded; all when absent. */
  readonly loaded?: readonly string[];
  readonly flags?: readonly string[];
  readonly sizeBytes?: number;
  readonly ageMs?: number;
  readonly mailbox?: string;
  /** False leaves flags, date and size unloaded. */
  readonly basic?: boolean;
  /** The texts that a reader is shown; absent: not loaded. */
  readonly body?: readonly string[];
  readonly rawBody?: string;
  /** The attachments; absent: the structure is not loaded. */
  readonly attachments?: readonly Partial<MessagePart>[];
  readonly labels?: readonly string[];
  readonly gmail?: Readonly<Record<string, boolean | null>>;
}

/** Makes a message. Addresses are read from `Name <address>`, separated by commas. */
export function messageOf(facts: MessageFacts = {}): MessageView {
  return {
    ref: {
      account: accountId('personal'),
      mailbox: parseMailboxName(facts.mailbox ?? 'INBOX'),
      uidValidity: 1,
      uid: 1,
    },
    headers: headersOf(facts),
    ...(facts.basic === false
      ? {}
      : {
          basic: {
            flags: facts.flags ?? [],
            internalDateMs: NOW_MS - (facts.ageMs ?? 0),
            sizeBytes: facts.sizeBytes ?? 1000,
          },
        }),
    ...contentOf(facts),
  };
}

function contentOf(facts: MessageFacts): Partial<MessageView> {
  const { body, rawBody, attachments, labels, gmail } = facts;
  return {
    ...(body === undefined ? {} : { body: { kind: 'values', values: body } }),
    ...(rawBody === undefined ? {} : { rawBody: { kind: 'values', values: [rawBody] } }),
    ...(labels === undefined ? {} : { labels: { kind: 'values', values: labels } }),
    ...(gmail === undefined ? {} : { gmail: new Map(Object.entries(gmail)) }),
    ...(attachments === undefined
      ? {}
      : { structure: { kind: 'values', values: attachments.map(partOf) } }),
  };
}

function partOf(part: Partial<MessagePart>): MessagePart {
  return {
    path: '1',
    type: 'application/octet-stream',
    name: '',
    sizeBytes: 100,
    encoding: 'base64',
    charset: '',
    isFlowed: false,
    deletesSpace: false,
    isAttachment: true,
    ...part,
  };
}

function headersOf(facts: MessageFacts): Headers {
  const byName = new Map(
    Object.entries(facts.headers ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? [value] : value,
    ]),
  );
  const read = <T>(name: string, convert: (value: string) => readonly T[]): Reading<T> =>
    facts.unreadable?.includes(name) === true
      ? { kind: 'unreadable', reason: 'broken' }
      : { kind: 'values', values: (byName.get(name) ?? []).flatMap(convert) };
  return {
    isLoaded: (name) => facts.loaded === undefined || facts.loaded.includes(name),
    text: (name) => read(name, (value) => [value]),
    addresses: (name) => read(name, (value) => value.split(',').map(addressOf)),
  };
}

function addressOf(text: string): Address {
  const [, name = '', address = text.trim()] = /^(.*)<(.*)>\s*$/.exec(text) ?? [];
  return { name: name.trim(), address };
}

/** Evaluates a `when` in flow style on a message. */
export function judge(when: string, facts: MessageFacts): Verdict {
  return evaluate(ruleOf(oneRule(when)).when, messageOf(facts), CONTEXT);
}

/** The verdict in one word. */
export function verdictWord(when: string, facts: MessageFacts): Verdict['kind'] {
  return judge(when, facts).kind;
}
