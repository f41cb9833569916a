/** A rule decides the same on a message that lies on Dovecot and on the same message in a file. */
import { expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import { viewOfFile } from '../../src/engine/file-view.ts';
import { openSession } from '../../src/imap/connect.ts';
import { evaluate, predicateFields } from '../../src/language/evaluate.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { Field, MessageView } from '../../src/mail/message-view.ts';
import type { Uid } from '../../src/mail/uid-set.ts';
import { cheapest, loadFacts } from '../../src/scan/load-facts.ts';
import { CONTEXT, ruleSetOf } from '../language/support.ts';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { generateMail } from '../sieve/generate-mail.ts';
import { generateRules } from '../sieve/generate-rules.ts';
import { loopbackAccount } from '../support/loopback-account.ts';
import { startDovecot } from './dovecot.ts';

const INBOX = parseMailboxName('INBOX');
const ARRIVED_MS = Date.UTC(2026, 0, 5, 7, 30);

test('the same decisions on Dovecot and from files', async () => {
  const mail = generateMail(400, 4711);
  const more = [
    ...[{ attachment: true }, { attachment: { name: 'invoice', type: 'application/pdf' } }],
    ...[{ attachment: { size: { over: 10 } } }, { body: { raw: 'All work' } }],
    ...[{ body: { regex: 'due\\s' } }, { body: { matches: '*play.' } }, { age: { over: '30d' } }],
    ...[{ date: { received: { weekday: 'mon' } } }, { thread: { in: ['<a@b>'] } }],
  ];
  const ruleSet = ruleSetOf(
    JSON.stringify({
      rules: [...generateRules(100, 5), ...more].map((when, index) => ({
        name: `rule ${index}`,
        when,
        then: ['keep'],
      })),
    }),
  );
  const rules = ruleSet.files.flatMap((file) => file.rules);
  const server = await startDovecot('modern');
  try {
    const { port, password } = server;
    const user = server.newUser();
    const client = await openPlainImap({ port, user, password });
    await client.append(
      'INBOX',
      mail.map(({ octets, seen }) => ({
        raw: octets.toString('utf8'),
        flags: seen ? ['\\Seen'] : [],
        internalDate: new Date(ARRIVED_MS),
      })),
    );
    await client.close();
    const account = loopbackAccount({ port, user, password });
    const session = await openSession(account, {
      mode: 'read',
      emit: () => {},
      trace: false,
    }).login();
    const reader = await session.examine(INBOX);
    const uids = await reader.search({ kind: 'all' });
    let live = new Map(uids.map((uid): [Uid, MessageView] => [uid, { ref: refOf(uid) }]));
    const wanted = new Set<Field>(rules.flatMap((rule) => predicateFields(rule.when)));
    while (wanted.size > 0) {
      const stage = cheapest(wanted);
      live = await loadFacts({ reader, hasGmail: false }, live, stage);
      for (const field of stage) wanted.delete(field);
    }
    await session.logout();
    let compared = 0;
    const different: string[] = [];
    mail.forEach(({ octets, seen }, index) => {
      const uid = uids[index] ?? 0;
      const file = viewOfFile(
        {
          name: String(index),
          raw: octets,
          flags: seen ? ['\\Seen'] : [],
          arrivedMs: ARRIVED_MS,
          fileMs: 0,
        },
        { ref: refOf(uid), queries: [] },
      );
      const view = live.get(uid);
      if (file === null || view === undefined) throw new Error(`message ${index} is missing`);
      for (const { name, when } of rules) {
        const [here, there] = [evaluate(when, view, CONTEXT), evaluate(when, file, CONTEXT)];
        compared += 1;
        if (JSON.stringify(here) === JSON.stringify(there)) continue;
        different.push(`${name}: ${JSON.stringify(here)} live, ${JSON.stringify(there)} in a file`);
      }
    });
    process.stdout.write(`${compared} decisions compared, live and from files\n`);
    expect(different.slice(0, 10)).toEqual([]);
    expect(compared).toBeGreaterThan(100_000);
  } finally {
    await server.stop();
  }
});

function refOf(uid: Uid): MessageView['ref'] {
  return { account: accountId('personal'), mailbox: INBOX, uidValidity: 1, uid };
}
