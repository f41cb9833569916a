import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import { evaluate } from '../../src/language/evaluate.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { MessageView } from '../../src/mail/message-view.ts';
import { parseMessage } from '../../src/mime/parse-message.ts';
import { exportSieve } from '../../src/sieve/export-sieve.ts';
import { CONTEXT, ruleSetOf } from '../language/support.ts';
import { CLASS_NAMES, type Difference, explain, joinLeaves } from './explained.ts';
import { type GeneratedMail, generateMail } from './generate-mail.ts';
import { generateRules, type When } from './generate-rules.ts';
import { runPigeonhole } from './pigeonhole.ts';

test('the exported script decides as our rules do, on generated mail', () => {
  const mail = generateMail(2000, 20_260_301);
  const conditions = generateRules(150, 17);
  const ruleSet = ruleSetOf(
    JSON.stringify({
      rules: conditions.map((when, index) => ({
        name: `rule ${index}`,
        when,
        then: [{ label: `k${index}` }],
      })),
    }),
  );
  const { script, losses } = exportSieve(ruleSet);
  expect(losses.filter(({ severity }) => severity === 'lost')).toEqual([]);

  const theirs = runPigeonhole(script, mail);
  expect(theirs.size).toBe(mail.length);
  const rules = ruleSet.files.flatMap((file) => file.rules);
  const keywordOf = new Map(conditions.map((when, index) => [JSON.stringify(when), `k${index}`]));
  const explained = new Map<string, number>();
  const unexplained: string[] = [];
  let [compared, matched] = [0, 0];
  for (const each of mail) {
    const view = viewOf(each);
    const keywords = theirs.get(each.id)?.[0]?.flags;
    const has = (when: When): boolean =>
      keywords?.has(keywordOf.get(JSON.stringify(when)) ?? '') ?? false;
    for (const [index, rule] of rules.entries()) {
      const when = conditions[index] ?? {};
      const verdict = evaluate(rule.when, view, CONTEXT);
      const sieve = keywords?.has(`k${index}`) ?? false;
      compared++;
      if (verdict.kind === 'yes') matched++;
      if (verdict.kind !== 'indeterminate' && (verdict.kind === 'yes') === sieve) continue;
      const difference = { when, mail: each, verdict, sieve };
      // A tree differs because a leaf does, whose own rule is compared too.
      const why = isTree(when)
        ? joinLeaves(when, has) === sieve
          ? 'a branch differs'
          : undefined
        : explain(difference);
      if (why === undefined) unexplained.push(describe(difference));
      else explained.set(why, (explained.get(why) ?? 0) + 1);
    }
  }
  process.stdout.write(
    `${compared} decisions of ${rules.length} rules on ${mail.length} messages compared with Pigeonhole, ${matched} matches, ${unexplained.length} unexplained differences; explained:\n${[...explained].map(([why, count]) => `  ${count} ${why}\n`).join('')}`,
  );
  expect(unexplained.slice(0, 20)).toEqual([]);
  expect(CLASS_NAMES.filter((name) => !explained.has(name))).toEqual([]);
  expect(compared).toBeGreaterThanOrEqual(600_000);
  expect(matched).toBeGreaterThan(compared / 50);
});

test('every class of differences is documented', () => {
  const page = readFileSync(new URL('../../docs/sieve.md', import.meta.url), 'utf8');
  expect(CLASS_NAMES.filter((name) => !page.includes(`| ${name} `))).toEqual([]);
});

function isTree(when: When): boolean {
  return Object.keys(when).some((key) => /^(?:all|any|none|not)$/.test(key));
}

function viewOf({ octets, seen }: GeneratedMail): MessageView {
  const facts = parseMessage(octets);
  return {
    ref: {
      account: accountId('personal'),
      mailbox: parseMailboxName('INBOX'),
      uidValidity: 1,
      uid: 1,
    },
    basic: {
      flags: seen ? ['\\Seen'] : [],
      internalDateMs: CONTEXT.nowMs,
      sizeBytes: octets.length,
    },
    headers: facts.headers,
    body: facts.body,
  };
}

function describe({ when, mail, verdict, sieve }: Difference): string {
  const header = mail.octets.toString().split('\r\n\r\n')[0] ?? '';
  return `${JSON.stringify(when)}: ours ${verdict.kind}, Sieve ${sieve} on\n${header}`;
}
