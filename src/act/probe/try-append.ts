/** What becomes of a message that is appended: its number, its octets, its date; the server's clock. */
import type { AppendEvidence } from '../../mail/mail-session.ts';
import { intend, lookInto, type ProbeBench, refusalOf } from './bench.ts';
import { letter, OLD_DATE_MS } from './letters.ts';
import { note, type ProbeFact, untried } from './verdict.ts';

/** One letter that was appended. */
interface Posted {
  readonly name: string;
  readonly raw: Uint8Array;
  readonly appendUid: AppendEvidence['appendUid'];
  /** Our clock before and after. */
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** The letters of a probe, or why there are none. */
export type Post =
  | { readonly kind: 'posted'; readonly letters: readonly Posted[] }
  | { readonly kind: 'refused'; readonly refusal: string };

/** `dated` has an old date, the others get theirs from the server. */
const LETTERS = ['dated', 'fresh', 'stranger', 'goner'] as const;

/** Appends the letters. */
export async function postLetters(bench: ProbeBench, token: string): Promise<Post> {
  const { session, clock, step } = bench;
  const letters: Posted[] = [];
  for (const name of LETTERS) {
    const raw = letter(name, token, clock.nowMs());
    await intend(bench, 'append');
    const sentMs = clock.nowMs();
    const outcome = await session.append(step.mailbox, {
      ...{ raw, flags: ['\\Seen'] },
      internalDateMs: name === 'dated' ? OLD_DATE_MS : null,
    });
    const answeredMs = clock.nowMs();
    const refusal = refusalOf(bench, 'APPEND', outcome);
    if (refusal !== null) return { kind: 'refused', refusal };
    const appendUid = outcome.kind === 'done' ? outcome.evidence.appendUid : null;
    letters.push({ name, raw, appendUid, sentMs, answeredMs });
  }
  return { kind: 'posted', letters };
}

/** APPENDUID, the octets and the date. */
export async function tryAppend(
  bench: ProbeBench,
  { letters }: Extract<Post, { kind: 'posted' }>,
): Promise<readonly ProbeFact[]> {
  const { letters: found, uidValidity } = await lookInto(bench, bench.step.mailbox);
  const told = letters.filter(({ appendUid }) => appendUid !== null);
  const isTrue = told.every(
    ({ name, appendUid }) =>
      appendUid?.uidValidity === uidValidity && found.get(name)?.[0]?.uid === appendUid.uid,
  );
  return [
    appendUidFact(told.length === letters.length, isTrue),
    ...(await octetsFacts(bench, letters)),
  ];
}

function appendUidFact(isTold: boolean, isTrue: boolean): ProbeFact {
  const name = 'APPENDUID';
  if (!isTold) {
    const text = 'not told: what comes here from another account is found by its content';
    return { name, severity: 'info', text };
  }
  return isTrue
    ? note(name, 'tells the number of what was appended, truly')
    : {
        ...{ name, severity: 'error' },
        text: 'names a message that is another: do not move mail here from another account',
      };
}

async function octetsFacts(
  bench: ProbeBench,
  letters: readonly Posted[],
): Promise<readonly ProbeFact[]> {
  const dated = (await lookInto(bench, bench.step.mailbox)).letters.get('dated')?.[0];
  const sent = letters.find(({ name }) => name === 'dated');
  if (dated === undefined || sent === undefined) {
    return [untried('message', 'what was appended is not found in the mailbox')];
  }
  const reader = await bench.session.examine(bench.step.mailbox);
  const [row] = await reader.fetch([dated.uid], { whole: true });
  await reader.leave();
  const isWhole = Buffer.compare(row?.whole ?? new Uint8Array(), sent.raw) === 0;
  const isExact = dated.basic.sizeBytes === sent.raw.length;
  const keepsDate = dated.basic.internalDateMs === OLD_DATE_MS;
  return [
    isWhole && isExact
      ? note('octets', 'kept as they were sent, and their number is told exactly')
      : {
          ...{ name: 'octets', severity: 'warning' },
          text: `${isWhole ? 'their number (RFC822.SIZE) is not told exactly' : 'changed by the server'}: a move from another account would not remove its source`,
        },
    keepsDate
      ? note('INTERNALDATE', 'kept by APPEND')
      : {
          ...{ name: 'INTERNALDATE', severity: 'info' },
          text: 'not kept by APPEND: for mail from another account, age: counts from its move',
        },
  ];
}

/** More than this and `age:` and `wait:` are noticeably off. */
const SKEW_MS = 60_000;

/** The server's clock, by the date that it gave to a message, against ours before and after. */
export async function tryClock(
  bench: ProbeBench,
  { letters }: Extract<Post, { kind: 'posted' }>,
): Promise<readonly ProbeFact[]> {
  const fresh = (await lookInto(bench, bench.step.mailbox)).letters.get('fresh')?.[0];
  const sent = letters.find(({ name }) => name === 'fresh');
  if (fresh === undefined || sent === undefined) {
    return [untried('clock', 'the message with the date of the server is not there')];
  }
  return [clockFact(fresh.basic.internalDateMs, sent)];
}

/** INTERNALDATE is cut to the second. */
export function clockFact(
  serverMs: number,
  { sentMs, answeredMs }: Pick<Posted, 'sentMs' | 'answeredMs'>,
): ProbeFact {
  const behindMs = Math.max(0, sentMs - 1000 - serverMs);
  const skewMs = serverMs > answeredMs ? serverMs - answeredMs : -behindMs;
  const size = Math.abs(skewMs);
  const words = `${Math.round(size / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (size === 0) return note('clock', "the server's agrees with this machine's, to the second");
  if (size < SKEW_MS) return note('clock', `the server's is ${words}`);
  const isZone = size % 900_000 < 5000 || size % 900_000 > 895_000;
  const zone = isZone ? ', as a wrong time zone would make it' : '';
  return {
    ...{ name: 'clock', severity: 'warning' },
    text: `the server's is ${words}${zone}: age: and wait: are off by as much`,
  };
}
