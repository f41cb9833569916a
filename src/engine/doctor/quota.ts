/** How full the account is (RFC 9208). */
import { renderBytes } from '../../core/bytes.ts';
import type { MailSession } from '../../mail/mail-session.ts';
import { parseMailboxName } from '../../mail/mailbox-name.ts';
import type { QuotaResource } from '../../mail/server-facts.ts';
import { type Finding, well } from './finding.ts';

const WARN_PERCENT = 90;

/** What INBOX may hold, and holds; nothing where the server does not tell. */
export async function quotaFindings(session: MailSession): Promise<readonly Finding[]> {
  const resources = await session.quota(parseMailboxName('INBOX'));
  if (resources === null) return [];
  if (resources.length === 0) return [well('quota', 'no limit')];
  return resources.map(findingOf);
}

function findingOf({ resource, used, limit }: QuotaResource): Finding {
  const percent = limit === 0 ? 100 : Math.round((used / limit) * 100);
  const amount = (count: number): string =>
    resource === 'STORAGE' ? renderBytes(count * 1024) : String(count);
  const text = `${resource.toLowerCase()}: ${amount(used)} of ${amount(limit)} used (${percent} %)`;
  if (percent <= WARN_PERCENT) return well('quota', text);
  const cost =
    'a full account refuses copies and new mailboxes; what rules would copy or move is parked';
  return { topic: 'quota', severity: 'warning', text: `${text}: ${cost}` };
}
