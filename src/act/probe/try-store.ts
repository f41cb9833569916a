/** Flags that are kept, the reach of UID EXPUNGE, and whether EXAMINE keeps changes out. */
import { type Flag, hasFlag, isStorable, SYSTEM_FLAGS } from '../../mail/flags.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { intend, lookInto, type ProbeBench, refusalOf } from './bench.ts';
import { note, type ProbeFact, untried } from './verdict.ts';

/** The keyword that is tried. */
export const KEYWORD: Flag = '$MailwrightProbe';

/** Sets a keyword and \Flagged on the letter `dated`, and looks again. */
export async function tryFlags(bench: ProbeBench): Promise<readonly ProbeFact[]> {
  const { mailbox } = bench.step;
  const letter = (await lookInto(bench, mailbox)).letters.get('dated')?.[0];
  if (letter === undefined) return [untried('flags', 'the test message is not there')];
  const box = await bench.session.select(mailbox);
  const { permanentFlags } = box.info;
  const refusals = new Map<Flag, string | null>();
  for (const flag of [KEYWORD, SYSTEM_FLAGS.flagged]) {
    refusals.set(flag, await store(bench, box, { uids: [letter.uid], flag }));
  }
  await box.leave();
  const flags = (await lookInto(bench, mailbox)).letters.get('dated')?.[0]?.basic.flags ?? [];
  const fact = (name: string, flag: Flag, cost: string): ProbeFact => {
    if (hasFlag(flags, flag)) return note(name, `${flag} is kept`);
    const promised = isStorable(flag, permanentFlags);
    const why = refusals.get(flag) ?? (promised ? 'said OK to, and forgotten' : 'not kept');
    return { name, severity: promised ? 'warning' : 'info', text: `${flag} ${why}: ${cost}` };
  };
  return [
    fact('keywords', KEYWORD, 'rules with label:, and shared accounts, park their messages'),
    fact('flags', SYSTEM_FLAGS.flagged, 'rules with star or flag: park their messages'),
  ];
}

async function store(
  bench: ProbeBench,
  box: WritableMailbox,
  { uids, flag }: { uids: readonly Uid[]; flag: Flag },
): Promise<string | null> {
  await intend(bench, 'store', uids);
  return refusalOf(bench, 'UID STORE', await box.store(uids, { op: 'add', flag }));
}

/** Marks two letters as deleted and expunges one: the other must survive. */
export async function tryExpunge(bench: ProbeBench): Promise<readonly ProbeFact[]> {
  const name = 'UID EXPUNGE';
  if (!bench.session.capabilities.uidplus) {
    const text =
      'not offered: nothing is expunged, since that would take what others have marked \\Deleted, too; sources of moves stay behind with that mark';
    return [{ name, severity: 'info', text }];
  }
  const before = (await lookInto(bench, bench.step.mailbox)).letters;
  const [stranger, goner] = [before.get('stranger')?.[0], before.get('goner')?.[0]];
  if (stranger === undefined || goner === undefined) {
    return [untried(name, 'the test messages are not there')];
  }
  const box = await bench.session.select(bench.step.mailbox);
  const uids = [stranger.uid, goner.uid];
  const marking = await store(bench, box, { uids, flag: SYSTEM_FLAGS.deleted });
  await intend(bench, 'expunge', [goner.uid]);
  const refusal = marking ?? refusalOf(bench, name, await box.uidExpunge([goner.uid]));
  await box.leave();
  const after = (await lookInto(bench, bench.step.mailbox)).letters;
  if (!after.has('stranger')) {
    const text =
      'removed a message that it did not name: do not use rules that delete or move here';
    return [{ name, severity: 'error', text }];
  }
  if (refusal === null && !after.has('goner')) {
    return [note(name, 'removes what it names; what others have marked \\Deleted survives')];
  }
  const text = `${refusal ?? 'said OK to, and nothing was removed'}: deletions, and moves without MOVE, leave their sources behind`;
  return [{ name, severity: 'warning', text }];
}

/** A change after EXAMINE: some servers carry it out. Sent through the gate of a probe alone. */
export async function tryExamine(bench: ProbeBench): Promise<readonly ProbeFact[]> {
  const name = 'EXAMINE';
  const { mailbox } = bench.step;
  const flag = SYSTEM_FLAGS.answered;
  const letter = (await lookInto(bench, mailbox)).letters.get('dated')?.[0];
  if (letter === undefined) return [untried(name, 'the test message is not there')];
  const box = await bench.session.examineToProbe(mailbox);
  const refusal = await store(bench, box, { uids: [letter.uid], flag });
  await box.leave();
  const after = (await lookInto(bench, mailbox)).letters.get('dated')?.[0];
  if (after !== undefined && hasFlag(after.basic.flags, flag)) {
    const text =
      'is no barrier: the server changed a flag after it; a dry run is safe all the same, since Mailwright itself sends no such command then';
    return [{ name, severity: 'info', text }];
  }
  const how = refusal === null ? 'says OK and changes nothing' : 'refuses changes';
  return [note(name, `is a barrier: after it the server ${how}`)];
}
