/** Generated mail: which rule each message is for, and its text. The same in every run. */
import { chance, pick } from './random.ts';
import type { FilingRule, Test } from './rule-set.ts';

/** A message, and where the first rule that matches it puts it. */
export interface CorpusMessage {
  readonly id: number;
  readonly raw: string;
  readonly date: Date;
  readonly destination: string;
}

/** What is generated. */
export interface CorpusPlan {
  readonly count: number;
  readonly rules: readonly FilingRule[];
  /** The share of the messages that some rule moves. */
  readonly share: number;
  /** Where the numbers begin: mail that arrives later has others. */
  readonly firstId?: number;
}

/** Of the messages for a rule, one in so many is for a second rule too: the first must win. */
const DOUBLE_ONE_IN = 20;
/** The mail of a year and a half. */
const OLDEST_DAYS = 540;
const DAY_MS = 86_400_000;

const USE = { isFiled: 1, rule: 2, second: 3, length: 4, person: 5, list: 6, word: 7, day: 8 };

const WORDS = [
  ...['meeting', 'report', 'plan', 'order', 'review', 'question', 'update', 'notes', 'draft'],
  ...['travel', 'budget', 'contract', 'photos', 'backup', 'reminder', 'offer', 'sample', 'result'],
];

/** Generates the messages in the order in which they arrived. */
export function* generateCorpus(plan: CorpusPlan): Generator<CorpusMessage> {
  const first = plan.firstId ?? 0;
  const todayMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  for (let index = 0; index < plan.count; index++) {
    const id = first + index;
    const matched = rulesFor(plan, id);
    const tests = matched
      .map((rule) => plan.rules[rule]?.test)
      .filter((test) => test !== undefined);
    const date = dateOf({ todayMs, share: (index + 1) / plan.count, id });
    const winner = plan.rules[Math.min(...matched, plan.rules.length)];
    const destination = destinationOf(winner ?? plan.rules[0], {
      id,
      date,
      isMatched: winner !== undefined,
    });
    yield { id, raw: write({ id, date, tests }), date, destination };
  }
}

function destinationOf(
  rule: FilingRule | undefined,
  { id, date, isMatched }: { id: number; date: Date; isMatched: boolean },
): string {
  if (rule === undefined) return 'INBOX';
  const { test, destination } = rule;
  if (test.kind === 'before') return dayOf(date) < test.day ? destination : 'INBOX';
  if (test.kind === 'body') return isMatched && saysText(id) ? destination : 'INBOX';
  return isMatched ? destination : 'INBOX';
}

/** Of the messages of the sender, every other one has the text in its body. */
function saysText(id: number): boolean {
  return id % 2 === 0;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function rulesFor({ rules, share }: CorpusPlan, id: number): readonly number[] {
  if (chance(id, USE.isFiled) >= share) return [];
  const rule = pick(id, USE.rule, rules.length);
  if (pick(id, USE.second, DOUBLE_ONE_IN) !== 0) return [rule];
  // The next one looks at another field, so that both can be said in one message.
  const second = (rule + 1) % rules.length;
  const fields = [rule, second].map((each) => fieldOf(rules[each]?.test));
  return fields[0] === fields[1] ? [rule] : [rule, second];
}

function fieldOf(test: Test | undefined): string {
  return test?.kind === 'list' || test?.kind === 'subject' ? test.kind : 'from';
}

/** Older mail lies before newer, give or take two days; nothing within a day of half-way. */
function dateOf(at: { todayMs: number; share: number; id: number }): Date {
  const days = OLDEST_DAYS * (1 - at.share) + 4 * (chance(at.id, USE.day) - 0.5);
  const away = Math.max(1, days);
  const half = OLDEST_DAYS / 2;
  const clear = Math.abs(away - half) < 2 ? half + (away < half ? -2 : 2) : away;
  return new Date(Math.floor((at.todayMs - clear * DAY_MS) / 1000) * 1000);
}

/** The day before which mail is old, so that half of it is. */
export function halfWayDay(): { readonly day: string; readonly days: number } {
  const days = OLDEST_DAYS / 2;
  return { day: dayOf(new Date(Date.now() - days * DAY_MS)), days };
}

function write(message: { id: number; date: Date; tests: readonly Test[] }): string {
  const { id, date, tests } = message;
  const said = new Map(tests.map((test) => [test.kind, test]));
  const from = senderOf(id, said);
  const listId = listOf(id, said);
  const subject = said.get('subject');
  const words = [0, 1, 2].map((each) => WORDS[pick(id, USE.word + each * 16, WORDS.length)]);
  const stamp = date.toUTCString().replace('GMT', '+0000');
  const relay = `by mx${pick(id, USE.word, 4)}.example.org (Postfix) with ESMTPS id 4W${id}`;
  const headers = [
    `Return-Path: <bounce+${id}@${from.split('@')[1] ?? ''}>`,
    'Delivered-To: me@example.org',
    `Received: from out.example.net (out.example.net [192.0.2.${id % 250}])`,
    `\t${relay}`,
    `\tfor <me@example.org>; ${stamp}`,
    'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.net;',
    '\tdkim=pass header.d=example.net; dmarc=pass header.from=example.net',
    'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=sel1;',
    '\th=from:to:subject:date:message-id; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=;',
    `\tb=${'iQxYzM3kd9'.repeat(12)}`,
    `Date: ${stamp}`,
    `From: "${words[0]} ${words[1]}" <${from}>`,
    'To: "Me" <me@example.org>',
    `Subject: ${words.join(' ')}${subject?.kind === 'subject' ? `: ${subject.text}` : ''}`,
    `Message-ID: <bench.${id}@${from.split('@')[1] ?? ''}>`,
    `X-Bench-Id: ${id}`,
    ...(listId === null ? [] : [`List-Id: ${words[2]} <${listId}>`, 'Precedence: list']),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
  ];
  return `${headers.join('\r\n')}\r\n\r\n${bodyOf(id, said)}`;
}

function senderOf(id: number, said: ReadonlyMap<Test['kind'], Test>): string {
  const test = said.get('from') ?? said.get('domain') ?? said.get('body');
  if (test?.kind === 'from') return test.address;
  if (test?.kind === 'domain' || test?.kind === 'body') return `robot@${test.domain}`;
  const person = pick(id, USE.person, 3000);
  return `person.${person}@company-${person % 400}.example`;
}

function listOf(id: number, said: ReadonlyMap<Test['kind'], Test>): string | null {
  const test = said.get('list');
  if (test?.kind === 'list') return test.id;
  return chance(id, USE.list) < 0.2 ? `talk-${pick(id, USE.list + 16, 60)}.groups.example` : null;
}

function bodyOf(id: number, said: ReadonlyMap<Test['kind'], Test>): string {
  const lines = 6 + pick(id, USE.length, 30);
  const text = Array.from(
    { length: lines },
    (_, line) => `Line ${line}: ${WORDS[pick(id, 100 + line, WORDS.length)]} and so on, as agreed.`,
  );
  const test = said.get('body');
  if (test?.kind === 'body' && saysText(id)) text.splice(3, 0, `Your ${test.text}.`);
  return `${text.join('\r\n')}\r\n`;
}
