/** COPYUID and the expunges of a command: the evidence of COPY, MOVE and UID EXPUNGE. */
import type { ImapResponse } from 'imapflow';
import type { CopyUid } from '../../mail/mail-session.ts';
import { parseUidSet, type Uid } from '../../mail/uid-set.ts';
import { nodeText, nodeUint32, responseCode } from '../response.ts';
import { vanishedUids } from '../selection.ts';

/**
 * The COPYUID of a command for `requested`, from its tagged response or any untagged one (MOVE sends
 * it untagged, RFC 6851 §4.3). Null when there is none, or none that can be believed: the sets must
 * be equally long, name no UID twice, and name only UIDs that were asked for (RFC 4315 §3).
 * `n:m` pairs by position.
 */
export function readCopyUid(
  responses: readonly ImapResponse[],
  requested: readonly Uid[],
): CopyUid | null {
  const codes = responses.flatMap((response) => {
    const code = responseCode(response);
    return code?.name === 'COPYUID' ? [code] : [];
  });
  const read = codes.map((code) => parseCopyUid(code.args, requested));
  const [first] = read;
  if (first === undefined || first === null) return null;
  return read.every((other) => other !== null && isSame(first, other)) ? first : null;
}

type Args = NonNullable<ReturnType<typeof responseCode>>['args'];

function parseCopyUid(args: Args, requested: readonly Uid[]): CopyUid | null {
  const [validity, source, destination] = args;
  const uidValidity = nodeUint32(validity);
  const from = parseUidSet(nodeText(source) ?? '', requested.length + 1);
  const to = parseUidSet(nodeText(destination) ?? '', requested.length + 1);
  if (args.length !== 3 || uidValidity === undefined || uidValidity === 0) return null;
  if (from === null || to === null || from.length !== to.length) return null;
  const asked = new Set(requested);
  if (!from.every((uid) => asked.has(uid))) return null;
  const pairs = new Map(from.map((uid, index) => [uid, to[index] ?? 0]));
  const isOneToOne = pairs.size === from.length && new Set(to).size === to.length;
  return isOneToOne ? { uidValidity, pairs } : null;
}

function isSame(one: CopyUid, other: CopyUid): boolean {
  return (
    one.uidValidity === other.uidValidity &&
    one.pairs.size === other.pairs.size &&
    [...one.pairs].every(([from, to]) => other.pairs.get(from) === to)
  );
}

/** Counts how many messages left the mailbox while a command for `requested` ran. */
export interface ExpungeCounter {
  readonly count: () => number;
  readonly listen: Readonly<Record<'EXPUNGE' | 'VANISHED', (response: ImapResponse) => void>>;
}

/** VANISHED names UIDs, so only those asked for are counted; EXPUNGE names none. */
export function countExpunges(requested: readonly Uid[]): ExpungeCounter {
  const asked = new Set(requested);
  const vanished = new Set<Uid>();
  let expunged = 0;
  return {
    count: () => expunged + vanished.size,
    listen: {
      EXPUNGE: () => {
        expunged += 1;
      },
      VANISHED: (response) => {
        for (const uid of vanishedUids(response)) if (asked.has(uid)) vanished.add(uid);
      },
    },
  };
}
