/** A small case with everything in it, for faults at chosen places. */
import { type CaseMail, type CaseRule, makeMail } from './case.ts';

/** Everything that a rule can do to a message, and twins, and what no rule names. */
export const SAMPLE_RULES: readonly CaseRule[] = [
  {
    name: 'flags and copies',
    field: 'extra',
    value: 'e1',
    actions: [
      { kind: 'flag', op: 'add', flag: '\\Flagged' },
      { kind: 'copy', to: 'C1' },
    ],
  },
  {
    name: 'moves',
    field: 'kind',
    value: 'k0',
    actions: [
      { kind: 'flag', op: 'remove', flag: 'work' },
      { kind: 'move', to: 'M1' },
    ],
  },
];

const TWIN = makeMail('twin', { kind: 'k0', extra: 'e1', flags: ['work'] });
/** Mail that one rule, several, or none means. */
export const SAMPLE_MAILS: readonly CaseMail[] = [
  makeMail('moved', { kind: 'k0', extra: 'e0', flags: ['\\Seen'] }),
  TWIN,
  TWIN,
  makeMail('copied', { kind: 'none', extra: 'e1', flags: [] }),
  makeMail('bait', { kind: 'none', extra: 'e0', flags: [] }),
  makeMail('marked', { kind: 'k0', extra: 'e1', flags: ['\\Deleted'] }),
];
