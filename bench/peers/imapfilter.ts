/** imapfilter as its manual shows it: one search a rule, then one move of what was found. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureImapfilter } from '../../test/servers/install.ts';
import type { FilingRule, Test } from '../corpus/rule-set.ts';
import type { Stage } from '../corpus/stage.ts';
import type { Command } from '../measure.ts';
import type { Contender } from './contender.ts';

/** `imapfilter -c config.lua`. */
export const imapfilter: Contender = {
  name: 'imapfilter',
  prepare: (...given) => command(...given),
};

/** Searches as in a run, and moves nothing. */
export function imapfilterDry(stage: Stage, directory: string): Command {
  const run = command(stage, directory);
  return { ...run, args: ['-n', ...run.args] };
}

/** As it looks at new mail alone: it keeps no bookmark, but the server tells what is \Recent. */
export const imapfilterOnRecent: Contender = {
  name: 'imapfilter on recent mail',
  prepare: (stage, directory) => command(stage, directory, 'account.INBOX:is_recent()'),
};

function command(
  { server, user, plan }: Stage,
  directory: string,
  mail = 'account.INBOX',
): Command {
  const { port, password } = server;
  // Expunged at once: what a rule has moved must be out of sight of the next one.
  const lines = [
    'options.timeout = 600',
    'options.info = false',
    'options.expunge = true',
    'options.starttls = false',
    `account = IMAP { server = '127.0.0.1', port = ${port}, username = '${user}', password = '${password}' }`,
    `inbox = ${mail}`,
    ...plan.rules.map(ruleLine),
  ];
  writeFileSync(join(directory, 'config.lua'), `${lines.join('\n')}\n`);
  return {
    program: ensureImapfilter(),
    args: ['-c', 'config.lua'],
    cwd: directory,
    env: { HOME: directory, IMAPFILTER_HOME: directory },
  };
}

function ruleLine({ test, destination }: FilingRule): string {
  return `${searchOf(test)}:move_messages(account['${destination}'])`;
}

function searchOf(test: Test): string {
  switch (test.kind) {
    case 'from':
      return `inbox:contain_from('${test.address}')`;
    case 'domain':
      return `inbox:contain_from('@${test.domain}')`;
    case 'list':
      return `inbox:contain_field('List-Id', '${test.id}')`;
    case 'subject':
      return `inbox:contain_subject('${test.text}')`;
    case 'before':
      return `inbox:is_older(${test.days})`;
    case 'body':
      return `inbox:contain_from('@${test.domain}'):contain_body('${test.text}')`;
  }
}
