/** Mail that would go round: rules that move it from one watched mailbox to another and back. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { anywhere, type Clause, clauseOf, excludes } from './implication.ts';
import { complain, moveTarget, placeOf, type RawRule } from './raw-rules.ts';

interface Move {
  readonly rule: RawRule;
  readonly clause: Clause;
  readonly action: number;
  readonly from: string;
  readonly to: string;
  /** Of the message afterwards; null: any that the rule is for. */
  readonly account: string | null;
}

/** A circle is told once, at the move that closes it. More than this many steps nobody writes. */
const MAX_STEPS = 6;

/** Finds circles of moves whose conditions can hold for one message. */
export function checkCycles(rules: readonly RawRule[]): readonly Diagnostic[] {
  const moves = rules.flatMap(movesOf);
  const watched = new Set(moves.map(({ from }) => from));
  const between = moves.filter(({ to }) => watched.has(to));
  const told = new Set<string>();
  return between.flatMap((first) => {
    const circle = circleFrom(first, between, [first]);
    if (circle === undefined) return [];
    const key = circle
      .map((move) => placeOf(move.rule))
      .sort()
      .join(' ');
    if (told.has(key)) return [];
    told.add(key);
    const last = circle.at(-1) ?? first;
    const way = circle.map((move) => `${placeOf(move.rule)} moves to ${wordsOf(move)}`).join(', ');
    return [
      complain(last.rule.file, ['rules', last.rule.index, 'then', last.action], {
        message: `mail could go round for ever: ${way}`,
        hint: 'let one of the conditions leave out what the other one moves',
      }),
    ];
  });
}

function movesOf(rule: RawRule): readonly Move[] {
  if (!rule.isActive) return [];
  const path = ['rules', rule.index, 'when'];
  const clause = clauseOf(rule.when, { named: rule.named, path });
  return rule.then.flatMap((action, index) => {
    const target = moveTarget(action);
    if (target === undefined) return [];
    const { mailbox: to, account } = target;
    const isStaying = (from: string): boolean => from === to && account === null;
    return rule.mailboxes
      .filter((from) => !isStaying(from) && !excludes(clause, liesIn(from)))
      .map((from) => ({ rule, clause: anywhere(clause), action: index, from, to, account }));
  });
}

function wordsOf({ to, account }: Move): string {
  return account === null ? to : `${to} of account ${account}`;
}

function liesIn(mailbox: string): Clause {
  return { kind: 'test', key: 'mailbox', operand: { is: mailbox }, path: [] };
}

function circleFrom(
  first: Move,
  moves: readonly Move[],
  trail: readonly Move[],
): readonly Move[] | undefined {
  const last = trail.at(-1) ?? first;
  if (trail.length > 1 && last.to === first.from && leadsTo(trail, first)) return trail;
  if (trail.length >= MAX_STEPS) return undefined;
  for (const next of moves) {
    const fits =
      next.from === last.to &&
      !trail.includes(next) &&
      leadsTo(trail, next) &&
      trail.every((each) => !excludes(each.clause, next.clause));
    const circle = fits ? circleFrom(first, moves, [...trail, next]) : undefined;
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** Can the message, in the account where the trail leaves it, be one of the next rule's? */
function leadsTo(trail: readonly Move[], next: Move): boolean {
  const crossing = trail.findLastIndex(({ account }) => account !== null);
  const account = trail[crossing]?.account ?? null;
  // Where the first move of the trail began, nobody knows; the circle must close in that account.
  if (account !== null && next.rule.accounts?.includes(account) === false) return false;
  return trail.slice(crossing + 1).every((each) => shareAccount(each.rule, next.rule));
}

function shareAccount(a: RawRule, b: RawRule): boolean {
  return (
    a.accounts === null ||
    b.accounts === null ||
    a.accounts.some((account) => b.accounts?.includes(account))
  );
}
