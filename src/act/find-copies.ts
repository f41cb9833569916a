/**
 * Where the copies are: COPYUID named them, or they are searched among what arrived in the
 * destination since the baseline. A copy counts only when it was fetched and its identity matches.
 */
import type { Intent } from '../journal/journal.ts';
import { hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import type { CopyUid, ReadableMailbox } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { PlannedMessage } from '../plan/plan.ts';
import type { PlanRun } from './context.ts';
import { hasLabels } from './label-store.ts';
import { type Facts, readFacts } from './verify.ts';

/** STATUS of a destination before anything is sent there. */
export type Baseline = NonNullable<Intent['baseline']>;

/** A copy that was fetched and matched. */
export interface FoundCopy {
  readonly uidValidity: number;
  readonly uid: Uid;
  /** False where a doubt remains: the source is then never expunged. */
  readonly isSure: boolean;
}

/** What to look for. */
export interface CopyQuery {
  readonly destination: MailboxName;
  readonly baseline: Baseline;
  readonly sources: readonly PlannedMessage[];
  readonly copyUid: CopyUid | null;
  /** UIDs of the destination that are known to be copies of others. */
  readonly taken?: ReadonlySet<Uid>;
}

/** Reads the baseline of a destination; null when there is no such mailbox. */
export async function readBaseline(
  run: PlanRun,
  destination: MailboxName,
): Promise<Baseline | null> {
  const status = await run.context.session.status(destination);
  if (status === null) return null;
  const { uidValidity, uidNext } = status;
  if (uidNext > 0) return { uidValidity, uidNext };
  const uids = await run.desk.read(destination, (reader) => reader.search({ kind: 'all' }));
  return uids === null ? null : { uidValidity, uidNext: (uids.at(-1) ?? 0) + 1 };
}

/**
 * The baseline of a COPY or a MOVE. Where mailboxes are labels a message may lie in the destination
 * already: there everything counts, not only what is new.
 */
export async function readCopyBaseline(
  run: PlanRun,
  destination: MailboxName,
): Promise<Baseline | null> {
  const baseline = await readBaseline(run, destination);
  return baseline !== null && hasLabels(run.context.session)
    ? { ...baseline, uidNext: 1 }
    : baseline;
}

/** COPYUID when it can be believed: it speaks of this mailbox, and of new, distinct messages. */
export function credible(copyUid: CopyUid | null, baseline: Baseline): CopyUid | null {
  if (copyUid === null || copyUid.uidValidity !== baseline.uidValidity) return null;
  const uids = [...copyUid.pairs.values()];
  const isNew = uids.every((uid) => uid >= baseline.uidNext);
  return isNew && new Set(uids).size === uids.length ? copyUid : null;
}

/** Finds the copy of each source, by source UID; sources without a row have none. */
export async function findCopies(
  run: PlanRun,
  query: CopyQuery,
): Promise<ReadonlyMap<Uid, FoundCopy>> {
  if (query.sources.length === 0) return new Map();
  const found = await run.desk.read(query.destination, async (reader) => {
    const named = await takeNamed(reader, query);
    const rest = query.sources.filter(({ uid }) => !named.has(uid));
    if (rest.length === 0) return named;
    const taken = new Set(query.taken ?? []);
    for (const { uid } of named.values()) taken.add(uid);
    const searched = await search(run, reader, { ...query, sources: rest, taken });
    return new Map([...named, ...searched]);
  });
  return found ?? new Map();
}

async function takeNamed(reader: ReadableMailbox, query: CopyQuery): Promise<Map<Uid, FoundCopy>> {
  const { uidValidity } = reader.info;
  const copyUid = credible(query.copyUid, query.baseline);
  const found = new Map<Uid, FoundCopy>();
  if (copyUid === null || uidValidity !== query.baseline.uidValidity) return found;
  const facts = await readFacts(reader, [...copyUid.pairs.values()], { identity: true });
  for (const source of query.sources) {
    const uid = copyUid.pairs.get(source.uid);
    const copy = uid === undefined ? undefined : facts.get(uid);
    if (uid === undefined || copy === undefined || copy.identity !== source.identity) continue;
    found.set(source.uid, { uidValidity, uid, isSure: !isDeleted(copy) });
  }
  return found;
}

/** Messages with equal identity are dealt out in UID order, which is the order of COPY. */
async function search(
  run: PlanRun,
  reader: ReadableMailbox,
  query: CopyQuery,
): Promise<ReadonlyMap<Uid, FoundCopy>> {
  const { uidValidity } = reader.info;
  // A mailbox that was numbered anew voids the baseline: every message may then be the copy.
  const isSame = uidValidity === query.baseline.uidValidity;
  const from = isSame ? query.baseline.uidNext : 1;
  const uids = (await reader.search({ kind: 'uid-from', from })).filter(
    (uid) => uid >= from && query.taken?.has(uid) !== true,
  );
  const facts = await readFacts(reader, uids, { identity: true });
  const found = new Map<Uid, FoundCopy>();
  for (const [identity, sources] of byIdentity(query.sources)) {
    const copies = [...facts]
      .filter(([, copy]) => copy.identity === identity)
      .sort(([a], [b]) => a - b);
    const isExact = isSame && copies.length === sources.length;
    if (copies.length > sources.length) reportDouble(run, query.destination, copies.length);
    sources.forEach((source, index) => {
      const [uid, copy] = copies[index] ?? [];
      if (uid === undefined || copy === undefined) return;
      const keepsDate = copy.basic.internalDateMs === source.basic.internalDateMs;
      found.set(source.uid, { uidValidity, uid, isSure: isExact && keepsDate && !isDeleted(copy) });
    });
  }
  return found;
}

function isDeleted(copy: Facts): boolean {
  return hasFlag(copy.basic.flags, SYSTEM_FLAGS.deleted);
}

function byIdentity(sources: readonly PlannedMessage[]): ReadonlyMap<string, PlannedMessage[]> {
  const groups = new Map<string, PlannedMessage[]>();
  for (const source of [...sources].sort((a, b) => a.uid - b.uid)) {
    const group = groups.get(source.identity) ?? [];
    group.push(source);
    groups.set(source.identity, group);
  }
  return groups;
}

function reportDouble(run: PlanRun, destination: MailboxName, count: number): void {
  run.context.emit({
    kind: 'problem',
    code: 'DUPLICATE_FOUND',
    text: `${count} equal messages arrived in "${destination}" where fewer were expected`,
    hint: 'the oldest is taken as ours; nothing is deleted, look at the others yourself',
  });
}
