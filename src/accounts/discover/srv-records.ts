/** SRV records as servers: RFC 2782 for the order, RFC 6186 and RFC 8314 for their meaning. */
import type { ServerAddress } from '../providers/provider-preset.ts';
import type { SrvRecord } from './discovery.ts';

/** One service that a domain may offer, the better one first (RFC 8314 §3: TLS from the first byte). */
export interface MailService {
  /** The label before the domain: `_imaps._tcp`. */
  readonly label: string;
  readonly tls: ServerAddress['tls'];
}

/** Where mailboxes are. */
export const IMAP_SERVICES: readonly MailService[] = [
  { label: '_imaps._tcp', tls: 'implicit' },
  { label: '_imap._tcp', tls: 'starttls' },
];

/** The way out. */
export const SUBMISSION_SERVICES: readonly MailService[] = [
  { label: '_submissions._tcp', tls: 'implicit' },
  { label: '_submission._tcp', tls: 'starttls' },
];

/**
 * The records in the order in which they should be tried: by priority, and within one by weight, at
 * random (RFC 2782). A record whose target is "." says that the service is not offered, and counts
 * for nothing (RFC 6186 §3.4); so does one whose target is no host name.
 */
export function orderSrv(
  records: readonly SrvRecord[],
  random: () => number,
): readonly SrvRecord[] {
  const usable = records
    .map((record) => ({ ...record, name: record.name.toLowerCase().replace(/\.$/, '') }))
    .filter(({ name, port }) => isHostName(name) && port > 0);
  const priorities = [...new Set(usable.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    byWeight(
      usable.filter((record) => record.priority === priority),
      random,
    ),
  );
}

/** Draws without putting back: each draw gives a record with the chance of its weight. */
function byWeight(records: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  const left = [...records].sort((a, b) => a.weight - b.weight);
  const drawn: SrvRecord[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0);
    let mark = random() * total;
    const index = left.findIndex(({ weight }) => {
      mark -= weight;
      return mark <= 0;
    });
    drawn.push(...left.splice(Math.max(0, index), 1));
  }
  return drawn;
}

/** Letters, digits and hyphens, at least two labels, no address (RFC 1123 §2.1). */
export function isHostName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name)
  );
}
