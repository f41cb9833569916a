/** Rules that no message reaches, and rules that say again what another one says. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { type Clause, clauseOf, implies } from './implication.ts';
import { complain, endsEvaluation, placeOf, type RawRule } from './raw-rules.ts';

interface Known {
  readonly rule: RawRule;
  readonly clause: Clause;
}

/** With more rules than this only equal conditions are found: the check stays quick. */
const MAX_COMPARED = 300;

/** An earlier rule takes every message that a later one means; or two rules are the same. */
export function checkReach(rules: readonly RawRule[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const before: Known[] = [];
  const isMany = rules.length > MAX_COMPARED;
  const alike = new Map<string, Known[]>();
  for (const rule of rules) {
    if (Object.keys(rule.when).length === 0 || rule.name === '') continue;
    const path = ['rules', rule.index, 'when'];
    const known: Known = { rule, clause: clauseOf(rule.when, { named: rule.named, path }) };
    const key = isMany ? JSON.stringify(rule.when) : '';
    const candidates = isMany ? (alike.get(key) ?? []) : before;
    const complaint = complaintAbout(known, candidates);
    if (complaint !== undefined) found.push(complaint);
    if (!rule.isActive) continue;
    before.push(known);
    if (isMany) alike.set(key, [...(alike.get(key) ?? []).slice(0, 4), known]);
  }
  return found;
}

function complaintAbout(later: Known, before: readonly Known[]): Diagnostic | undefined {
  for (const earlier of before) {
    // Two rules of one name are told already.
    if (earlier.rule.name === later.rule.name || !covers(earlier.rule, later.rule)) continue;
    const isTaken = endsEvaluation(earlier.rule) && implies(later.clause, earlier.clause);
    const at = ['rules', later.rule.index, 'name'];
    if (isTaken) {
      return complain(later.rule.file, at, {
        severity: 'warning',
        message: `no message reaches this rule: ${placeOf(earlier.rule)} takes all that it means`,
        hint: 'put this rule first, narrow the other one, or take this one out',
      });
    }
    if (!later.rule.isActive || !isSame(earlier, later)) continue;
    return complain(later.rule.file, at, {
      severity: 'warning',
      message: `this rule says what ${placeOf(earlier.rule)} says`,
      hint: 'take one of them out',
    });
  }
  return undefined;
}

function isSame(a: Known, b: Known): boolean {
  return (
    JSON.stringify(a.rule.then) === JSON.stringify(b.rule.then) &&
    implies(a.clause, b.clause) &&
    implies(b.clause, a.clause)
  );
}

/** Wherever and whenever the later rule looks, the earlier one looks before it. */
function covers(earlier: RawRule, later: RawRule): boolean {
  if (earlier.file === later.file) return true;
  return (
    earlier.occasions === later.occasions &&
    later.mailboxes.every((mailbox) => earlier.mailboxes.includes(mailbox)) &&
    (earlier.accounts === null ||
      (later.accounts?.every((account) => earlier.accounts?.includes(account)) ?? false))
  );
}
