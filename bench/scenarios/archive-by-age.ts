/** Archives mail by age: the server's SEARCH is exact, and half of the mail goes. */
import { halfWayDay } from '../corpus/messages.ts';
import type { FilingRule } from '../corpus/rule-set.ts';
import { lapFigures } from '../laps.ts';
import { race } from '../peers/contender.ts';
import { fewestCommands, floorOf } from '../peers/floor.ts';
import { imapfilter } from '../peers/imapfilter.ts';
import { mailwright } from '../peers/mailwright.ts';
import { sieveFilter } from '../peers/sieve-filter.ts';
import { warmUp } from '../peers/warm-up.ts';
import { onStage } from './on-stage.ts';
import type { BenchOptions, Figure } from './scenario.ts';

const MESSAGES = 20_000;

/** 20,000 messages, the older half of them. */
export async function* archiveByAge(options: BenchOptions): AsyncGenerator<Figure> {
  const count = Math.round(MESSAGES / options.divisor);
  const rules: readonly FilingRule[] = [
    { name: 'Old', test: { kind: 'before', ...halfWayDay() }, destination: 'Archive' },
  ];
  const plan = { count, rules, share: 0.5 };
  yield* onStage(plan, options, async function* (stage) {
    await warmUp(stage);
    const others = [imapfilter, await floorOf(stage), fewestCommands(stage), sieveFilter];
    const laps = await race(stage, [mailwright, ...others], options);
    yield* lapFigures(`archive ${count} by age`, laps, (name) =>
      name === 'floor' ? { words: 'at most 1.3 of the floor', bound: 1.3 } : undefined,
    );
  });
}
