/**
 * Names of scratch mailboxes: what `check --live --probe` makes for itself, works in and removes. The
 * write gate of a probing session knows them by their form, and lets nothing through to any other.
 */
import { type MailboxName, parseMailboxName } from './mailbox-name.ts';

/** The two mailboxes of one probe. */
export interface ScratchPair {
  readonly from: MailboxName;
  /** Where copies go. */
  readonly to: MailboxName;
}

/** The level above all of them. */
export const SCRATCH_PARENT = parseMailboxName('Mailwright');

const FORM = String.raw`Probe-(\d{8}T\d{6})-[0-9a-f]{12}(?:-to)?`;
const CANONICAL = new RegExp(`^Mailwright/${FORM}$`);
/** On the wire: behind the server's prefix, which ends with its separator, and with that separator. */
const ON_THE_WIRE = new RegExp(`^(?:|.*[^A-Za-z0-9])Mailwright[^A-Za-z0-9]?${FORM}$`);

/** Names a new pair by the time, for a person who finds it, and `random`: 12 hex digits. */
export function scratchPair(nowMs: number, random: string): ScratchPair {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
  const name = `${SCRATCH_PARENT}/Probe-${stamp}-${random}`;
  return { from: parseMailboxName(name), to: parseMailboxName(`${name}-to`) };
}

/** When the probe that made this mailbox began; undefined for every other mailbox. */
export function scratchTimeMs(name: MailboxName): number | undefined {
  const stamp = CANONICAL.exec(name)?.[1];
  if (stamp === undefined) return undefined;
  const [, date = '', time = ''] = /^(\d{8})T(\d{6})$/.exec(stamp) ?? [];
  const iso = `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Tells whether a name, as it stands on the wire, is that of the level above scratch mailboxes. */
export function isScratchParentOnTheWire(serverName: string): boolean {
  return /^(?:|.*[^A-Za-z0-9])Mailwright$/.test(serverName);
}

/** Tells whether a name, as it stands on the wire, is that of a scratch mailbox. */
export function isScratchOnTheWire(serverName: string): boolean {
  return ON_THE_WIRE.test(serverName);
}
