/** COPY and MOVE between the two mailboxes of a probe: the codes they give, and what they keep. */
import { hasFlag } from '../../mail/flags.ts';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { CopyEvidence } from '../../mail/mail-session.ts';
import { type Found, intend, lookInto, type ProbeBench, refusalOf, type Sight } from './bench.ts';
import { KEYWORD } from './try-store.ts';
import { note, type ProbeFact, untried } from './verdict.ts';

/** Copies the letter `dated`: COPYUID, INTERNALDATE, size and keyword. */
export async function tryCopy(bench: ProbeBench): Promise<readonly ProbeFact[]> {
  const { mailbox, twin } = bench.step;
  const source = (await lookInto(bench, mailbox)).letters.get('dated')?.[0];
  if (source === undefined) return [untried('UID COPY', 'the test message is not there')];
  const box = await bench.session.select(mailbox);
  await intend(bench, 'copy', [source.uid]);
  const outcome = await box.copy([source.uid], twin);
  const refusal = refusalOf(bench, 'UID COPY', outcome);
  await box.leave();
  const sight = await lookInto(bench, twin);
  const copy = sight.letters.get('dated')?.[0];
  if (refusal !== null || copy === undefined) {
    const text = `${refusal ?? 'the server said OK and copied nothing'}: rules that copy, and moves without MOVE, would park their messages`;
    return [{ name: 'UID COPY', severity: 'error', text }];
  }
  return [copyUidFact(outcome, { source, copy, sight }), ...keptFacts(source, copy)];
}

function copyUidFact(
  outcome: MailOutcome<CopyEvidence>,
  { source, copy, sight }: { source: Found; copy: Found; sight: Sight },
): ProbeFact {
  const told = outcome.kind === 'done' ? outcome.evidence.copyUid : null;
  const name = 'COPYUID';
  if (told === null) {
    const text =
      'not told: after each copy the destination is read, to find which message it became';
    return { name, severity: 'info', text };
  }
  const isTrue = told.uidValidity === sight.uidValidity && told.pairs.get(source.uid) === copy.uid;
  return isTrue
    ? note(name, 'tells which message became which, truly')
    : {
        name,
        severity: 'error',
        text: 'names a message that is another: report it to the operator',
      };
}

function keptFacts(source: Found, copy: Found): readonly ProbeFact[] {
  const keepsDate = source.basic.internalDateMs === copy.basic.internalDateMs;
  const keepsSize = source.basic.sizeBytes === copy.basic.sizeBytes;
  const keepsKeyword = !hasFlag(source.basic.flags, KEYWORD) || hasFlag(copy.basic.flags, KEYWORD);
  const lost = [...(keepsSize ? [] : ['size']), ...(keepsKeyword ? [] : ['keywords'])];
  return [
    keepsDate
      ? note('INTERNALDATE', 'kept by COPY')
      : {
          ...{ name: 'INTERNALDATE', severity: 'info' },
          text: 'not kept by COPY: in the destination, age: counts from the copy',
        },
    lost.length === 0
      ? note('copies', 'have the size and the keywords of their originals')
      : {
          ...{ name: 'copies', severity: 'warning' },
          text: `do not have the ${lost.join(' and the ')} of their originals: ${keepsSize ? 'labels are lost by a move' : 'a copy cannot be proved, so a move without MOVE would be parked'}`,
        },
  ];
}

/** Moves the letter `fresh`. */
export async function tryMove(bench: ProbeBench): Promise<readonly ProbeFact[]> {
  const name = 'UID MOVE';
  const { mailbox, twin } = bench.step;
  if (!bench.session.capabilities.move) {
    const text = 'not offered: messages are copied, the copies proved, the sources removed';
    return [{ name, severity: 'info', text }];
  }
  const source = (await lookInto(bench, mailbox)).letters.get('fresh')?.[0];
  if (source === undefined) return [untried(name, 'the test message is not there')];
  const box = await bench.session.select(mailbox);
  await intend(bench, 'move', [source.uid]);
  const refusal = refusalOf(bench, name, await box.move([source.uid], twin));
  await box.leave();
  const left = (await lookInto(bench, mailbox)).letters.get('fresh')?.length ?? 0;
  const arrived = (await lookInto(bench, twin)).letters.get('fresh')?.length ?? 0;
  if (refusal === null && left === 0 && arrived === 1) {
    return [note(name, 'moves in one command: gone here, there once')];
  }
  const text = `${refusal ?? `the server said OK, and the message is ${left} times here and ${arrived} times there`}: rules that move would park their messages`;
  return [{ name, severity: 'error', text }];
}
