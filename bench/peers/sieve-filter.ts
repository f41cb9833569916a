/** Pigeonhole's `sieve-filter`, which works on the server's own disk: no IMAP at all. */
import { writeFileSync } from 'node:fs';
import { ensurePigeonhole } from '../../test/servers/install.ts';
import type { FilingRule, Test } from '../corpus/rule-set.ts';
import type { Contender } from './contender.ts';

/** `sieve-filter -e -W`: executes, and may write. It takes long; it runs at most twice. */
export const sieveFilter: Contender = {
  name: 'sieve-filter',
  runs: 2,
  prepare: ({ server, user, plan }, directory) => {
    // The server's user reads it, and may write its compiled form beside it.
    const script = `${server.homeOf(user)}.sieve`;
    writeFileSync(script, sieveScript(plan.rules));
    return {
      program: ensurePigeonhole(),
      args: ['-c', server.configFile, '-u', user, '-e', '-W', script, 'INBOX'],
      cwd: directory,
    };
  },
};

function sieveScript(rules: readonly FilingRule[]): string {
  const lines = rules.map(
    ({ test, destination }) => `if ${testOf(test)} { fileinto "${destination}"; stop; }`,
  );
  return `require ["fileinto", "date", "relational", "body"];\n${lines.join('\n')}\n`;
}

function testOf(test: Test): string {
  switch (test.kind) {
    case 'from':
      return `address :is "from" "${test.address}"`;
    case 'domain':
      return `address :domain :is "from" "${test.domain}"`;
    case 'list':
      return `header :contains "list-id" "${test.id}"`;
    case 'subject':
      return `header :contains "subject" "${test.text}"`;
    case 'before':
      return `date :originalzone :value "lt" "date" "date" "${test.day}"`;
    case 'body':
      return `allof (address :domain :is "from" "${test.domain}", body :text :contains "${test.text}")`;
  }
}
