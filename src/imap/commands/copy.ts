/** UID COPY (RFC 9051 §6.4.7) and UID MOVE (RFC 6851), with COPYUID (RFC 4315 §3) as evidence. */
import type { ImapResponse } from 'imapflow';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { CopyEvidence, CopyUid, MoveEvidence } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import { parseUidSet, renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { type CommandContext, mailboxArgument, sequence } from '../command-context.ts';
import { readNumber, readSection, readText } from '../response.ts';
import type { WireCommand } from '../wire.ts';
import { expungeCounter } from './expunge.ts';

/** Copies messages. */
export async function copyMessages(
  context: CommandContext,
  uids: readonly Uid[],
  destination: MailboxName,
): Promise<MailOutcome<CopyEvidence>> {
  const told = copyUidReader(uids);
  const command = transfer('UID COPY', context, { uids, destination });
  return await context.wire.attempt({ ...command, untagged: { OK: told.take } }, (tagged) => {
    told.take(tagged);
    return { copyUid: told.read() };
  });
}

/** Moves messages. Servers say COPYUID in an untagged OK (RFC 6851 §4.3) or in the tagged one. */
export async function moveMessages(
  context: CommandContext,
  uids: readonly Uid[],
  destination: MailboxName,
): Promise<MailOutcome<MoveEvidence>> {
  const told = copyUidReader(uids);
  const expunged = expungeCounter(uids);
  const command = transfer('UID MOVE', context, { uids, destination });
  return await context.wire.attempt(
    { ...command, untagged: { OK: told.take, ...expunged.untagged } },
    (tagged) => {
      told.take(tagged);
      return { copyUid: told.read(), expungedCount: expunged.count() };
    },
  );
}

function transfer(
  verb: string,
  context: CommandContext,
  what: { uids: readonly Uid[]; destination: MailboxName },
): WireCommand {
  const set = sequence(renderUidSet(what.uids));
  return { verb, arguments: [set, mailboxArgument(context, what.destination)] };
}

interface CopyUidReader {
  take(response: ImapResponse): void;
  read(): CopyUid | null;
}

/** Collects COPYUID codes; one that is not credible voids them all. */
function copyUidReader(uids: readonly Uid[]): CopyUidReader {
  const asked = new Set(uids);
  const pairs = new Map<Uid, Uid>();
  let uidValidity: number | null = null;
  let isCredible = true;
  return {
    take: (response) => {
      const code = readSection(response);
      if (code?.name !== 'COPYUID') return;
      const parsed = parseCopyUid(code.arguments.map(readTextOrNumber), asked);
      if (parsed === null || (uidValidity !== null && uidValidity !== parsed.uidValidity)) {
        isCredible = false;
        return;
      }
      uidValidity = parsed.uidValidity;
      for (const [from, to] of parsed.pairs) pairs.set(from, to);
    },
    read: () => {
      const isDistinct = new Set(pairs.values()).size === pairs.size;
      return isCredible && isDistinct && uidValidity !== null ? { uidValidity, pairs } : null;
    },
  };
}

function readTextOrNumber(attribute: Parameters<typeof readText>[0]): string {
  return readText(attribute) ?? String(readNumber(attribute) ?? '');
}

/**
 * Reads the three fields strictly: a validity above 0, sets of one length, sources that were asked
 * for, destinations without repeats. null when any of that fails.
 */
export function parseCopyUid(fields: readonly string[], asked: ReadonlySet<Uid>): CopyUid | null {
  const [validity = '', from = '', to = ''] = fields;
  const uidValidity = /^\d{1,10}$/.test(validity) ? Number(validity) : 0;
  const sources = parseUidSet(from, asked.size + 1);
  const destinations = parseUidSet(to, asked.size + 1);
  if (fields.length !== 3 || uidValidity === 0 || sources === null || destinations === null)
    return null;
  if (sources.length !== destinations.length) return null;
  if (new Set(destinations).size !== destinations.length) return null;
  if (!sources.every((uid) => asked.has(uid))) return null;
  const pairs = new Map<Uid, Uid>();
  sources.forEach((uid, index) => {
    const target = destinations[index];
    if (target !== undefined) pairs.set(uid, target);
  });
  return pairs.size === sources.length ? { uidValidity, pairs } : null;
}
