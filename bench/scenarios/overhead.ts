/** What journal and queue cost: the same run without them, with the embedded ones, and with Redis. */
import { fileURLToPath } from 'node:url';
import { type RedisServer, startRedis } from '../../test/servers/redis.ts';
import { headerRules } from '../corpus/rule-set.ts';
import { medianOf, runsText } from '../laps.ts';
import { measure } from '../measure.ts';
import { type Contender, type Lap, race } from '../peers/contender.ts';
import { configure, settingOf } from '../peers/mailwright.ts';
import { warmUp } from '../peers/warm-up.ts';
import { onStage } from './on-stage.ts';
import type { BenchOptions, Figure } from './scenario.ts';

const MESSAGES = 20_000;
const PROGRAM = fileURLToPath(new URL('../peers/overhead-program.js', import.meta.url));

/**
 * 20,000 messages by 50 rules. The journal in Redis has begun: the very first start on an empty Redis
 * waits for processes that may know more, once in the life of an installation.
 */
export async function* overhead(options: BenchOptions): AsyncGenerator<Figure> {
  const count = Math.round(MESSAGES / options.divisor);
  const redis = await startRedis();
  const laps: Lap[] = [];
  try {
    const plan = { count, rules: headerRules(50), share: 0.5 };
    const racing = onStage(plan, options, async function* (stage) {
      await warmUp(stage);
      const contenders = [memoryOf('alone'), memoryOf('embedded'), memoryOf('redis', redis)];
      yield* await race(stage, contenders, options);
    });
    for await (const lap of racing) laps.push(lap);
  } finally {
    await redis.stop();
  }
  const [alone, ...kept] = laps;
  const aloneMs = alone === undefined ? Number.NaN : medianOf(alone.runs);
  yield { what: `${count} messages, 50 rules: act alone`, value: runsText(alone?.runs ?? []) };
  for (const [index, { name, runs }] of kept.entries()) {
    const share = 1 - aloneMs / medianOf(runs);
    const bound = index === 0 ? 0.15 : 0.3;
    const percent = `${(share * 100).toFixed(0)} %`;
    yield {
      what: `${count} messages, 50 rules: ${name}`,
      value: `${runsText(runs)}; journal and queue are ${percent}`,
      target: { words: `at most ${bound * 100} % of the run`, measured: share, bound },
    };
  }
}

function memoryOf(kind: 'alone' | 'embedded' | 'redis', redis?: RedisServer): Contender {
  return {
    name: kind,
    prepare: async ({ server, user, plan }, directory) => {
      const more = redis === undefined ? '' : `backend: { redis: "${redis.url}" }`;
      const setting = { ...settingOf(server), user, rules: plan.rules, more };
      const command = configure(directory, setting)();
      const options = command.args.slice(0, -1);
      if (redis !== undefined) {
        await redis.empty();
        await measure({ ...command, args: [...options, PROGRAM, 'begin'] });
      }
      return { ...command, args: [...options, PROGRAM, kind] };
    },
  };
}
