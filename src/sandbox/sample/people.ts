/** Mail that people write: family, colleagues, friends, and automatic replies in their place. */
import type { Draft } from './compose.ts';
import type { Series } from './series.ts';

/** Series of personal mail. */
export const PEOPLE: readonly Series[] = [
  {
    from: 'Mum <mum@family.example>',
    subjects: ['Sunday lunch?', 'Photos of the garden', 'Re: Your train', 'Grandma turns 90'],
    count: 5,
    ages: [0, 60],
    readOfTen: 6,
  },
  {
    from: 'Dad <dad@family.example>',
    subjects: ['The bicycle is repaired', 'Fwd: recipe for plum cake'],
    count: 3,
    ages: [2, 40],
    readOfTen: 5,
  },
  {
    from: '"Vale, Noor" <noor@cousins.example>',
    subjects: ['Wedding: save the date', 'Re: Wedding: where to stay'],
    count: 3,
    ages: [1, 30],
    readOfTen: 4,
  },
  {
    from: 'Ines Okafor <ines@team.example>',
    to: 'team@team.example',
    subjects: ['Release notes, draft {n}', 'Retro on Thursday', 'Rota for next month'],
    count: 6,
    ages: [0, 45],
    readOfTen: 7,
  },
  {
    from: 'Jonas Lindqvist <jonas@team.example>',
    to: 'Everyone <team@team.example>',
    subjects: ['Who has the projector?', 'New desk plan'],
    count: 4,
    ages: [3, 50],
    readOfTen: 8,
  },
  {
    from: 'Ines Okafor <ines@team.example>',
    subjects: ['Quick question about the plan', 'Re: your draft', 'Lunch on Friday?'],
    count: 6,
    ages: [0, 30],
    readOfTen: 5,
  },
  {
    from: 'Amara Diallo <amara@friends.example>',
    subjects: ['Hiking on Saturday', 'Re: Hiking on Saturday', 'That book I mentioned', 'Concert?'],
    count: 12,
    ages: [0, 80],
    readOfTen: 6,
  },
  {
    from: 'Teo <teo@friends.example>',
    subjects: ['Chess, move {n}'],
    count: 8,
    ages: [4, 88],
    readOfTen: 8,
  },
  {
    from: 'Amara Diallo <amara@friends.example>',
    subjects: ['Postcards', 'Re: the flat', 'Happy new year!', 'Old photos'],
    count: 18,
    ages: [95, 1300],
    readOfTen: 10,
  },
  {
    from: 'Ines Okafor <ines@team.example>',
    to: 'team@team.example',
    subjects: ['Minutes of the meeting', 'Offsite: who comes?'],
    count: 10,
    ages: [120, 800],
    readOfTen: 10,
  },
];

/** Single messages with something of their own. */
export const LETTERS: readonly Draft[] = [
  {
    from: 'Kim <kim@friends.example>',
    subject: 'Automatic reply: Hiking on Saturday',
    headers: ['Auto-Submitted: auto-replied'],
    ageDays: 3,
  },
  {
    from: 'Petra Weiß <petra@office.example>',
    subject: 'Abwesenheitsnotiz: Grüße aus dem Süden',
    encoding: 'quoted',
    ageDays: 9,
  },
  { from: 'sam@agency.example', subject: 'Out of office: back on Monday', ageDays: 12 },
  {
    from: 'Amara Diallo <amara@friends.example>',
    subject: 'All photos of the hike 📷',
    sizeBytes: 6_200_000,
    contentType: 'text/plain; charset=us-ascii',
    ageDays: 6,
    flags: ['\\Seen'],
  },
  {
    from: 'print@studio.example',
    subject: 'Proofs of your poster, full size',
    sizeBytes: 5_400_000,
    ageDays: 21,
  },
  // Charsets beyond Unicode: the words are written out, since no encoder for them is at hand.
  {
    from: 'olga@north.example',
    subject: '=?windows-1251?B?wvHy8OX34CDiIO//8u3o9vM=?=',
    ageDays: 8,
  },
  {
    from: 'aiko@studio.example',
    subject: '=?iso-2022-jp?B?GyRCTWg9NSROQkckQTlnJG8kOxsoQg==?=',
    ageDays: 11,
  },
  { from: 'li@friends.example', subject: '=?gb18030?B?x+u/tNXVxqw=?=', ageDays: 14 },
  { from: 'jana@friends.example', subject: '=?iso-8859-2?B?yGFzb3BpcyB2ebllbA==?=', ageDays: 17 },
  { from: 'nikos@friends.example', subject: '=?iso-8859-7?B?0PH88+rr5/Pn?=', ageDays: 19 },
  { from: 'minjun@friends.example', subject: '=?euc-kr?B?v6nH4CC758H4?=', ageDays: 23 },
  {
    from: '=?utf-8?q?Zo=C3=AB_Bj=C3=B6rk?= <zoe@friends.example>',
    subject: 'Café in Århus?',
    encoding: 'latin1',
    ageDays: 5,
    flags: ['\\Answered', '\\Seen'],
  },
  {
    from: 'dana@friends.example',
    subject: 'Grüße, ganz ohne Kodierung ☕',
    encoding: 'raw',
    ageDays: 4,
  },
  {
    from: 'Ines Okafor <ines@office.example>',
    subject: 'Invitation: quarterly review',
    contentType: 'text/calendar; method=REQUEST; charset=utf-8',
    body: 'BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Quarterly review\nEND:VEVENT\nEND:VCALENDAR\n',
    ageDays: 2,
  },
  {
    from: 'choir@town.example',
    subject: 'Cancelled: rehearsal on Tuesday',
    contentType: 'text/calendar; method=CANCEL; charset=utf-8',
    body: 'BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nSUMMARY:Rehearsal\nEND:VEVENT\nEND:VCALENDAR\n',
    ageDays: 7,
    flags: ['\\Seen'],
  },
  // Old and read, and yet to stay: each has what the archive rule spares.
  {
    from: 'landlord@flat.example',
    subject: 'Signed lease',
    ageDays: 700,
    flags: ['\\Seen', '\\Flagged'],
  },
  {
    from: 'doctor@clinic.example',
    subject: 'Your vaccination record',
    ageDays: 410,
    flags: ['\\Seen', 'Keep'],
  },
  { from: 'teo@friends.example', subject: 'Read this when you have time', ageDays: 200 },
];
