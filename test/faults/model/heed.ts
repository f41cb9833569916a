/** Whether the program looks again at what the server told it was changed (RFC 7162 §3.2.6). */
import type { TamperedWire } from '../../../src/sandbox/connection.ts';
import type { StoredMailbox, StoredMessage } from '../../../src/sandbox/model.ts';
import { type ParsedCommand, textsOf } from '../../../src/sandbox/parse-command.ts';
import { idOf } from './world.ts';

const ACTING: ReadonlySet<string> = new Set(['UID STORE', 'UID COPY', 'UID MOVE']);

/** Takes each command with the messages that it names; gives what must not be. */
export type Heed = (
  wire: TamperedWire,
  command: ParsedCommand,
  named: readonly StoredMessage[],
) => readonly string[];

/** Starts watching; each connection by itself. */
export function watchHeed(): Heed {
  const told = new WeakMap<TamperedWire, Map<StoredMailbox | null, Set<number>>>();
  return (wire, command, named) => {
    const boxes = told.get(wire) ?? new Map<StoredMailbox | null, Set<number>>();
    const changed = boxes.get(wire.mailbox) ?? new Set<number>();
    told.set(wire, boxes.set(wire.mailbox, changed));
    if (command.verb === 'UID FETCH') {
      const since = sinceOf(command);
      for (const { uid, modseq } of named) {
        if (since === null) changed.delete(uid);
        else if (modseq > since) changed.add(uid);
      }
    }
    if (!ACTING.has(command.verb)) return [];
    return named
      .filter(({ uid }) => changed.has(uid))
      .map((each) => `I13: ${command.verb} for ${idOf(each)}, which had changed, without a look`);
  };
}

/** MODSEQ after CHANGEDSINCE. */
function sinceOf({ tokens }: ParsedCommand): number | null {
  const [name, modseq] = textsOf(tokens[2]) ?? [];
  return name?.toUpperCase() === 'CHANGEDSINCE' ? Number(modseq) : null;
}
