/** Mailwright as its users run it: the built program, its journal and its limits on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../test/support/package-root.ts';
import type { FilingRule, Test } from '../corpus/rule-set.ts';
import type { Command } from '../measure.ts';
import type { Contender } from './contender.ts';

/** The built program. */
export const MAIN = join(PACKAGE_ROOT, 'dist/src/cli/main.js');

/** Options of Node for our runs, for profiles: `BENCH_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=DIR"`. */
const NODE_OPTIONS = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean);

/** A rule file may have 1 MB (src/core/limits.ts). */
const RULES_PER_FILE = 2500;

/** The account of a configuration. */
export interface Setting {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly rules: readonly FilingRule[];
  /** `trustServerText`: the server's own search narrows what is read. */
  readonly trusts?: boolean;
  /** Further lines of mailwright.yaml. */
  readonly more?: string;
}

/** Writes the configuration into a directory; gives how to run a command of the program there. */
export function configure(
  directory: string,
  setting: Setting,
): (...args: readonly string[]) => Command {
  const { port, user, password, rules, trusts = false, more = '' } = setting;
  mkdirSync(join(directory, 'rules'), { recursive: true });
  writeFileSync(
    join(directory, 'mailwright.yaml'),
    `accounts:
  bench:
    host: 127.0.0.1
    port: ${port}
    tls: none
    user: ${user}
    auth: { password: { env: BENCH_PASSWORD } }
    limits: { connections: 2, commandsPerMinute: 1000000 }
    trustServerText: ${trusts}
safety: { maxMessages: 1000000, maxPercent: 100, maxDeletes: 1000000 }
${more}
`,
  );
  for (let start = 0; start < rules.length; start += RULES_PER_FILE) {
    const name = `${String(start).padStart(6, '0')}.yaml`;
    const part = rules.slice(start, start + RULES_PER_FILE);
    writeFileSync(join(directory, 'rules', name), ruleFile(part));
  }
  return (...args) => ({
    program: process.execPath,
    args: [...NODE_OPTIONS, MAIN, ...args],
    cwd: directory,
    env: { BENCH_PASSWORD: password },
  });
}

/** `mailwright run --yes`. */
export const mailwright: Contender = {
  name: 'mailwright',
  prepare: ({ server, user, plan }, directory) =>
    configure(directory, { ...settingOf(server), user, rules: plan.rules })('run', '--yes'),
};

/** The same where the owner trusts the server's search, as imapfilter does. */
export const mailwrightTrusting: Contender = {
  name: 'mailwright with trustServerText',
  prepare: ({ server, user, plan }, directory) => {
    const setting = { ...settingOf(server), user, rules: plan.rules, trusts: true };
    return configure(directory, setting)('run', '--yes');
  },
};

/** Where the account is. */
export function settingOf(server: { readonly port: number; readonly password: string }): {
  readonly port: number;
  readonly password: string;
} {
  return { port: server.port, password: server.password };
}

/** Rules as a rule file. */
export function ruleFile(rules: readonly FilingRule[]): string {
  const lines = rules.map(
    ({ name, test, destination }) =>
      `  - { name: ${name}, when: ${conditionOf(test)}, then: [${actionOf(destination)}] }`,
  );
  return `mailbox: INBOX\nrules:\n${lines.join('\n')}\n`;
}

function actionOf(destination: string): string {
  return destination === 'Archive' ? 'archive' : `{ move: ${destination} }`;
}

function conditionOf(test: Test): string {
  switch (test.kind) {
    case 'from':
      return `{ from: ${test.address} }`;
    case 'domain':
      return `{ from: "@${test.domain}" }`;
    case 'list':
      return `{ list: ${test.id} }`;
    case 'subject':
      return `{ subject: ${test.text} }`;
    case 'before':
      return `{ age: { over: ${test.days}d } }`;
    case 'body':
      return `{ from: "@${test.domain}", body: ${test.text} }`;
  }
}
