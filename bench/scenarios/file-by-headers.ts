/** Files INBOX by header rules, ours beside the others, for growing numbers of rules. */
import { headerRules } from '../corpus/rule-set.ts';
import type { Stage } from '../corpus/stage.ts';
import { lapFigures, medianOf, ratio } from '../laps.ts';
import { type Contender, race } from '../peers/contender.ts';
import { fewestCommands, floorOf } from '../peers/floor.ts';
import { imapfilter } from '../peers/imapfilter.ts';
import { mailwright, mailwrightTrusting } from '../peers/mailwright.ts';
import { naive } from '../peers/naive.ts';
import { sieveFilter } from '../peers/sieve-filter.ts';
import { warmUp } from '../peers/warm-up.ts';
import { onStage } from './on-stage.ts';
import type { BenchOptions, Figure, Point, Target } from './scenario.ts';

const MESSAGES = 20_000;
/** Half of the mail is for some rule. */
const SHARE = 0.5;
const COUNTS = [5, 50, 500, 5000];

/** At most so many times imapfilter. */
const AGAINST_IMAPFILTER: ReadonlyMap<number, number> = new Map([
  [5, 1],
  [50, 0.8],
  [500, 0.1],
]);

/** With more rules imapfilter takes minutes: it searches the mailbox once for each. */
const IMAPFILTER_RULES = 500;
/** Up to so many rules a search may be made for all of them at once. */
const SEARCHED_RULES = 20;
/** The number of rules with which the slow ones run, for the picture. */
const PICTURE_RULES = 50;

/** 20,000 messages by 5, 50, 500 and 5,000 rules. */
export async function* fileByHeaders(options: BenchOptions): AsyncGenerator<Figure | Point> {
  const ours = new Map<number, number>();
  for (const count of options.rules.length > 0 ? options.rules : COUNTS) {
    const messages = Math.round(MESSAGES / options.divisor);
    const plan = { count: messages, rules: headerRules(count), share: SHARE };
    const laps = onStage(plan, options, async function* (stage) {
      await warmUp(stage);
      yield* await race(stage, await contendersFor(stage, count), options);
    });
    const finished = [];
    for await (const lap of laps) finished.push(lap);
    const what = `${messages} messages, ${count} rules`;
    yield* lapFigures(what, finished, (name) => targetAgainst(name, count));
    for (const { name, runs } of finished) {
      if (name === mailwright.name) ours.set(count, medianOf(runs));
      yield { who: name, rules: count, wallMs: medianOf(runs) };
    }
    if (count > IMAPFILTER_RULES) yield skipped(what);
  }
  if (!ours.has(50) || !ours.has(5000)) return;
  const growth = (ours.get(5000) ?? Number.NaN) / (ours.get(50) ?? Number.NaN);
  yield {
    what: 'mailwright: 5,000 rules against 50',
    value: ratio(growth),
    target: { words: 'at most 1.3 times', measured: growth, bound: 1.3 },
  };
}

async function contendersFor(stage: Stage, count: number): Promise<readonly Contender[]> {
  return [
    mailwright,
    ...(count <= SEARCHED_RULES ? [mailwrightTrusting] : []),
    ...(count <= IMAPFILTER_RULES ? [imapfilter] : []),
    await floorOf(stage),
    fewestCommands(stage),
    ...(count === PICTURE_RULES ? [sieveFilter, naive] : []),
  ];
}

function skipped(what: string): Figure {
  return { what: `${what}: ${imapfilter.name}`, value: 'left out: it would take minutes' };
}

function targetAgainst(name: string, count: number): Omit<Target, 'measured'> | undefined {
  const bound = AGAINST_IMAPFILTER.get(count);
  if (name === imapfilter.name && bound !== undefined) {
    return { words: `at most ${bound} of imapfilter`, bound };
  }
  if (name === 'floor' && count === 50) return { words: 'at most 2.0 of the floor', bound: 2 };
  return undefined;
}
