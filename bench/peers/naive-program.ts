/**
 * What one writes in an evening: message by message, its header is fetched, the rules are tried in order,
 * and it is moved. `node naive-program.js FILE`.
 */
import { readFileSync } from 'node:fs';
import { openPlainImap, quote } from '../../test/oracle/plain-imap.ts';
import type { FilingRule, Test } from '../corpus/rule-set.ts';

/** What the program reads. */
export interface NaiveInput {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly rules: readonly FilingRule[];
}

const input: NaiveInput = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const client = await openPlainImap(input);
await client.command('SELECT INBOX');
const found = await client.command('UID SEARCH ALL');
const uids = found.flatMap(({ text }) => /^\* SEARCH (.*)/.exec(text)?.[1]?.split(' ') ?? []);
for (const uid of uids) {
  const rows = await client.command(`UID FETCH ${uid} BODY.PEEK[HEADER]`);
  const header = rows[0]?.literals[0]?.toString('latin1').toLowerCase() ?? '';
  const rule = input.rules.find(({ test }) => passes(header, test));
  if (rule !== undefined) await client.command(`UID MOVE ${uid} ${quote(rule.destination)}`);
}
await client.close();

function passes(header: string, test: Test): boolean {
  const field = (name: string): string => new RegExp(`^${name}:(.*)$`, 'm').exec(header)?.[1] ?? '';
  switch (test.kind) {
    case 'from':
      return field('from').includes(test.address);
    case 'domain':
      return field('from').includes(`@${test.domain}`);
    case 'list':
      return field('list-id').includes(test.id);
    case 'subject':
      return field('subject').includes(test.text);
    default:
      throw new Error('the naive program knows headers only');
  }
}
