/** Decisions on mail of no server: one JSON line each, or counts with a few examples. */
import { countOf } from '../core/count.ts';
import { describeEffect, type ExternalEffect } from '../core/external-effect.ts';
import { SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MessageView } from '../mail/message-view.ts';
import {
  type Decision,
  destinationWords,
  type Relocation,
  type ResolvedDestination,
} from './decision.ts';
import { type PlanStyle, visible } from './render-plan.ts';

/** What a decision asks for, as `plan --mail --json` tells it: one thing each. */
export type FileAction =
  | { readonly type: 'flag' | 'unflag'; readonly flag: string }
  | { readonly type: 'label' | 'unlabel'; readonly label: string }
  | {
      readonly type: 'copy' | 'move' | 'create';
      readonly mailbox: string;
      /** Set where it is another account. */
      readonly account?: string;
      /** Set where it is snoozed: when it comes back, in ISO 8601. */
      readonly until?: string;
    }
  /** Outside the mailboxes: "save to invoices". */
  | { readonly type: ExternalEffect['kind']; readonly what: string }
  | { readonly type: 'expunge'; readonly backup: boolean };

/** The line of one message. */
export interface FileLine {
  readonly message: string;
  /** Every rule that matched, in order. */
  readonly rules: readonly string[];
  readonly actions: readonly FileAction[];
  readonly observed?: readonly { readonly rule: string; readonly what: string }[];
  readonly parked?: { readonly rule: string | null; readonly reason: string };
}

/** Says what a decision asks for, in the order in which it would be done. */
export function fileLine(message: string, decision: Decision): FileLine {
  const { matched, observed, parked } = decision;
  return {
    message,
    rules: matched.map(({ name }) => name),
    actions: actionsOf(decision),
    ...(observed.length === 0
      ? {}
      : { observed: observed.map(({ rule, what }) => ({ rule: rule.name, what })) }),
    ...(parked === null ? {} : { parked }),
  };
}

const SYSTEM: ReadonlySet<string> = new Set(Object.values(SYSTEM_FLAGS));

function actionsOf(decision: Decision): readonly FileAction[] {
  const { flags, creates, copies, effects, expunge, move } = decision;
  return [
    ...flags.map(({ change: { op, flag } }): FileAction => {
      if (SYSTEM.has(flag)) return { type: op === 'add' ? 'flag' : 'unflag', flag };
      return { type: op === 'add' ? 'label' : 'unlabel', label: flag };
    }),
    ...creates.map(({ mailbox }): FileAction => ({ type: 'create', mailbox })),
    ...copies.map(({ to }): FileAction => ({ type: 'copy', ...placeOf(to) })),
    ...effects.map(({ effect }) => ({ type: effect.kind, what: describeEffect(effect) })),
    ...(move === null ? [] : [movedTo(move)]),
    ...(expunge === null ? [] : [{ type: 'expunge', backup: expunge.backup } satisfies FileAction]),
  ];
}

function movedTo({ to, untilMs }: Relocation): FileAction {
  const until = untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() };
  return { type: 'move', ...placeOf(to), ...until };
}

function placeOf({ account, mailbox }: ResolvedDestination): { mailbox: string; account?: string } {
  return account === null ? { mailbox } : { mailbox, account };
}

const EXAMPLES = 3;
const PARKED_SHOWN = 10;
/** Destinations of one rule that are told by name; a template may make one for each message. */
const WAYS_SHOWN = 40;
const OTHER_WAYS = '… to further mailboxes and labels';

/** Counts decisions as they come; memory grows with the number of rules, not of messages. */
export interface FileTally {
  add(message: string, decision: Decision): void;
  readonly parkedCount: number;
  render(style: PlanStyle): string;
}

/** Starts counting. */
export function openTally(): FileTally {
  const groups = new Map<string, Map<string, { count: number; examples: string[] }>>();
  const parked: string[] = [];
  let [total, touched, parkedCount] = [0, 0, 0];
  const addTo = (rule: string, way: string, decision: Decision): void => {
    const group = groups.get(rule) ?? new Map<string, { count: number; examples: string[] }>();
    const what = group.has(way) || group.size < WAYS_SHOWN ? way : OTHER_WAYS;
    const entry = group.get(what) ?? { count: 0, examples: [] };
    entry.count += 1;
    if (entry.examples.length < EXAMPLES) entry.examples.push(describe(decision.view));
    groups.set(rule, group.set(what, entry));
  };
  return {
    add: (message, decision) => {
      total += 1;
      for (const { change, rule } of decision.flags) {
        addTo(rule.name, `${change.op === 'add' ? '+' : '-'} flag ${change.flag}`, decision);
      }
      for (const { mailbox, rule } of decision.creates) {
        addTo(rule.name, `* create mailbox ${mailbox}`, decision);
      }
      for (const { to, rule } of decision.copies) {
        addTo(rule.name, `+ copy to ${destinationWords(to)}`, decision);
      }
      for (const { effect, rule } of decision.effects) {
        addTo(rule.name, `! ${describeEffect(effect)}`, decision);
      }
      const { move, expunge } = decision;
      if (expunge !== null) addTo(expunge.rule.name, '✗ delete for good', decision);
      if (move !== null) addTo(move.rule.name, `→ move to ${destinationWords(move.to)}`, decision);
      for (const { rule, what } of decision.observed) {
        addTo(rule.name, `(observed) ${what}`, decision);
      }
      if (actionsOf(decision).length > 0) touched += 1;
      if (decision.parked === null) return;
      parkedCount += 1;
      const { rule, reason } = decision.parked;
      const why = rule === null ? reason : `${rule}: ${reason}`;
      if (parked.length < PARKED_SHOWN) parked.push(`${message}  ${why}`);
    },
    get parkedCount() {
      return parkedCount;
    },
    render: ({ colors }) => {
      const lines = [colors.bold(`${countOf(total, 'message')} looked at, ${touched} to change`)];
      for (const [rule, group] of groups) {
        lines.push('', `  ${colors.bold(visible(rule))}`);
        for (const [what, { count, examples }] of group) {
          lines.push(`    ${colors.green(visible(what))}  ${colors.cyan(String(count))}`);
          for (const example of examples) lines.push(colors.dim(`        ${visible(example)}`));
        }
      }
      if (parkedCount > 0) {
        const title = `Left where they are, for you to look at: ${parkedCount}`;
        lines.push('', `  ${colors.yellow(title)}`);
        for (const line of parked) lines.push(`    ${visible(line)}`);
      }
      return lines.join('\n');
    },
  };
}

function describe({ headers }: MessageView): string {
  const from = headers?.addresses('from');
  const subject = headers?.text('subject');
  const author = from?.kind === 'values' ? from.values[0] : undefined;
  const title = subject?.kind === 'values' ? subject.values[0] : undefined;
  const name = author === undefined ? '(no sender)' : author.name || author.address;
  return `${name} — ${title ?? '(no subject)'}`;
}
