/** The verdict: what stands in the mailboxes against what the reference says must stand there. */
import type { CaseMail, FaultCase } from './case.ts';
import type { Fault } from './fault.ts';
import { intendedFor, lineOf, type Standing, untouched } from './intended.ts';
import { boxesOf, idOf, type World } from './world.ts';

/** What is judged. */
export interface Judged {
  readonly setting: FaultCase;
  readonly world: World;
}

/** How often the program asks before it leaves a marked message to a person. */
const EXPUNGE_ATTEMPTS = 2;
const DELETED = '\\Deleted';

/** Everything that is not as it must be, in words. */
export function judge({ setting, world }: Judged, state: 'done' | 'undone'): readonly string[] {
  const mails = [...setting.mails, ...world.delivered];
  const wanted = state === 'done' ? intendedFor(mails, setting.rules) : untouched(mails);
  const found = standings(world);
  return [
    ...lost(mails, { found, world }),
    ...doubled({ most: mostFor(mails, setting), found, world, state }),
    ...different({ wanted, found, world, state, setting }),
  ].map((text) => `${state}: ${text}`);
}

function standings({ store }: World): readonly Standing[] {
  return boxesOf(store).flatMap(([mailbox, box]) =>
    box.messages.map((message) => ({
      mailbox,
      id: idOf(message),
      flags: message.flags.filter((flag) => flag !== '\\Recent').sort(),
      internalDateMs: message.internalDateMs,
    })),
  );
}

/** No mail has fewer messages than came, but for what somebody else removed. */
function lost(
  mails: readonly CaseMail[],
  { found, world }: { found: readonly Standing[]; world: World },
): readonly string[] {
  const came = tally(mails.map(({ id }) => id));
  const there = tally(found.map(({ id }) => id));
  return [...came].flatMap(([id, number]) => {
    const least = number - (world.removed.get(id) ?? 0);
    const stands = there.get(id) ?? 0;
    return stands < least ? [`LOST: ${id} came ${number} times and stands ${stands} times`] : [];
  });
}

interface Comparison {
  readonly wanted: readonly Standing[];
  readonly found: readonly Standing[];
  readonly world: World;
  readonly state: 'done' | 'undone';
}

/** Somebody may take \Deleted off a mail, and the rules then mean it, too. */
function mostFor(mails: readonly CaseMail[], { rules }: FaultCase): ReadonlyMap<string, number> {
  const revived = mails.map((mail) => ({
    ...mail,
    flags: mail.flags.filter((flag) => flag !== DELETED),
  }));
  return tally(intendedFor(revived, rules).map(({ id }) => id));
}

/** Even of a mail that others laid hands on there are no more than the rules make and those acts. */
function doubled({
  most,
  found,
  world,
  state,
}: Omit<Comparison, 'wanted'> & { most: ReadonlyMap<string, number> }): readonly string[] {
  if (state === 'undone') return [];
  const standing = found.filter(({ flags }) => !flags.includes(DELETED));
  const there = tally(standing.map(({ id }) => id));
  return [...there].flatMap(([id, number]) => {
    const allowed = (most.get(id) ?? 0) + (world.touched.get(id) ?? 0);
    return number > allowed ? [`DOUBLED: ${id} stands ${number} times, not ${allowed}`] : [];
  });
}

/** Mail that nobody else touched is exactly where the reference says. */
function different({
  wanted,
  found,
  world,
  state,
  setting,
}: Comparison & { setting: FaultCase }): readonly string[] {
  const isOurs = ({ id }: Standing): boolean => !world.touched.has(id);
  // What a command did cannot be told, and so not be taken back, when the messages that it named got
  // other numbers in that moment; that nothing is lost holds all the same.
  if (state === 'undone' && isRenumbered(setting.faults)) return [];
  const want = tally(wanted.filter(isOurs).map(lineOf));
  const remainsOf = state === 'done' ? tombstonesOf(setting, wanted) : takenBack;
  const there = tally(found.filter((each) => isOurs(each) && !remainsOf(each, want)).map(lineOf));
  const problems: string[] = [];
  for (const [line, number] of want) {
    const stands = there.get(line) ?? 0;
    if (stands < number) problems.push(`MISSING: ${line}: ${stands} of ${number}`);
  }
  for (const [line, number] of there) {
    const most = want.get(line) ?? 0;
    if (number > most) problems.push(`TOO MANY: ${line}: ${number}, not ${most}`);
  }
  return problems;
}

/**
 * Without UIDPLUS and MOVE the source of a move stays, marked \Deleted; and so it does where numbers
 * lost their meaning in the middle of a removal.
 */
function tombstonesOf(
  { server, faults }: FaultCase,
  wanted: readonly Standing[],
): (each: Standing) => boolean {
  const canRemove =
    (server.capabilities.move || server.capabilities.uidplus) &&
    !isRenumbered(faults) &&
    !keepsMarked(faults);
  const stays = new Set(
    wanted.filter(({ mailbox }) => mailbox === 'INBOX').map((each) => mailText(each)),
  );
  return (each) =>
    !canRemove &&
    each.mailbox === 'INBOX' &&
    each.flags.includes(DELETED) &&
    !stays.has(mailText(each));
}

/** The server refuses every UID EXPUNGE that a step sends: the message is parked as it is. */
function keepsMarked(faults: readonly Fault[]): boolean {
  const kept = faults.filter(
    ({ deed, place }) =>
      place.verb === 'UID EXPUNGE' && (deed.kind === 'no' || deed.kind === 'pretend'),
  );
  return kept.length >= EXPUNGE_ATTEMPTS;
}

function isRenumbered(faults: readonly Fault[]): boolean {
  return faults.some(({ deed }) => deed.kind === 'world' && deed.act.startsWith('renumber'));
}

/** A twin that came later is another mail. */
function mailText({ id, internalDateMs }: Standing): string {
  return `${id} ${internalDateMs}`;
}

/** Copies that were taken back lie in the trash, or are marked where they lie. */
function takenBack(each: Standing, wanted: ReadonlyMap<string, number>): boolean {
  if (each.mailbox === 'Trash') return true;
  return each.flags.includes(DELETED) && !wanted.has(lineOf(each));
}

function tally(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
