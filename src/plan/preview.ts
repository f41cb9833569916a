/** A plan as a person reads it: groups with counts and examples, and what it costs the server. */
import { describeEffect } from '../core/external-effect.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { Plan } from './plan.ts';
import type { MessageStep, Step, StepTarget } from './step.ts';
import { describePlace } from './transfer-key.ts';

/** A plan with what was learned while it was made. */
export interface PlanPreview {
  readonly plan: Plan;
  /** Messages that the rules looked at, by mailbox. */
  readonly looked: readonly { readonly mailbox: MailboxName; readonly messages: number }[];
  /** "From — Subject" by `exampleKey`, for a few messages of each group. */
  readonly examples: ReadonlyMap<string, string>;
  readonly groups: readonly PreviewGroup[];
  /** Commands that carrying the plan out will send, by verb. */
  readonly cost: readonly { readonly verb: string; readonly count: number }[];
  /** Remarks about the mailboxes: what was left alone, and why. */
  readonly notes: readonly string[];
}

/** What one rule does to the messages of one mailbox, in one way. */
export interface PreviewGroup {
  readonly mailbox: MailboxName;
  readonly rule: string;
  readonly file: string;
  readonly action:
    | ('move' | 'snooze' | 'copy' | 'flag' | 'unflag' | 'create' | 'retract' | 'revive' | 'restore')
    | ('effect' | 'expunge');
  /** The destination or the flag. */
  readonly target: string;
  readonly uids: readonly Uid[];
}

/** How many messages of a group are shown. */
export const EXAMPLES_SHOWN = 3;

/** The key of a message in `PlanPreview.examples`. */
export function exampleKey(mailbox: MailboxName, uid: Uid): string {
  return `${uid} ${mailbox}`;
}

/** What the scan can add to a plan. */
export interface PreviewExtras {
  readonly looked?: PlanPreview['looked'];
  readonly examples?: PlanPreview['examples'];
  readonly notes?: readonly string[];
  readonly capabilities?: { readonly move: boolean; readonly uidplus: boolean };
}

/** Prepares a plan for reading. */
export function previewOf(plan: Plan, extras: PreviewExtras = {}): PlanPreview {
  const capabilities = extras.capabilities ?? { move: true, uidplus: true };
  return {
    plan,
    looked: extras.looked ?? [],
    examples: extras.examples ?? new Map(),
    notes: extras.notes ?? [],
    groups: groupSteps(plan),
    cost: costOf(plan, capabilities),
  };
}

/** The messages that should be shown as examples, by mailbox. */
export function wantedExamples(plan: Plan): ReadonlyMap<MailboxName, readonly Uid[]> {
  const wanted = new Map<MailboxName, Set<Uid>>();
  for (const { mailbox, uids } of groupSteps(plan)) {
    const chosen = wanted.get(mailbox) ?? new Set();
    for (const uid of uids.slice(0, EXAMPLES_SHOWN)) chosen.add(uid);
    wanted.set(mailbox, chosen);
  }
  return new Map([...wanted].map(([mailbox, uids]) => [mailbox, [...uids].sort((a, b) => a - b)]));
}

function groupSteps(plan: Plan): readonly PreviewGroup[] {
  const groups = new Map<string, PreviewGroup & { uids: Uid[] }>();
  for (const step of plan.steps) {
    const words = wordsFor(step);
    const targets: readonly (Partial<StepTarget> & { readonly rule: number })[] =
      step.kind === 'create' ? [{ rule: step.rule }] : step.targets;
    for (const { uid, rule, untilMs } of targets) {
      const { action, target } = untilMs === undefined ? words : snoozeWords(words, untilMs);
      const { name = '', file = '' } = plan.rules[rule] ?? {};
      const key = JSON.stringify([step.mailbox, rule, action, target]);
      const group = groups.get(key) ?? {
        mailbox: step.mailbox,
        rule: name,
        file,
        action,
        target,
        uids: [],
      };
      if (uid !== undefined) group.uids.push(uid);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

/** By the day, since a time that is counted from the arrival is another for each message. */
function snoozeWords({ target }: { readonly target: string }, untilMs: number) {
  const day = new Date(untilMs).toISOString().slice(0, 10);
  return { action: 'snooze', target: `${target} until ${day}` } as const;
}

function wordsFor(step: Step): Pick<PreviewGroup, 'action' | 'target'> {
  switch (step.kind) {
    case 'create':
      return { action: 'create', target: step.mailbox };
    case 'store':
      return { action: step.change.op === 'add' ? 'flag' : 'unflag', target: step.change.flag };
    case 'retract':
      return { action: 'retract', target: step.trash ?? '' };
    case 'revive':
    case 'restore':
      return { action: step.kind, target: '' };
    case 'probe':
      return { action: 'create', target: step.mailbox };
    case 'transfer':
      return { action: step.removes ? 'move' : 'copy', target: describePlace(step.to) };
    case 'effect':
      return { action: 'effect', target: describeEffect(step.effect) };
    case 'expunge':
      return { action: 'expunge', target: step.backup ? 'a backup is kept' : 'no backup' };
    default:
      return { action: step.kind, target: step.destination };
  }
}

function costOf(
  plan: Plan,
  capabilities: { move: boolean; uidplus: boolean },
): PlanPreview['cost'] {
  const counts = new Map<string, number>();
  const count = (verb: string): void => {
    counts.set(verb, (counts.get(verb) ?? 0) + 1);
  };
  const sources = new Set(
    plan.steps.flatMap((step) => (step.kind === 'create' ? [] : [step.mailbox])),
  );
  for (const _ of sources) count('SELECT');
  for (const step of plan.steps) {
    if (step.kind === 'create') count('CREATE');
    else for (const verb of verbsFor(step, capabilities)) count(verb);
  }
  return [...counts].map(([verb, number]) => ({ verb, count: number }));
}

function verbsFor(
  step: MessageStep,
  capabilities: { move: boolean; uidplus: boolean },
): readonly string[] {
  switch (step.kind) {
    case 'copy':
      return ['UID COPY'];
    case 'move':
      if (capabilities.move) return ['UID MOVE'];
      return ['UID COPY', 'UID STORE', ...(capabilities.uidplus ? ['UID EXPUNGE'] : [])];
    case 'transfer': {
      const appends = step.targets.map(() => 'APPEND');
      if (!step.removes) return appends;
      return [...appends, 'UID STORE', ...(capabilities.uidplus ? ['UID EXPUNGE'] : [])];
    }
    case 'effect':
      return [];
    case 'expunge':
      return ['UID STORE', 'UID EXPUNGE'];
    case 'restore':
      return step.targets.map(() => 'APPEND');
    case 'retract':
      return step.trash !== null && capabilities.move ? ['UID MOVE'] : ['UID STORE'];
    default:
      return ['UID STORE'];
  }
}
