/** Mail that machines write: shops, build servers, billing. */
import type { Series } from './series.ts';

/** Orders, invoices and parcels. */
export const COMMERCE: readonly Series[] = [
  {
    from: 'Corner Shop <orders@shop.example>',
    subjects: ['Your order {n}', 'Receipt for your order {n}'],
    count: 5,
    ages: [1, 75],
    readOfTen: 6,
  },
  {
    from: 'Corner Shop <parcels@mail.shop.example>',
    subjects: [
      'Parcel {n} has shipped',
      'Parcel {n} is out for delivery',
      'Parcel {n} was delivered',
    ],
    count: 6,
    ages: [0, 25],
    readOfTen: 5,
  },
  {
    from: 'Buchhandlung <service@books.example>',
    subjects: ['Rechnung für Bestellung {n}', 'Quittung {n}: danke schön'],
    encoding: 'latin1',
    count: 4,
    ages: [5, 80],
    readOfTen: 3,
  },
  {
    from: 'tickets@tickets.example',
    subjects: ['Payment received, ticket {n}', 'Order confirmation {n}'],
    count: 3,
    ages: [10, 420],
    readOfTen: 0,
  },
  {
    from: 'Corner Shop <hello@shop.example>',
    subjects: ['How did you like the tea?'],
    headers: ['List-Unsubscribe: <https://shop.example/u>'],
    count: 2,
    ages: [8, 33],
    readOfTen: 0,
  },
  {
    from: 'billing@hosting.example',
    subjects: ['Invoice {n}'],
    count: 2,
    ages: [12, 42],
    readOfTen: 5,
  },
  {
    from: 'Electric Co-op <noreply@power.example>',
    subjects: ['Payment reminder'],
    count: 1,
    ages: [15, 15],
    readOfTen: 0,
  },
  {
    from: 'Corner Shop <orders@shop.example>',
    subjects: ['Receipt for your order {n}', 'Your order {n}'],
    count: 14,
    ages: [100, 1400],
    readOfTen: 10,
  },
];

/** Build servers. */
export const BUILDS: readonly Series[] = [
  {
    from: 'Build farm <builds@ci.example>',
    subjects: ['main #{n} failed', 'main #{n} is still failing', 'nightly #{n} broken'],
    count: 6,
    ages: [0, 20],
    readOfTen: 2,
  },
  {
    from: 'Build farm <builds@eu.ci.example>',
    subjects: ['main #{n} passed', 'main #{n} is fixed', 'Deployed #{n} to staging'],
    count: 14,
    ages: [0, 45],
    readOfTen: 1,
  },
  {
    from: 'Ines Okafor <notifications@github.example>',
    subjects: ['[team/site] Shorten the landing page (#{n})'],
    headers: ['X-GitHub-Reason: review_requested'],
    count: 2,
    ages: [1, 6],
    readOfTen: 0,
  },
  {
    from: 'Jonas <gitlab@gitlab.example>',
    subjects: ['Jonas requested your review on !{n}'],
    count: 2,
    ages: [2, 4],
    readOfTen: 0,
  },
  {
    from: 'gitlab@gitlab.example',
    subjects: ['Pipeline #{n} succeeded', 'Merged: !{n}'],
    count: 5,
    ages: [3, 30],
    readOfTen: 3,
  },
  {
    from: 'notifications@github.example',
    subjects: ['[team/site] Release {n}'],
    count: 4,
    ages: [130, 600],
    readOfTen: 10,
  },
];
