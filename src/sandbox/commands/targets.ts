/** Which messages of the selected mailbox a command names. */
import type { Uid } from '../../mail/uid-set.ts';
import { argumentOf } from '../connection.ts';
import type { StoredMessage } from '../model.ts';
import type { ParsedCommand } from '../parse-command.ts';
import type { View } from '../view.ts';
import { inNumberSet, type NumberSet, parseNumberSet } from '../wire-text.ts';

/** A message that a command names, as it is now. */
export interface Target {
  readonly sequence: number;
  readonly message: StoredMessage;
}

/** The messages that the first argument names; undefined for a set that is malformed or beyond. */
export function targetsOf(command: ParsedCommand, view: View): readonly Target[] | undefined {
  const byUid = command.verb.startsWith('UID ');
  const set = setOf(command, view);
  if (set === undefined) return undefined;
  // RFC 9051 §9, seq-number: a number that does not exist is an error; a UID is not.
  const largest = view.messages.length;
  if (!byUid && set.some(([from, to]) => from < 1 || to > largest)) return undefined;
  return view.messages.flatMap((known, index) => {
    const sequence = index + 1;
    if (!inNumberSet(set, byUid ? known.uid : sequence)) return [];
    const message = view.current(known.uid);
    return message === undefined ? [] : [{ sequence, message }];
  });
}

/** The first argument as a set: UIDs in a UID form, sequence numbers otherwise. */
export function setOf(command: ParsedCommand, view: View): NumberSet | undefined {
  const byUid = command.verb.startsWith('UID ');
  const largest = byUid ? largestUid(view) : view.messages.length;
  return parseNumberSet(argumentOf(command, 0), largest);
}

/** What `*` stands for in a UID set; 0 in an empty mailbox. */
export function largestUid(view: View): Uid {
  return view.messages.at(-1)?.uid ?? 0;
}
