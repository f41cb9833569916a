/** `snooze`: until when, for one message. */
import type { Action, Rule } from '../language/ast.ts';
import { untilMs } from '../language/until.ts';
import type { Field, MessageView } from '../mail/message-view.ts';

/** Until when a move puts a message aside. */
export type Snooze =
  /** The move is for good. */
  | { readonly kind: 'none' }
  /** In milliseconds since the epoch; what lies in the past is over. */
  | { readonly kind: 'snooze'; readonly untilMs: number }
  | { readonly kind: 'needs'; readonly fields: readonly Field[] };

/**
 * Counts from the arrival of the message, or from when a rule with `wait` is decided: the same
 * message has the same end whenever it is looked at, and mail that came back is not put aside again.
 */
export function snoozeOf(
  action: Extract<Action, { kind: 'move' }>,
  { waitMs }: Rule,
  { basic }: MessageView,
): Snooze {
  if (action.until === undefined) return { kind: 'none' };
  if (basic === undefined) return { kind: 'needs', fields: ['basic'] };
  return { kind: 'snooze', untilMs: untilMs(action.until, basic.internalDateMs + (waitMs ?? 0)) };
}
