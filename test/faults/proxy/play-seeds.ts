/** Many cases on one real Dovecot, several at a time. */
import { startDovecot } from '../../servers/dovecot.ts';
import type { Profile } from '../../servers/dovecot-config.ts';
import type { CaseResult } from '../model/stage.ts';
import { makeDovecotCase, playOnDovecot } from './play-on-dovecot.ts';

/** Cases at the same time: they wait for the server and for pauses more than they compute. */
const AT_ONCE = 8;

/** Plays `seeds` cases from `first` on; each result is given as it comes. */
export async function playSeedsOnDovecot(
  profile: Profile,
  range: { readonly first: number; readonly seeds: number },
  onResult: (result: CaseResult) => void,
): Promise<void> {
  const server = await startDovecot(profile);
  try {
    let next = range.first;
    const end = range.first + range.seeds;
    const work = async (): Promise<void> => {
      while (next < end) {
        const seed = next;
        next += 1;
        onResult(await playOnDovecot(server, makeDovecotCase(seed, profile)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await server.stop();
  }
}
