/** A rule on the body that concerns one sender: the text of 5 % of the mail must be read. */
import type { FilingRule } from '../corpus/rule-set.ts';
import { lapFigures } from '../laps.ts';
import { race } from '../peers/contender.ts';
import { floorOf } from '../peers/floor.ts';
import { imapfilter } from '../peers/imapfilter.ts';
import { mailwright } from '../peers/mailwright.ts';
import { sieveFilter } from '../peers/sieve-filter.ts';
import { warmUp } from '../peers/warm-up.ts';
import { onStage } from './on-stage.ts';
import type { BenchOptions, Figure } from './scenario.ts';

const MESSAGES = 20_000;
const SHARE = 0.05;

/** 20,000 messages; the sender of 5 % of them is asked for, and half of these say the words. */
export async function* bodyRule(options: BenchOptions): AsyncGenerator<Figure> {
  const count = Math.round(MESSAGES / options.divisor);
  const test = { kind: 'body', domain: 'refunds.example', text: 'refund is under way' } as const;
  const rules: readonly FilingRule[] = [{ name: 'Refunds', test, destination: 'Filed/Refunds' }];
  yield* onStage({ count, rules, share: SHARE }, options, async function* (stage) {
    await warmUp(stage);
    const others = [imapfilter, await floorOf(stage), sieveFilter];
    const laps = await race(stage, [mailwright, ...others], options);
    yield* lapFigures(`a body rule on 5 % of ${count}`, laps, () => undefined);
  });
}
