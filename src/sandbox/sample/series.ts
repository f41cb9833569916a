/** Many messages of one kind, spread over time. */
import type { Draft } from './compose.ts';
import type { Random } from './random.ts';

/** A kind of mail: its subjects are used in turn, `{n}` in them is a running number. */
export interface Series extends Omit<Draft, 'subject' | 'ageDays' | 'flags'> {
  readonly subjects: readonly [string, ...string[]];
  readonly count: number;
  /** The youngest and the oldest in days. */
  readonly ages: readonly [number, number];
  /** How many of ten have been read. */
  readonly readOfTen: number;
  /** Flags that all of them have. */
  readonly flags?: readonly string[];
}

/** Writes the series out, the youngest first. */
export function spread(series: Series, random: Random): readonly Draft[] {
  const { subjects, count, ages, readOfTen, flags = [], ...draft } = series;
  const [youngest, oldest] = ages;
  const stepDays = count > 1 ? (oldest - youngest) / (count - 1) : 0;
  return Array.from({ length: count }, (_, index): Draft => {
    const subject = subjects[index % subjects.length] ?? subjects[0];
    const isRead = random.below(10) < readOfTen;
    return {
      ...draft,
      subject: subject.replace('{n}', String(random.below(9000) + 1000)),
      ageDays: Math.round(youngest + index * stepDays),
      flags: isRead ? [...flags, '\\Seen'] : flags,
    };
  });
}
