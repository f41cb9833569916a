/** Which rules look at mail in files, and what is decided where only a server could know. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { type MailFilesRequest, planMail } from '../../src/engine/plan-mail.ts';
import { type FileLine, fileLine } from '../../src/plan/file-plan.ts';

const CONFIG = `
accounts:
  home: { host: mail.example, user: ann, auth: { password: { env: NO_SUCH } }, roles: { junk: Spam } }
  work: { host: mail.example, user: ann, auth: { password: { env: NO_SUCH } } }
`;
const NOW_MS = Date.UTC(2026, 0, 31);
const ruleOn = (head: string, name: string): string =>
  `${head}\nrules: [ { name: ${name}, when: { subject: x }, then: [ star ], continue: true } ]\n`;

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'plan-mail-'));
  for (const name of ['rules', 'mail']) mkdirSync(join(place, name));
  writeFileSync(join(place, 'mailwright.yaml'), CONFIG);
});
afterEach(() => rmSync(place, { recursive: true }));

function mail(text = 'Subject: x\n\nhi\n', name = 'a.eml'): string {
  const path = join(place, 'mail', name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const rules = (text: string, file = 'a.yaml'): void =>
  writeFileSync(join(place, 'rules', file), text);

async function decide(request: Partial<MailFilesRequest> = {}): Promise<readonly FileLine[]> {
  const { config } = await loadConfig({ cwd: place });
  const { signal } = new AbortController();
  const path = join(place, 'mail');
  const lines: FileLine[] = [];
  for await (const { message, decision } of planMail(config, {
    path,
    nowMs: NOW_MS,
    signal,
    ...request,
  })) {
    lines.push(fileLine(message, decision));
  }
  return lines;
}

const rulesOf = async (request: Partial<MailFilesRequest>) => (await decide(request))[0]?.rules;

describe('the rules that look are those of', () => {
  beforeEach(() => {
    mail();
    rules(ruleOn('mailbox: INBOX', 'In the inbox'), '1.yaml');
    rules(ruleOn('mailbox: [ Lists/Dev, "\\\\Junk" ]', 'Elsewhere'), '2.yaml');
    rules(ruleOn('accounts: [ work ]', 'At work'), '3.yaml');
    rules(ruleOn('on: [ { schedule: "0 3 * * *" } ]', 'At night'), '4.yaml');
    rules(
      'rules: [ { name: Off, enabled: false, when: { subject: x }, then: [ star ] } ]',
      '5.yaml',
    );
  });

  test.each<[string, Partial<MailFilesRequest>, readonly string[]]>([
    ['the first account and INBOX', {}, ['In the inbox', 'At night']],
    ['another account', { account: 'work' }, ['In the inbox', 'At work', 'At night']],
    ['INBOX in any letter case', { mailbox: 'inbox' }, ['In the inbox', 'At night']],
    ['a mailbox by its name', { mailbox: 'Lists/Dev' }, ['Elsewhere']],
    ['a mailbox by its role', { mailbox: '\\Junk' }, ['Elsewhere']],
    ['a mailbox that the account names for a role', { mailbox: 'Spam' }, ['Elsewhere']],
    ['that name, which another account does not give', { mailbox: 'Spam', account: 'work' }, []],
    ['a mailbox without rules', { mailbox: 'Else' }, []],
    ['one name', { rule: 'At night' }, ['At night']],
    ['the name of a rule that is off', { rule: 'Off' }, []],
  ])('%s', async (_, request, expected) => {
    expect(await rulesOf(request)).toEqual(expected);
  });

  test.each<[Partial<MailFilesRequest>, string]>([
    [{ account: 'none' }, 'ACCOUNT_UNKNOWN'],
    [{ rule: 'none' }, 'RULE_UNKNOWN'],
    [{ path: '/nowhere/at/all' }, 'MAIL_FILE_UNREADABLE'],
  ])('nobody, with %j', async (request, code) => {
    await expect(decide(request)).rejects.toMatchObject({ code });
  });
});

describe('what only a server or a memory could know', () => {
  test.each<[string, string, 'matches' | 'no' | 'parked']>([
    ['a label of Gmail', 'label: Work', 'parked'],
    ['a query of Gmail', 'gmail: "is:important"', 'parked'],
    ['whom the owner wrote to', 'known_sender: true', 'no'],
    ['a duplicate', 'duplicate: true', 'no'],
    ['where it was', 'was_in: Junk', 'no'],
    ['a thread of the owner', 'thread: { mine: true }', 'no'],
    ['a keyword', 'keyword: todo', 'no'],
    ['the checks of no server', 'auth: { dmarc: pass }', 'no'],
    ['the account', 'account: home', 'matches'],
    ['the mailbox', 'mailbox: INBOX', 'matches'],
  ])('%s', async (_, when, expected) => {
    mail('From: a@b.example\nSubject: x\n\nhi\n');
    rules(`rules: [ { name: A, when: { ${when} }, then: [ star ] } ]`);
    const [line] = await decide();
    const found =
      line?.parked !== undefined ? 'parked' : line?.rules.length === 1 ? 'matches' : 'no';
    expect(found).toBe(expected);
  });
});

describe('as on a server', () => {
  test('a message marked as deleted concerns only rules that ask about it', async () => {
    mail('Subject: x\n\n', 'cur/1767225600.a:2,T');
    mail('Subject: x\n\n', 'new/1767225601.b');
    rules(
      'rules: [ { name: A, when: { subject: x }, then: [ star ], continue: true }, { name: D, when: { deleted: true }, then: [ star ] } ]',
    );
    expect((await decide()).map(({ rules: names }) => names)).toEqual([['D'], ['A']]);
  });

  test('ages count from the arrival that the storage tells, else from the header', async () => {
    const header =
      'Received: by a.example; Sun, 25 Jan 2026 00:00:00 +0000\nDate: Thu, 1 Jan 2015 00:00:00 +0000';
    mail(`${header}\n\n`, 'a.eml');
    mail(header.replace(/^.*\n/, '').concat('\n\n'), 'b.eml');
    rules('rules: [ { name: Old, when: { age: { over: 30d } }, then: [ star ] } ]');
    expect((await decide()).map(({ rules: names }) => names)).toEqual([[], ['Old']]);
    const box = mail(`From x Thu Jan  1 00:00:00 2015\n${header}\n\nx\n`, 'box');
    expect((await decide({ path: box })).map(({ rules: names }) => names)).toEqual([['Old']]);
  });

  test('a rule that waits sees the whole message', async () => {
    const [fresh, old] = [new Date(NOW_MS - 1000), new Date(0)].map(
      (date) => `Received: by a.example; ${date.toUTCString()}\n\ninvoice\n`,
    );
    mail(fresh, 'a.eml');
    mail(old, 'b.eml');
    const body = 'wait: 1d, when: { body: invoice, not: { attachment: true } }';
    const raw = 'wait: 1d, when: { body: { raw: invoice } }';
    rules(
      `rules: [ { name: B, ${body}, then: [ star ] }, { name: R, ${raw}, then: [ flag: answered ] } ]`,
    );
    expect((await decide()).map(({ rules: names }) => names)).toEqual([[], ['B', 'R']]);
  });

  test('sizes are those of CRLF line ends', async () => {
    mail('A: b\n\n1234567\n');
    rules('rules: [ { name: S, when: { size: { is: 17 } }, then: [ star ] } ]');
    expect((await decide()).map(({ rules: names }) => names)).toEqual([['S']]);
  });
});

describe('a message over 64 MB', () => {
  beforeEach(() => truncateSync(mail(), LIMITS.literalBytes + 1));

  test('waits for a person, and the others are decided', async () => {
    mail(undefined, 'b.eml');
    rules(ruleOn('', 'A'));
    expect(await decide()).toMatchObject([
      { message: 'a.eml', rules: [], actions: [], parked: { rule: null } },
      { message: 'b.eml', rules: ['A'] },
    ]);
  });

  test('waits for nobody where no rule looks at it', async () => {
    rules(ruleOn('mailbox: Other', 'A'));
    expect(await decide()).toEqual([{ message: 'a.eml', rules: [], actions: [] }]);
  });
});

test('a stop ends it between two messages', async () => {
  mail();
  mail(undefined, 'b.eml');
  rules(ruleOn('', 'A'));
  const { config } = await loadConfig({ cwd: place });
  const stop = new AbortController();
  const seen: string[] = [];
  const request = { path: join(place, 'mail'), nowMs: NOW_MS, signal: stop.signal };
  const all = async (): Promise<void> => {
    for await (const { message } of planMail(config, request)) {
      seen.push(message);
      stop.abort(new Error('stopped'));
    }
  };
  await expect(all()).rejects.toThrow('stopped');
  expect(seen).toEqual(['a.eml']);
});
