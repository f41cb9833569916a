/** A scenario's server and mail, ended whatever happens. */
import { startDovecot } from '../../test/servers/dovecot.ts';
import type { CorpusPlan } from '../corpus/messages.ts';
import { openStage, type Stage } from '../corpus/stage.ts';
import type { BenchOptions } from './scenario.ts';

/** Starts Dovecot, loads the mail, works, and ends the server. */
export async function* onStage<T>(
  plan: CorpusPlan,
  { note }: BenchOptions,
  work: (stage: Stage) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const server = await startDovecot('modern');
  try {
    note(`loading ${plan.count} messages for ${plan.rules.length} rules`);
    yield* work(await openStage(server, plan));
  } finally {
    await server.stop();
  }
}
