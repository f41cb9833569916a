/** UID STORE of one flag (RFC 9051 §6.4.6): +FLAGS or -FLAGS, not FLAGS, not SILENT. */
import type { Flag, FlagChange } from '../../mail/flags.ts';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { StoreEvidence } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { toOutcome, type Wire } from '../wire.ts';
import { readRow } from './fetch-row.ts';
import { uidArgument } from './uid-argument.ts';

/** Sets or clears one flag; the evidence is what the server reported back. */
export async function storeFlag(
  wire: Wire,
  uids: readonly Uid[],
  change: FlagChange,
): Promise<MailOutcome<StoreEvidence>> {
  const asked = new Set(uids);
  const flags = new Map<Uid, readonly Flag[]>();
  const answer = await wire.send({
    verb: 'UID STORE',
    args: [
      uidArgument(uids, change.flag),
      { type: 'ATOM', value: change.op === 'add' ? '+FLAGS' : '-FLAGS' },
      [{ type: 'ATOM', value: change.flag }],
    ],
    listen: {
      FETCH: (response) => {
        const row = readRow(response);
        if (row.uid === undefined || row.flags === undefined || !asked.has(row.uid)) return;
        flags.set(row.uid, row.flags);
      },
    },
  });
  return toOutcome(answer, () => ({ flags }));
}
