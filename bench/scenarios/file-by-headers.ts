/** Files INBOX by header rules, ours beside the others, for growing numbers of rules. */

import { startDovecot } from '../../test/servers/dovecot.ts';
import { headerRules } from '../corpus/rule-set.ts';
import { openStage, type Stage } from '../corpus/stage.ts';
import { lapFigures, medianOf, ratio } from '../laps.ts';
import { type Contender, type Lap, race } from '../peers/contender.ts';
import { fewestCommands, floorOf } from '../peers/floor.ts';
import { imapfilter } from '../peers/imapfilter.ts';
import { mailwright } from '../peers/mailwright.ts';
import { warmUp } from '../peers/warm-up.ts';
import type { BenchOptions, Figure, Point, Target } from './scenario.ts';

const MESSAGES = 20_000;
const SHARE = 0.5;

/** At most so many times imapfilter. */
const AGAINST_IMAPFILTER: ReadonlyMap<number, number> = new Map([
  [5, 1],
  [50, 0.8],
  [500, 0.1],
]);

/** More rules would take imapfilter minutes: it searches the mailbox once for each. */
const IMAPFILTER_RULES = 500;

/** 20,000 messages by 5, 50, 500 and 5,000 rules. */
export async function* fileByHeaders(options: BenchOptions): AsyncGenerator<Figure | Point> {
  const ours = new Map<number, number>();
  const counts = options.rules.length > 0 ? options.rules : [5, 50, 500, 5000];
  for (const count of counts) {
    const server = await startDovecot('modern');
    try {
      const rules = headerRules(count);
      const messages = Math.round(MESSAGES / options.divisor);
      options.note(`loading ${messages} messages for ${count} rules`);
      const stage = await openStage(server, { count: messages, rules, share: SHARE });
      await warmUp(stage);
      const laps = await race(stage, await contendersFor(stage, count), options);
      yield* figuresOf(`${messages} messages, ${count} rules`, laps, count);
      for (const { name, runs } of laps) {
        if (name === mailwright.name) ours.set(count, medianOf(runs));
        yield { who: name, rules: count, wallMs: medianOf(runs) };
      }
    } finally {
      await server.stop();
    }
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
    ...(count <= IMAPFILTER_RULES ? [imapfilter] : []),
    await floorOf(stage),
    fewestCommands(stage),
  ];
}

function* figuresOf(what: string, laps: readonly Lap[], count: number): Generator<Figure> {
  yield* lapFigures(what, laps, (name) => targetAgainst(name, count));
}

function targetAgainst(name: string, count: number): Omit<Target, 'measured'> | undefined {
  const bound = AGAINST_IMAPFILTER.get(count);
  if (name === imapfilter.name && bound !== undefined) {
    return { words: `at most ${bound} of imapfilter`, bound };
  }
  if (name === 'floor' && count === 50) return { words: 'at most 2.0 of the floor', bound: 2 };
  return undefined;
}
