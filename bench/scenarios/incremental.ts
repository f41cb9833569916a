/** 100 new messages in a large mailbox and in a small one: nothing may scan what was there before. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlainImap } from '../../test/oracle/plain-imap.ts';
import { headerRules } from '../corpus/rule-set.ts';
import type { Stage } from '../corpus/stage.ts';
import { medianOf, ratio, runsText } from '../laps.ts';
import { type Measured, measure } from '../measure.ts';
import { type Contender, type Lap, race } from '../peers/contender.ts';
import { imapfilterOnRecent } from '../peers/imapfilter.ts';
import { configure, settingOf } from '../peers/mailwright.ts';
import { onStage } from './on-stage.ts';
import type { BenchOptions, Figure } from './scenario.ts';

const [LARGE, SMALL] = [200_000, 1000];
const NEW = 100;
const SHARE = 0.8;
/** Numbers of the new mail begin here. */
const NEW_ID = 1_000_000;

/** 100 new among 200,000, and among 1,000; and a plan over all of the 200,000. */
export async function* incremental(options: BenchOptions): AsyncGenerator<Figure> {
  const small = await among(SMALL, options);
  const count = Math.round(LARGE / options.divisor);
  let planned: Measured | undefined;
  const large = await among(count, options, async (stage) => {
    options.note(`planning over ${count} messages`);
    planned = await planHalf(stage);
  });
  for (const { name, value } of [...small, ...large]) yield { what: name, value };
  const growth = (large[0]?.wallMs ?? Number.NaN) / (small[0]?.wallMs ?? Number.NaN);
  yield {
    what: 'mailwright: the large mailbox against the small one',
    value: ratio(growth),
    target: { words: 'at most 3 times', measured: growth, bound: 3 },
  };
  if (planned === undefined) return;
  yield {
    what: `mailwright plan over ${count} messages, half of them to be moved`,
    value: runsText([planned]),
    target: {
      words: 'at most 250 MB',
      measured: planned.peakRssBytes / 1e6,
      bound: 250,
    },
  };
}

/** Domains of whom the mail without a rule comes; half of them are asked for. */
const DOMAINS = 200;

/** A plan by rules under which half of the mail is to be moved. */
async function planHalf({ server, user }: Stage): Promise<Measured> {
  const rules = Array.from({ length: DOMAINS }, (_, index) => ({
    name: `Company ${index}`,
    test: { kind: 'domain', domain: `company-${index}.example` } as const,
    destination: `Filed/${String(index % 25).padStart(2, '0')}`,
  }));
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
  try {
    return await measure(configure(directory, { ...settingOf(server), user, rules })('plan'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function among(
  count: number,
  options: BenchOptions,
  whole?: (stage: Stage) => Promise<void>,
): Promise<readonly { name: string; value: string; wallMs: number }[]> {
  // None of the old mail is for a rule: it was filed long ago.
  const plan = { count, rules: headerRules(50), share: 0 };
  const laps: Lap[] = [];
  const state = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
  const racing = onStage(plan, options, async function* (stage) {
    await whole?.(stage);
    await setBookmark(stage, state);
    await stage.deliver({ ...plan, count: NEW, share: SHARE, firstId: NEW_ID });
    await stage.untilQuiet();
    stage.keep();
    yield* await race(stage, [onlyNew(state), imapfilterOnRecent], options);
  });
  try {
    for await (const lap of racing) laps.push(lap);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
  return laps.map(({ name, runs }) => ({
    name: `${NEW} new among ${count}: ${name}`,
    value: runsText(runs),
    wallMs: medianOf(runs),
  }));
}

/** A first run, which finds nothing to do; and a client that takes \Recent from all that is there. */
async function setBookmark(
  { server, user, plan, untilQuiet }: Stage,
  state: string,
): Promise<void> {
  const setting = { ...settingOf(server), user, rules: plan.rules };
  await measure(configure(state, setting)('run', '--new', '--yes'));
  const client = await openPlainImap({ ...settingOf(server), user });
  await client.command('SELECT INBOX');
  await client.close();
  await untilQuiet();
}

/** `mailwright run --new --yes` with the journal of the first run. */
function onlyNew(state: string): Contender {
  return {
    name: 'mailwright run --new',
    prepare: ({ server, user, plan }, directory) => {
      cpSync(state, directory, { recursive: true });
      const setting = { ...settingOf(server), user, rules: plan.rules };
      return configure(directory, setting)('run', '--new', '--yes');
    },
  };
}
