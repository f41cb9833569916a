/** UID STORE of one flag: +FLAGS or -FLAGS, never FLAGS (RFC 9051 §6.4.6, safety.md §8). */
import type { Flag, FlagChange } from '../../mail/flags.ts';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { StoreEvidence } from '../../mail/mail-session.ts';
import { renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { atom, type CommandContext, sequence } from '../command-context.ts';
import { readNumber, readText, readTexts } from '../response.ts';

/** Sets or clears a flag; the evidence is what the server says the flags are now. */
export async function storeFlag(
  context: CommandContext,
  uids: readonly Uid[],
  change: FlagChange,
): Promise<MailOutcome<StoreEvidence>> {
  const flags = new Map<Uid, readonly Flag[]>();
  return await context.wire.attempt(
    {
      verb: 'UID STORE',
      arguments: [
        sequence(renderUidSet(uids)),
        atom(change.op === 'add' ? '+FLAGS' : '-FLAGS'),
        [atom(change.flag)],
      ],
      untagged: {
        FETCH: ({ attributes = [] }) => {
          const list = attributes[1];
          if (!Array.isArray(list)) return;
          const at = (name: string): number =>
            list.findIndex(
              (each, index) => index % 2 === 0 && readText(each)?.toUpperCase() === name,
            );
          const uid = at('UID') < 0 ? undefined : readNumber(list[at('UID') + 1]);
          if (uid !== undefined && at('FLAGS') >= 0)
            flags.set(uid, readTexts(list[at('FLAGS') + 1]));
        },
      },
    },
    () => ({ flags }),
  );
}
