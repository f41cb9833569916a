/** Three-valued logic over verdicts, with a fourth state for facts that are not loaded yet. */
import type { Address, Field, Headers, MessageView, Reading } from '../mail/message-view.ts';
import type { Verdict } from './evaluation.ts';

/** It matched, capturing nothing. */
export const YES: Verdict = { kind: 'yes', captures: [] };
/** It did not match. */
export const NO: Verdict = { kind: 'no' };

/** YES or NO. */
export function verdictOf(matched: boolean): Verdict {
  return matched ? YES : NO;
}

/** Asks for facts. */
export function needs(...fields: Field[]): Verdict {
  return { kind: 'needs', fields };
}

/** yes ↔ no; what is not known stays unknown. */
export function negate(verdict: Verdict): Verdict {
  if (verdict.kind === 'yes') return NO;
  return verdict.kind === 'no' ? YES : verdict;
}

/**
 * Joins branches. In `all` one no decides, in `any` one yes; otherwise missing facts are asked for,
 * and only then an unreadable value makes the whole indeterminate.
 */
export function joinVerdicts(kind: 'all' | 'any', branches: Iterable<Verdict>): Verdict {
  const decisive = kind === 'all' ? 'no' : 'yes';
  // Made only when facts are missing: this is asked for every rule of every message.
  let fields: Set<Field> | undefined;
  let captures: readonly string[] = [];
  let unreadable: Verdict | undefined;
  for (const verdict of branches) {
    if (verdict.kind === decisive) return verdict;
    if (verdict.kind === 'needs') fields = new Set([...(fields ?? []), ...verdict.fields]);
    if (verdict.kind === 'indeterminate') unreadable ??= verdict;
    if (verdict.kind === 'yes' && captures.length === 0) captures = verdict.captures;
  }
  if (fields !== undefined) return { kind: 'needs', fields: [...fields] };
  if (unreadable !== undefined) return unreadable;
  if (kind === 'any') return NO;
  return captures.length === 0 ? YES : { kind: 'yes', captures };
}

/** Judges each item and joins the verdicts; what comes after one that decides is not judged. */
export function joinEach<T>(
  kind: 'all' | 'any',
  items: readonly T[],
  judge: (item: T) => Verdict,
): Verdict {
  const decisive = kind === 'all' ? 'no' : 'yes';
  // Nearly every verdict is a plain yes or no, which needs no further joining.
  let others: Verdict[] | undefined;
  for (const item of items) {
    const verdict = judge(item);
    if (verdict.kind === decisive) return verdict;
    if (verdict.kind === 'no' || (verdict.kind === 'yes' && verdict.captures.length === 0))
      continue;
    others ??= [];
    others.push(verdict);
  }
  if (others !== undefined) return joinVerdicts(kind, others);
  return kind === 'all' ? YES : NO;
}

/** Judges the texts of one header field, one of which must pass. */
export function judgeTexts(
  view: MessageView,
  name: string,
  test: (text: string) => Verdict,
): Verdict {
  const { headers } = view;
  if (headers === undefined || !headers.isLoaded(name)) return needs(`header:${name}`);
  return judgeReading(name, headers.text(name), test);
}

/** Judges the addresses of one header field, one of which must pass. */
export function judgeAddresses(
  view: MessageView,
  name: string,
  test: (address: Address) => Verdict,
): Verdict {
  const { headers } = view;
  if (headers === undefined || !headers.isLoaded(name)) return needs(`header:${name}`);
  return judgeReading(name, headers.addresses(name), test);
}

function judgeReading<T>(name: string, reading: Reading<T>, test: (value: T) => Verdict): Verdict {
  return reading.kind === 'values'
    ? joinEach('any', reading.values, test)
    : unreadable(name, reading.reason);
}

/** Judges the values of one header field, loading it first; an unreadable one is indeterminate. */
export function judgeHeader<T>(
  view: MessageView,
  name: string,
  judge: { read: (headers: Headers) => Reading<T>; test: (values: readonly T[]) => Verdict },
): Verdict {
  const { headers } = view;
  if (headers === undefined || !headers.isLoaded(name)) return needs(`header:${name}`);
  const reading = judge.read(headers);
  return reading.kind === 'values' ? judge.test(reading.values) : unreadable(name, reading.reason);
}

function unreadable(name: string, reason: string): Verdict {
  return { kind: 'indeterminate', reason: `${name}: ${reason}` };
}
