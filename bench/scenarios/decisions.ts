/** Decisions a second on one core: rules compiled once, headers in memory, nothing but deciding. */
import { readYaml } from '../../src/config/read-yaml.ts';
import { accountId } from '../../src/core/brand.ts';
import { viewOfFile } from '../../src/engine/file-view.ts';
import type { Rule } from '../../src/language/ast.ts';
import { compileRules } from '../../src/language/compile-rules.ts';
import { indexRules } from '../../src/language/rule-index.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { MessageView } from '../../src/mail/message-view.ts';
import { decide } from '../../src/plan/decide.ts';
import { creatingAll, serverlessContext } from '../../src/plan/serverless.ts';
import { generateCorpus } from '../corpus/messages.ts';
import { type FilingRule, headerRules } from '../corpus/rule-set.ts';
import { ruleFile } from '../peers/mailwright.ts';
import type { BenchOptions, Figure } from './scenario.ts';

const MESSAGES = 2000;
const SHARE = 0.5;
/** Processor time of one measurement, in milliseconds. */
const LEAST_MS = 3000;
const TARGET = 300_000;

/** Decisions a second with 50, 500 and 10,000 rules; of headers that were read before, and of octets. */
export async function* decisions({ divisor, rules, note }: BenchOptions): AsyncGenerator<Figure> {
  const leastMs = LEAST_MS / Math.sqrt(divisor);
  for (const count of rules.length > 0 ? rules : [50, 500, 10_000]) {
    note(`deciding with ${count} rules`);
    const filing = headerRules(count);
    const bench = prepare(filing);
    // The first pass reads the headers, which then stay with the message.
    bench.decideAll(bench.views());
    const views = bench.views();
    bench.decideAll(views);
    const perSecond = rateOf(leastMs, () => bench.decideAll(views));
    yield {
      what: `decisions, ${count} rules, headers in memory`,
      value: `${Math.round(perSecond).toLocaleString('en')} a second`,
      ...(count === 500 ? { target: { ...AT_LEAST, measured: perSecond, bound: TARGET } } : {}),
    };
    const fromOctets = rateOf(leastMs, () => bench.decideAll(bench.views()));
    yield {
      what: `decisions, ${count} rules, from the octets of the message`,
      value: `${Math.round(fromOctets).toLocaleString('en')} a second`,
    };
  }
}

const AT_LEAST = { words: 'at least 300,000 a second', isAtLeast: true };

/** Decisions a second of processor time, the collector's included. */
function rateOf(leastMs: number, pass: () => number): number {
  const before = process.cpuUsage();
  let done = 0;
  let usedMs = 0;
  while (usedMs < leastMs) {
    done += pass();
    const { user, system } = process.cpuUsage(before);
    usedMs = (user + system) / 1000;
  }
  return (done / usedMs) * 1000;
}

function prepare(filing: readonly FilingRule[]) {
  const index = indexRules(compiled(filing));
  const context = serverlessContext({ nowMs: Date.now() });
  const octets = [...generateCorpus({ count: MESSAGES, rules: filing, share: SHARE })].map(
    ({ raw }) => Buffer.from(raw),
  );
  const account = accountId('bench');
  const mailbox = parseMailboxName('INBOX');
  const viewOf = (raw: Buffer, uid: number): MessageView => {
    const file = { name: String(uid), raw, flags: [], arrivedMs: 0, fileMs: 0 };
    const ref = { account, mailbox, uidValidity: 1, uid };
    const view = viewOfFile(file, { ref, queries: [] });
    if (view === null) throw new Error('the message is too large');
    const { basic, identity, headers } = view;
    if (basic === undefined || identity === undefined || headers === undefined) {
      throw new Error('a fact is missing');
    }
    return { ref, basic, identity, headers };
  };
  return {
    views: () => octets.map((raw, at) => viewOf(raw, at + 1)),
    decideAll: (views: readonly MessageView[]): number => {
      let moved = 0;
      for (const view of views) {
        const deciding = decide(view, index.candidates(view), context);
        if (deciding.kind === 'needs') throw new Error('a fact is missing');
        if (deciding.move !== null) moved += 1;
      }
      if (moved < (views.length * SHARE) / 2) throw new Error(`only ${moved} would be moved`);
      return views.length;
    },
  };
}

function compiled(filing: readonly FilingRule[]): readonly Rule[] {
  const documents = [];
  for (let start = 0; start < filing.length; start += 2500) {
    const name = `rules/${String(start).padStart(6, '0')}.yaml`;
    const read = readYaml(name, ruleFile(filing.slice(start, start + 2500)));
    if (read.kind !== 'ok') throw new Error(read.diagnostics[0]?.message ?? 'bad YAML');
    documents.push(read.document);
  }
  const none = { accounts: [], checkCron: () => undefined, loadList: () => 'there is no list' };
  const result = compileRules(documents, none);
  if (result.kind !== 'ok') throw new Error(result.diagnostics[0]?.message ?? 'bad rules');
  return result.ruleSet.files.flatMap((file) => file.rules).map(creatingAll);
}
