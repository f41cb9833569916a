/**
 * Which of the proposed rules can be on without the first run being stopped by `safety:`. Judged by a
 * plan that was made with all of them on: what each rule moves, of all mail in INBOX.
 */
import type { Config } from '../../config/config.ts';
import type { PlanPreview } from '../../plan/preview.ts';

/** What the rules would do. */
export interface RuleOutlook {
  /** Messages that each rule would move now, by its name. */
  readonly moves: ReadonlyMap<string, number>;
  /** Messages that the first run may move. */
  readonly allowed: number;
}

/** Reads the outlook off a plan over INBOX. */
export function outlookOf(preview: PlanPreview, { safety }: Config): RuleOutlook {
  const moves = new Map<string, number>();
  for (const { action, rule, uids } of preview.groups) {
    if (action === 'move') moves.set(rule, (moves.get(rule) ?? 0) + uids.length);
  }
  const looked = preview.looked.find(({ mailbox }) => mailbox === 'INBOX')?.messages ?? 0;
  const exists = preview.plan.mailboxes.find(({ name }) => name === 'INBOX')?.exists ?? looked;
  const { maxMessages, maxPercent, percentFloor } = safety;
  const share =
    exists >= percentFloor ? Math.floor((exists * maxPercent) / 100) : Number.POSITIVE_INFINITY;
  return { moves, allowed: Math.min(maxMessages, share) };
}

/**
 * The names of the rules to switch on, in their order: each that still fits. Where not even one does,
 * the first: a person then approves the first run, which is better than a file in which nothing is on.
 */
export function fittingRules(
  names: readonly string[],
  { moves, allowed }: RuleOutlook,
): ReadonlySet<string> {
  const fitting = new Set<string>();
  let sum = 0;
  for (const name of names) {
    const count = moves.get(name) ?? 0;
    if (sum + count > allowed) continue;
    sum += count;
    fitting.add(name);
  }
  const [first] = names;
  if (fitting.size === 0 && first !== undefined) fitting.add(first);
  return fitting;
}
