/** `wait`: whether a rule is to be decided later, and whether it could match then. */
import type { Rule } from '../language/ast.ts';
import { evaluate } from '../language/evaluate.ts';
import type { Field, MessageView } from '../mail/message-view.ts';
import type { DecideContext } from './decide-context.ts';

/** What a rule with `wait` says now. */
export type Later =
  | { readonly kind: 'waits'; readonly dueMs: number }
  /** Nothing that can change would make it match. */
  | { readonly kind: 'never' }
  | { readonly kind: 'needs'; readonly fields: readonly Field[] };

/** What users and servers change after arrival. */
const CHANGING: ReadonlySet<Field> = new Set(['basic', 'labels']);

/** Gives null where the rule is decided now: it does not wait, or its time has come. */
export function decideLater(
  { waitMs, when }: Rule,
  view: MessageView,
  { evaluation }: DecideContext,
): Later | null {
  if (waitMs === null) return null;
  if (view.basic === undefined) return { kind: 'needs', fields: ['basic'] };
  const dueMs = view.basic.internalDateMs + waitMs;
  if (dueMs <= evaluation.nowMs) return null;
  const verdict = evaluate(when, lastingOf(view), { ...evaluation, nowMs: dueMs });
  if (verdict.kind === 'no') return isForgetful(evaluation) ? { kind: 'never' } : waits(dueMs);
  if (verdict.kind !== 'needs') return waits(dueMs);
  const missing = verdict.fields.filter((field) => !CHANGING.has(field));
  return missing.length > 0 ? { kind: 'needs', fields: missing } : waits(dueMs);
}

/** The view without what changes. Each fact is named: some views read theirs only when asked. */
function lastingOf(view: MessageView): MessageView {
  const { ref, headers, identity, structure, body, rawBody, gmail } = view;
  return {
    ref,
    ...(headers === undefined ? {} : { headers }),
    ...(identity === undefined ? {} : { identity }),
    ...(structure === undefined ? {} : { structure }),
    ...(body === undefined ? {} : { body }),
    ...(rawBody === undefined ? {} : { rawBody }),
    ...(gmail === undefined ? {} : { gmail }),
  };
}

function waits(dueMs: number): Later {
  return { kind: 'waits', dueMs };
}

/** What an account remembers (people who were written to, threads) grows with time. */
function isForgetful({ memory }: DecideContext['evaluation']): boolean {
  return memory === undefined;
}
