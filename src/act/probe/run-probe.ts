/**
 * A probe: what a server says it can is tried out in two mailboxes of our own, with messages of our
 * own, and everything is removed at the end. Whatever happens, nothing else is touched: the session's
 * write gate lets changes through to scratch mailboxes alone.
 */
import { randomBytes } from 'node:crypto';
import { isAppError } from '../../core/app-error.ts';
import { countOf } from '../../core/count.ts';
import { intend, type ProbeBench, refusalOf } from './bench.ts';
import { removeLeftovers, removeScratchOf } from './remove-scratch.ts';
import { postLetters, tryAppend, tryClock } from './try-append.ts';
import { tryCopy, tryMove } from './try-copy.ts';
import { tryExamine, tryExpunge, tryFlags } from './try-store.ts';
import { note, type ProbeFact } from './verdict.ts';

/**
 * Tries the server out. Throws the signal's reason between two trials, with everything removed, and
 * CONNECTION_LOST, with the step left open in the journal for whoever comes by next.
 */
export async function runProbe(
  bench: ProbeBench,
  signal: AbortSignal,
): Promise<readonly ProbeFact[]> {
  const facts: ProbeFact[] = (await removeLeftovers(bench)).map((text) => note('leftovers', text));
  try {
    for await (const found of trials(bench)) {
      facts.push(...found);
      signal.throwIfAborted();
    }
  } catch (error) {
    if (!isAppError(error, 'CONNECTION_LOST')) await clearAway(bench);
    throw error;
  }
  const stays = await clearAway(bench);
  return [
    ...facts,
    ...stays.map((text): ProbeFact => ({ name: 'removal', severity: 'warning', text })),
    ...(stays.length > 0 ? [] : [note('removal', 'everything that the probe made is gone')]),
  ];
}

async function clearAway(bench: ProbeBench): Promise<readonly string[]> {
  const stays = await removeScratchOf(bench);
  await bench.journal.settleStep(bench.step.id, []);
  return stays;
}

async function* trials(bench: ProbeBench): AsyncGenerator<readonly ProbeFact[]> {
  const { mailbox, twin } = bench.step;
  for (const name of [mailbox, twin]) {
    await intend(bench, 'create');
    const refusal = refusalOf(bench, 'CREATE', await bench.session.create(name));
    const isThere = (await bench.session.list()).some((each) => each.name === name);
    if (!isThere) {
      const text = `${refusal ?? 'CREATE made nothing'}: nothing can be tried out, and rules with create: true would park their messages`;
      yield [{ name: 'create', severity: 'warning', text }];
      return;
    }
  }
  const token = randomBytes(8).toString('hex');
  const post = await postLetters(bench, token);
  if (post.kind === 'refused') {
    const text = `${post.refusal}: nothing more can be tried out, and nothing can be moved here from another account`;
    yield [{ name: 'append', severity: 'warning', text }];
    return;
  }
  const { length } = post.letters;
  yield [note('append', `${countOf(length, 'test message')} in ${mailbox}`)];
  yield await tryAppend(bench, post);
  yield await tryClock(bench, post);
  yield await tryFlags(bench);
  yield await tryCopy(bench);
  yield await tryMove(bench);
  yield await tryExpunge(bench);
  yield await tryExamine(bench);
}
