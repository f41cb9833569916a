/** What can go wrong, and where in a conversation it does. */
import type { Random } from '../../../src/sandbox/sample/random.ts';

/** The `nth` command (counted from 1) with this verb, or of all that are in the mailboxes. */
export interface Place {
  readonly verb: string;
  readonly nth: number;
}

/** Something that another client of the account does. */
export type WorldAct =
  | 'move'
  | 'flag'
  | 'unflag'
  | 'mark-deleted'
  | 'expunge'
  | 'deliver'
  | 'deliver-twin'
  | 'move-copy'
  | 'expunge-copy'
  | 'rename-mailbox'
  | 'delete-mailbox'
  | 'renumber-source'
  | 'renumber-destination'
  | 'restore-backup';

/** What COPYUID says that is not so. */
export type CopyUidLie = 'missing' | 'malformed' | 'other-validity' | 'short' | 'swapped' | 'huge';

/** One thing that goes wrong. */
export type Deed =
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  | { readonly kind: 'cut-inside'; readonly bytes: number }
  | { readonly kind: 'kill'; readonly when: 'before' | 'after' }
  | {
      readonly kind: 'late';
      readonly ms: number;
      readonly parts: 1 | 2;
      readonly killsClient: boolean;
    }
  | { readonly kind: 'bye'; readonly when: 'before' | 'after' }
  | { readonly kind: 'silence'; readonly when: 'before' | 'after' }
  | { readonly kind: 'no'; readonly code: string; readonly partly: boolean }
  | { readonly kind: 'throttle'; readonly when: 'before' | 'after' }
  | { readonly kind: 'pretend' }
  | { readonly kind: 'copy-for-move' }
  | { readonly kind: 'copyuid'; readonly lie: CopyUidLie }
  | { readonly kind: 'wrong-tag' }
  | { readonly kind: 'noise' }
  | { readonly kind: 'literal'; readonly off: number }
  | { readonly kind: 'invent'; readonly how: 'nil' | 'invented' }
  | { readonly kind: 'world'; readonly act: WorldAct; readonly when: 'before' | 'after' }
  | { readonly kind: 'clock'; readonly ms: number }
  | { readonly kind: 'journal'; readonly how: 'crash-before' | 'crash-after' | 'full' };

/** A deed and its place; the place of a `journal` deed counts writes of the journal. */
export interface Fault {
  readonly place: Place;
  readonly deed: Deed;
}

const MUTATING = ['UID STORE', 'UID COPY', 'UID MOVE', 'UID EXPUNGE', 'CREATE'] as const;
const CODES = [
  ...['OVERQUOTA', 'TRYCREATE', 'NOPERM', 'LIMIT', 'INUSE', 'EXPUNGEISSUED', 'SERVERBUG'],
  ...['UNAVAILABLE', 'CORRUPTION', 'ALREADYEXISTS', 'NONEXISTENT', 'CANNOT', ''],
] as const;
const ACTS: readonly [WorldAct, ...WorldAct[]] = [
  ...(['move', 'flag', 'unflag', 'mark-deleted', 'expunge', 'deliver', 'deliver-twin'] as const),
  ...(['move-copy', 'expunge-copy', 'rename-mailbox', 'delete-mailbox'] as const),
  ...(['renumber-source', 'renumber-destination', 'restore-backup'] as const),
];
const DAY_MS = 24 * 3600 * 1000;

/** One to four faults of any kind. */
export function makeFaults(random: Random): readonly Fault[] {
  const faults = several(random, () => makeDeed(random));
  // A server that moves late and at other times only copies leaves two, whatever a client does.
  const onlyCopies = faults.some(({ deed }) => deed.kind === 'copy-for-move');
  return onlyCopies ? faults.filter(({ deed }) => deed.kind !== 'late') : faults;
}

/**
 * One to four faults after which a program that goes on where it stopped has everything: the
 * connection, the process, the disk or the answer is lost, and no server refuses or lies.
 */
export function makeLosses(random: Random): readonly Fault[] {
  return several(random, () => makeLoss(random));
}

function several(random: Random, make: () => Deed): readonly Fault[] {
  return Array.from({ length: 1 + random.below(4) }, () => {
    const deed = make();
    return { deed, place: placeFor(deed, random) };
  });
}

function placeFor(deed: Deed, random: Random): Place {
  const early = 1 + random.below(3);
  switch (deed.kind) {
    case 'journal':
      return { verb: 'journal', nth: 1 + random.below(20) };
    case 'copyuid':
      return { verb: random.pick(['UID COPY', 'UID MOVE']), nth: early };
    case 'copy-for-move':
      return { verb: 'UID MOVE', nth: early };
    case 'literal':
    case 'invent':
      return { verb: 'UID FETCH', nth: 1 + random.below(10) };
    case 'no':
    case 'pretend':
    case 'throttle':
    case 'late':
      return { verb: random.pick(MUTATING), nth: early };
    default:
      return random.below(2) === 0
        ? { verb: random.pick(MUTATING), nth: early }
        : { verb: 'any', nth: 1 + random.below(60) };
  }
}

function makeLoss(random: Random): Deed {
  const when = random.pick(['before', 'after'] as const);
  const makers: readonly [() => Deed, ...(() => Deed)[]] = [
    () => ({ kind: 'cut', when }),
    () => ({ kind: 'cut', when: 'after' }),
    () => ({ kind: 'cut-inside', bytes: random.below(200) }),
    () => ({ kind: 'kill', when }),
    () => ({ kind: 'kill', when: 'after' }),
    () => ({
      kind: 'late',
      ms: random.pick([500, 4000, 20_000, 50_000]),
      parts: random.pick([1, 2]),
      killsClient: random.below(3) === 0,
    }),
    () => ({ kind: 'bye', when }),
    () => ({ kind: 'silence', when }),
    () => ({ kind: 'wrong-tag' }),
    () => ({ kind: 'noise' }),
    () => ({ kind: 'world', act: random.pick(['deliver', 'deliver-twin']), when }),
    () => ({ kind: 'clock', ms: random.pick([DAY_MS, -DAY_MS, 3650 * DAY_MS]) }),
    () => ({ kind: 'journal', how: random.pick(['crash-before', 'crash-after', 'full']) }),
  ];
  return random.pick(makers)();
}

function makeDeed(random: Random): Deed {
  const when = random.pick(['before', 'after'] as const);
  const loss = (): Deed => makeLoss(random);
  const makers: readonly [() => Deed, ...(() => Deed)[]] = [
    ...([loss, loss, loss, loss, loss, loss, loss, loss] as const),
    () => ({ kind: 'no', code: random.pick(CODES), partly: random.below(2) === 0 }),
    () => ({ kind: 'throttle', when }),
    () => ({ kind: 'pretend' }),
    () => ({ kind: 'copy-for-move' }),
    () => ({
      kind: 'copyuid',
      lie: random.pick(['missing', 'malformed', 'other-validity', 'short', 'swapped', 'huge']),
    }),
    () => ({ kind: 'literal', off: random.pick([-1, 1, 5, 2 ** 31]) }),
    () => ({ kind: 'invent', how: random.pick(['nil', 'invented']) }),
    () => ({ kind: 'world', act: random.pick(ACTS), when }),
    () => ({ kind: 'world', act: random.pick(ACTS), when }),
    () => ({ kind: 'world', act: random.pick(ACTS), when }),
  ];
  return random.pick(makers)();
}
