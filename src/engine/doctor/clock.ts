/**
 * The server's clock against this machine's, as far as reading tells: IMAP has no command for the time.
 * Mail that arrived later than now shows that one of the two is wrong. `--probe` measures it.
 */
import type { Clock } from '../../core/clock.ts';
import type { MailSession } from '../../mail/mail-session.ts';
import { parseMailboxName } from '../../mail/mailbox-name.ts';
import { type Finding, well } from './finding.ts';

const SKEW_MS = 60_000;

/** Looks at the newest message of INBOX. */
export async function clockFindings(
  { clock }: { readonly clock: Clock },
  session: MailSession,
): Promise<readonly Finding[]> {
  const reader = await session.examine(parseMailboxName('INBOX'));
  const { exists } = reader.info;
  const rows = exists === 0 ? [] : await reader.fetchBySequence(String(exists), { basic: true });
  await reader.leave();
  const newestMs = rows[0]?.basic?.internalDateMs;
  const aheadMs = newestMs === undefined ? 0 : newestMs - clock.nowMs();
  if (aheadMs <= SKEW_MS) {
    return [well('clock', 'no mail is dated in the future; --probe measures the difference')];
  }
  const text = `the newest mail of INBOX arrived ${Math.round(aheadMs / 1000)} s from now, by the server's clock: this one or that one is wrong, and age: and wait: are off by as much`;
  return [{ topic: 'clock', severity: 'warning', text }];
}
