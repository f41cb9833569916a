/**
 * Where messages are now: under the number that the journal knows, or found by what they are, after
 * the server numbered the mailbox anew or an undo brought them back under new numbers (safety.md §4).
 */
import { flagKey } from '../mail/flags.ts';
import type { ReadableMailbox } from '../mail/mail-session.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { PlannedMessage } from '../plan/plan.ts';
import { type Facts, readFacts } from './verify.ts';

/** Messages as they were known, and the UIDVALIDITY of that time. */
export interface Wanted {
  readonly uidValidity: number;
  readonly messages: readonly PlannedMessage[];
}

/**
 * Gives the UID of each message that is there, by its old UID. A message that cannot be told from
 * others of the same content is not found.
 */
export async function findStanding(
  reader: ReadableMailbox,
  wanted: Wanted,
): Promise<ReadonlyMap<Uid, Uid>> {
  const found = new Map<Uid, Uid>();
  if (reader.info.uidValidity === wanted.uidValidity) {
    const uids = wanted.messages.map(({ uid }) => uid);
    const facts = await readFacts(reader, uids, { identity: true });
    for (const { uid, identity } of wanted.messages) {
      if (facts.get(uid)?.identity === identity) found.set(uid, uid);
    }
  }
  const missing = wanted.messages.filter(({ uid }) => !found.has(uid));
  if (missing.length === 0) return found;
  const candidates = await readCandidates(reader, missing, new Set(found.values()));
  for (const [key, group] of groupBy(missing, contentOf)) {
    const equals = candidates.get(key) ?? [];
    const alike = equals.filter(([, fact]) => flagText(fact) === flagText(group[0]));
    const chosen = [equals, alike].find(({ length }) => length === group.length) ?? [];
    group.forEach(({ uid }, index) => {
      const now = chosen[index]?.[0];
      if (now !== undefined) found.set(uid, now);
    });
  }
  return found;
}

type Candidate = readonly [Uid, Facts];

/** Messages of the sizes and dates that are wanted, by content, in UID order. */
async function readCandidates(
  reader: ReadableMailbox,
  wanted: readonly PlannedMessage[],
  taken: ReadonlySet<Uid>,
): Promise<ReadonlyMap<string, readonly Candidate[]>> {
  const sizes = wanted.map(({ basic }) => basic.sizeBytes);
  const inRange = await reader.search({
    kind: 'and',
    of: [
      { kind: 'larger', bytes: Math.max(0, Math.min(...sizes) - 1) },
      { kind: 'smaller', bytes: Math.max(...sizes) + 1 },
    ],
  });
  const free = inRange.filter((uid) => !taken.has(uid));
  const shapes = new Set(wanted.map(shapeOf));
  const basics = await readFacts(reader, free, { identity: false });
  const likely = free.filter((uid) => {
    const fact = basics.get(uid);
    return fact !== undefined && shapes.has(shapeOf(fact));
  });
  const facts = await readFacts(reader, likely, { identity: true });
  return groupBy(
    [...facts].sort(([a], [b]) => a - b),
    ([, fact]) => contentOf(fact),
  );
}

function shapeOf({ basic }: Pick<Facts, 'basic'>): string {
  return `${basic.sizeBytes} ${basic.internalDateMs}`;
}

function contentOf({ identity, basic }: Pick<Facts, 'identity' | 'basic'>): string {
  return `${identity ?? ''} ${basic.internalDateMs}`;
}

function flagText(fact: Pick<Facts, 'basic'> | undefined): string {
  const keys = new Set(fact?.basic.flags.map(flagKey));
  keys.delete('\\recent');
  return [...keys].sort().join(' ');
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
