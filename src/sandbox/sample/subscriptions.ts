/** Mail that was subscribed to: discussion lists, newsletters, offers. */
import type { Series } from './series.ts';

/** Discussion lists, one mailbox each for the rules. */
export const LISTS: readonly Series[] = [
  list('bees', 'Beekeepers of the valley', {
    subjects: ['[bees] Varroa count in June', 'Re: [bees] Varroa count in June', '[bees] Swarm!'],
    count: 11,
    ages: [0, 70],
    readOfTen: 3,
  }),
  list('typography', 'Typography', {
    subjects: ['[type] Which serif for small sizes?', 'Re: [type] Which serif for small sizes?'],
    count: 9,
    ages: [1, 60],
    readOfTen: 4,
  }),
  list('observatory', 'Observatory rota', {
    subjects: ['[obs] Clear sky tonight', '[obs] Dome repaired', 'Re: [obs] Eyepiece missing'],
    count: 8,
    ages: [0, 85],
    readOfTen: 5,
  }),
  list('allotments', 'Allotments', {
    subjects: ['[plots] Water is off on Monday', '[plots] Seed swap'],
    count: 5,
    ages: [5, 40],
    readOfTen: 2,
  }),
  list('bees', 'Beekeepers of the valley', {
    subjects: ['[bees] Winter feeding', 'Re: [bees] Winter feeding'],
    count: 8,
    ages: [150, 900],
    readOfTen: 10,
  }),
];

/** Newsletters and offers. */
export const NEWSLETTERS: readonly Series[] = [
  newsletter('The Weekly Loaf', 'news@loaf.example', {
    subjects: ['Rye, slowly', 'Twelve hours of dough', 'Baking with steam'],
    count: 6,
    ages: [0, 42],
    readOfTen: 4,
  }),
  newsletter('Small Maps', 'editor@maps.example', {
    subjects: ['Islands that were never there', 'Contour lines'],
    count: 4,
    ages: [3, 80],
    readOfTen: 5,
  }),
  newsletter('Röster & Bohne', 'post@coffee.example', {
    subjects: ['Neue Ernte aus Äthiopien', 'Mahlgrad für den Filter'],
    encoding: 'quoted',
    count: 4,
    ages: [6, 66],
    readOfTen: 2,
  }),
  newsletter('Night Train Times', 'hello@trains.example', {
    subjects: ['Sleepers to the sea', 'New carriages, old lines'],
    count: 3,
    ages: [2, 50],
    readOfTen: 6,
  }),
  {
    from: 'updates@museum.example',
    subjects: ['This month at the museum', 'Late opening'],
    headers: ['List-Unsubscribe: <https://museum.example/unsubscribe>'],
    count: 3,
    ages: [4, 64],
    readOfTen: 3,
  },
  {
    from: 'Daily Deals <offers@mail.deals.example>',
    subjects: ['Only today: -{n} points', 'Your voucher is waiting', 'LAST CHANCE'],
    headers: ['List-Unsubscribe: <https://deals.example/u>'],
    count: 9,
    ages: [0, 30],
    readOfTen: 0,
  },
  newsletter('The Weekly Loaf', 'news@loaf.example', {
    subjects: ['A year of bread'],
    count: 5,
    ages: [100, 500],
    readOfTen: 10,
  }),
];

type Issue = Omit<Series, 'from' | 'headers'>;

function list(id: string, name: string, series: Issue): Series {
  return {
    ...series,
    from: `"A member of ${name}" <member@${id}.example>`,
    to: `${id}@lists.example.org`,
    headers: [
      `List-Id: ${name} <${id}.lists.example.org>`,
      `List-Post: <mailto:${id}@lists.example.org>`,
      `List-Unsubscribe: <https://lists.example.org/${id}/leave>`,
    ],
  };
}

function newsletter(name: string, from: string, series: Issue): Series {
  const domain = from.slice(from.indexOf('@') + 1);
  return {
    ...series,
    from: `${encodedName(name)} <${from}>`,
    headers: [
      `List-Id: ${encodedName(name)} <newsletter.${domain}>`,
      `List-Unsubscribe: <https://${domain}/unsubscribe>`,
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ],
  };
}

function encodedName(name: string): string {
  if (/^[\u0020-\u007e]*$/.test(name)) return name;
  return `=?UTF-8?B?${Buffer.from(name, 'utf8').toString('base64')}?=`;
}
