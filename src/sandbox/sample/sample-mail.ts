/**
 * A mailbox of some two hundred messages that nobody ever received. Everything in it is made up, on
 * example domains only, and dated back from a given instant; the same instant and seed give the same
 * octets. Each shipped rule finds something in it.
 */
import { type MailboxName, parseMailboxName, type Role } from '../../mail/mailbox-name.ts';
import type { NewMessage } from '../model.ts';
import { compose, type Draft, type Occasion, OWNER } from './compose.ts';
import { BUILDS, COMMERCE } from './machines.ts';
import { LETTERS, PEOPLE } from './people.ts';
import { seededRandom } from './random.ts';
import { type Series, spread } from './series.ts';
import { LISTS, NEWSLETTERS } from './subscriptions.ts';

/** When the sample is looked at, and which of all possible samples it is. */
export interface SampleOptions {
  readonly nowMs: number;
  readonly seed: number;
}

/** A mailbox of the sample. */
export interface SampleMailbox {
  readonly name: MailboxName;
  readonly role?: Role;
  readonly messages: readonly NewMessage[];
}

/** The account as it is before anything was done. */
export function sampleMail(options: SampleOptions): readonly SampleMailbox[] {
  const random = seededRandom(options.seed);
  const occasion = occasionOf(options, 'a');
  let index = 0;
  const write = (series: readonly Series[], single: readonly Draft[] = []): NewMessage[] => {
    const drafts = [...series.flatMap((each) => spread(each, random)), ...single];
    // Mail lies in a mailbox in the order in which it came.
    return drafts
      .map((draft) => compose(draft, ++index, occasion))
      .sort((a, b) => a.internalDateMs - b.internalDateMs);
  };
  return [
    {
      name: parseMailboxName('INBOX'),
      messages: write([...PEOPLE, ...LISTS, ...NEWSLETTERS, ...COMMERCE, ...BUILDS], LETTERS),
    },
    { name: parseMailboxName('Archive'), role: 'archive', messages: write([ARCHIVED]) },
    { name: parseMailboxName('Drafts'), role: 'drafts', messages: write([DRAFTS]) },
    { name: parseMailboxName('Junk'), role: 'junk', messages: write([JUNK]) },
    { name: parseMailboxName('Sent'), role: 'sent', messages: write([SENT]) },
    { name: parseMailboxName('Trash'), role: 'trash', messages: write([TRASH]) },
  ];
}

/** Mail that comes in later, for an INBOX that has been put in order: a bit for most rules. */
export function laterMail(options: SampleOptions): readonly NewMessage[] {
  const random = seededRandom(options.seed + 1);
  const occasion = occasionOf(options, 'b');
  const fresh = [...LISTS, ...NEWSLETTERS, ...COMMERCE, ...BUILDS, ...PEOPLE].filter(
    ({ ages }) => ages[0] <= 1,
  );
  return fresh
    .flatMap((series) => spread({ ...series, count: 1, ages: [0, 0], readOfTen: 0 }, random))
    .map((draft, index) => compose(draft, index, occasion))
    .map((message) => ({ ...message, internalDateMs: options.nowMs }));
}

function occasionOf({ nowMs, seed }: SampleOptions, batch: string): Occasion {
  return { nowMs, stamp: `${batch}${nowMs.toString(36)}${seed.toString(36)}` };
}

const ARCHIVED: Series = {
  from: 'Town library <desk@library.example>',
  subjects: ['Your card was renewed', 'Thank you for the donation'],
  count: 6,
  ages: [500, 1500],
  readOfTen: 10,
};

const DRAFTS: Series = {
  from: OWNER,
  to: 'amara@friends.example',
  subjects: ['Re: That book I mentioned', 'Ideas for the summer'],
  count: 2,
  ages: [1, 9],
  readOfTen: 10,
  flags: ['\\Draft'],
};

const JUNK: Series = {
  from: 'Prince <prince@fortune.example>',
  subjects: ['You have won {n} coins', 'Dear friend', 'Re: your parcel'],
  count: 5,
  ages: [0, 20],
  readOfTen: 0,
};

const SENT: Series = {
  from: OWNER,
  to: 'amara@friends.example, mum@family.example',
  subjects: ['Re: Hiking on Saturday', 'Re: Sunday lunch?', 'Rota'],
  count: 12,
  ages: [0, 300],
  readOfTen: 10,
};

const TRASH: Series = {
  from: 'survey@opinion.example',
  subjects: ['Tell us what you think'],
  count: 3,
  ages: [1, 12],
  readOfTen: 5,
};
