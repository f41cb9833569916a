/**
 * Removing what a probe made, whatever became of the probe. A scratch mailbox that holds a message of
 * somebody else is left as it is: nothing but the letters of a probe is ever deleted.
 */
import type { MailboxName } from '../../mail/mailbox-name.ts';
import { SCRATCH_PARENT, scratchTimeMs } from '../../mail/scratch-name.ts';
import { assertScratchName, intend, type ProbeBench, refusalOf, textsOf } from './bench.ts';
import { PROBE_FIELD } from './letters.ts';

/** A probe ends within minutes; what is older was left behind by one that did not. */
const LEFTOVER_MS = 3_600_000;

/** A probe has a handful of letters. */
const MOST_LETTERS = 50;

/** Removes the two mailboxes of the step; gives why any of them stays. Throws CONNECTION_LOST. */
export async function removeScratchOf(bench: ProbeBench): Promise<readonly string[]> {
  const { mailbox, twin } = bench.step;
  const stays = [...(await removeScratch(bench, twin)), ...(await removeScratch(bench, mailbox))];
  await removeEmptyParent(bench);
  return stays;
}

/**
 * Removes the scratch mailboxes of earlier probes that were cut off, on this machine or another, an
 * hour after they were made; gives what was done with each.
 */
export async function removeLeftovers(bench: ProbeBench): Promise<readonly string[]> {
  const said: string[] = [];
  for (const { name, selectable } of await bench.session.list()) {
    const madeMs = scratchTimeMs(name);
    const isOwn = name === bench.step.mailbox || name === bench.step.twin;
    if (madeMs === undefined || isOwn || !selectable) continue;
    if (bench.clock.nowMs() - madeMs < LEFTOVER_MS) {
      said.push(`${name} is left alone: another probe may be at work in it`);
      continue;
    }
    const stays = await removeScratch(bench, name);
    said.push(...(stays.length > 0 ? stays : [`${name}, left by an earlier probe, was removed`]));
  }
  return said;
}

async function removeScratch(bench: ProbeBench, mailbox: MailboxName): Promise<readonly string[]> {
  assertScratchName(mailbox);
  if (!(await isListed(bench, mailbox))) return [];
  const foreign = await countForeign(bench, mailbox);
  if (foreign > 0) {
    return [`${mailbox} holds mail that no probe put there (${foreign}), and was left as it is`];
  }
  await intend(bench, 'remove');
  const refusal = refusalOf(bench, 'DELETE', await bench.session.deleteMailbox(mailbox));
  // What a NO means is decided by LIST (safety.md §14).
  if (!(await isListed(bench, mailbox))) return [];
  return [`${mailbox} could not be removed: ${refusal ?? 'the server said OK and lists it'}`];
}

async function isListed({ session }: ProbeBench, mailbox: MailboxName): Promise<boolean> {
  return (await session.list()).some(({ name, selectable }) => name === mailbox && selectable);
}

async function countForeign({ session }: ProbeBench, mailbox: MailboxName): Promise<number> {
  const reader = await session.examine(mailbox);
  const uids = await reader.search({ kind: 'all' });
  const looked = uids.slice(0, MOST_LETTERS);
  const field = PROBE_FIELD.toLowerCase();
  const rows = looked.length === 0 ? [] : await reader.fetch(looked, { headers: [field] });
  await reader.leave();
  const own = rows.filter(({ headers }) => textsOf(headers, field).length > 0).length;
  return uids.length - own;
}

/**
 * A server may leave the level above behind when the last mailbox below it goes. It is removed where
 * nothing lies below it and it cannot hold mail (\Noselect); where a server makes levels as mailboxes,
 * only if this probe made it, and no mail was ever in it.
 */
async function removeEmptyParent(bench: ProbeBench): Promise<void> {
  const listing = await bench.session.list();
  const parent = listing.find(({ name }) => name === SCRATCH_PARENT);
  const hasChildren = listing.some(({ name }) => name.startsWith(`${SCRATCH_PARENT}/`));
  if (parent === undefined || hasChildren) return;
  if (parent.selectable && !(await isUnused(bench))) return;
  await intend(bench, 'remove');
  // Refused, it stays: an empty level, of which the next listing tells.
  refusalOf(bench, 'DELETE', await bench.session.deleteMailbox(SCRATCH_PARENT));
}

async function isUnused({ session, step }: ProbeBench): Promise<boolean> {
  if (!step.makesParent) return false;
  const status = await session.status(SCRATCH_PARENT);
  return status !== null && status.messages === 0 && status.uidNext === 1;
}
