/** decisions → ordered steps: additive first, the one relocation last (rule-language: order). */
import { type AccountId, type RunId, stepId } from '../core/brand.ts';
import { type ExternalEffect, effectKey } from '../core/external-effect.ts';
import { LIMITS } from '../core/limits.ts';
import type { FlagChange } from '../mail/flags.ts';
import { flagKey } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import { chunkUids } from '../mail/uid-set.ts';
import type { Decision, ResolvedDestination } from './decision.ts';
import type {
  ObservedMessage,
  ParkedMessage,
  Plan,
  PlannedMailbox,
  PlannedMessage,
  PlannedRule,
} from './plan.ts';
import type { Step, StepTarget } from './step.ts';

/** A scanned mailbox with the decisions that ask for something. */
export interface DecidedMailbox {
  readonly name: MailboxName;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly exists: number;
  readonly decisions: readonly Decision[];
}

/** What a plan is made from. */
export interface PlanInput {
  readonly run: RunId;
  readonly account: AccountId;
  readonly createdAtMs: number;
  readonly ruleSetDigest: string;
  readonly mailboxes: readonly DecidedMailbox[];
}

/** Octets of a command line that are left for the UID set beside verb, tag and mailbox name. */
const UID_SET_BYTES = LIMITS.commandLineBytes - 1024;

/**
 * One entry for each mailbox: of two decisions on a message the later one counts. Where the mailbox was
 * numbered anew in between, what was read before means nothing (RFC 9051 §2.3.1.1).
 */
export function mergeDecided(mailboxes: readonly DecidedMailbox[]): readonly DecidedMailbox[] {
  if (new Set(mailboxes.map(({ name }) => name)).size === mailboxes.length) return mailboxes;
  const merged = new Map<MailboxName, DecidedMailbox>();
  for (const mailbox of mailboxes) {
    const known = merged.get(mailbox.name);
    const before = known?.uidValidity === mailbox.uidValidity ? known.decisions : [];
    const byUid = new Map(
      [...before, ...mailbox.decisions].map((each) => [each.view.ref.uid, each]),
    );
    const decisions = [...byUid.values()].sort((a, b) => a.view.ref.uid - b.view.ref.uid);
    merged.set(mailbox.name, { ...mailbox, decisions });
  }
  return [...merged.values()];
}

/** Makes the plan; the same decisions give the same plan. */
export function buildPlan(input: PlanInput): Plan {
  const rules = ruleTable();
  const steps = stepList(input.run, input.account);
  for (const [mailbox, rule] of wantedMailboxes(input.mailboxes)) {
    steps.add({ kind: 'create', mailbox, rule: rules.indexOf(rule) });
  }
  for (const { name, decisions } of input.mailboxes) addMailbox(name, decisions, { rules, steps });
  const observed = input.mailboxes.flatMap((mailbox) => observedOf(mailbox, rules));
  return {
    version: 1,
    run: input.run,
    account: input.account,
    createdAtMs: input.createdAtMs,
    ruleSetDigest: input.ruleSetDigest,
    undoes: null,
    rules: rules.all(),
    mailboxes: input.mailboxes.map(planMailbox).filter((mailbox) => mailbox.messages.length > 0),
    steps: steps.all(),
    parked: input.mailboxes.flatMap(parkedOf),
    observed,
  };
}

function addMailbox(
  mailbox: MailboxName,
  decisions: readonly Decision[],
  into: { rules: RuleTable; steps: StepList },
): void {
  const { rules, steps } = into;
  const stores = new Map<string, { change: FlagChange; targets: StepTarget[] }>();
  const copies = new Map<MailboxName, StepTarget[]>();
  const moves = new Map<MailboxName, StepTarget[]>();
  const transfers = transferGroups();
  const effects = new Map<string, { effect: ExternalEffect; targets: StepTarget[] }>();
  const expunges = new Map<boolean, StepTarget[]>();
  for (const decision of decisions) {
    const { uid } = decision.view.ref;
    for (const { change, rule } of decision.flags) {
      const key = `${change.op} ${flagKey(change.flag)}`;
      const group = stores.get(key) ?? { change, targets: [] };
      group.targets.push({ uid, rule: rules.indexOf(rule) });
      stores.set(key, group);
    }
    for (const { to, rule } of decision.copies) {
      const target = { uid, rule: rules.indexOf(rule) };
      if (to.account === null) group(copies, to.mailbox).push(target);
      else transfers.add({ ...to, account: to.account, removes: false }, target);
    }
    for (const { effect, rule } of decision.effects) {
      const key = effectKey(effect);
      const known = effects.get(key) ?? { effect, targets: [] };
      known.targets.push({ uid, rule: rules.indexOf(rule) });
      effects.set(key, known);
    }
    if (decision.expunge !== null) {
      const { backup, rule } = decision.expunge;
      group(expunges, backup).push({ uid, rule: rules.indexOf(rule) });
    }
    if (decision.move !== null) {
      const { to, rule, untilMs, isWake } = decision.move;
      const target = {
        ...{ uid, rule: rules.indexOf(rule) },
        ...(untilMs === undefined ? {} : { untilMs }),
        ...(isWake === undefined ? {} : { isWake }),
      };
      if (to.account === null) group(moves, to.mailbox).push(target);
      else transfers.add({ ...to, account: to.account, removes: true }, target);
    }
  }
  for (const { change, targets } of stores.values()) {
    for (const batch of batchesOf(targets))
      steps.add({ kind: 'store', mailbox, change, targets: batch });
  }
  const relocate = (
    kind: 'copy' | 'move',
    groups: ReadonlyMap<MailboxName, StepTarget[]>,
  ): void => {
    for (const [destination, targets] of groups) {
      for (const batch of batchesOf(targets))
        steps.add({ kind, mailbox, destination, targets: batch });
    }
  };
  const affect = (isLast: boolean): void => {
    for (const { effect, targets } of effects.values()) {
      if ((effect.kind === 'webhook') !== isLast) continue;
      for (const batch of batchesOf(targets, LIMITS.effectUids))
        steps.add({ kind: 'effect', mailbox, effect, targets: batch });
    }
  };
  const transfer = (removes: boolean): void => {
    for (const { targets, ...how } of transfers.all(removes)) {
      for (const batch of batchesOf(targets, LIMITS.effectUids))
        steps.add({ kind: 'transfer', mailbox, ...how, targets: batch });
    }
  };
  relocate('copy', copies);
  transfer(false);
  affect(false);
  relocate('move', moves);
  transfer(true);
  for (const [backup, targets] of expunges) {
    for (const batch of batchesOf(targets)) {
      steps.add({ kind: 'expunge', mailbox, backup, targets: batch });
    }
  }
  affect(true);
}

type Transfer = Pick<Extract<Step, { kind: 'transfer' }>, 'to' | 'create' | 'removes'>;

/** Messages for other accounts, by place. */
function transferGroups(): {
  add(
    to: { account: AccountId; mailbox: MailboxName; create: boolean; removes: boolean },
    target: StepTarget,
  ): void;
  all(removes: boolean): readonly (Transfer & { readonly targets: readonly StepTarget[] })[];
} {
  const groups = new Map<string, Transfer & { targets: StepTarget[] }>();
  return {
    add: ({ account, mailbox, create, removes }, target) => {
      const key = JSON.stringify([account, mailbox, create, removes]);
      const known = groups.get(key) ?? {
        ...{ to: { account, mailbox }, create, removes },
        targets: [],
      };
      known.targets.push(target);
      groups.set(key, known);
    },
    all: (removes) => [...groups.values()].filter((each) => each.removes === removes),
  };
}

/** Splits targets into batches that fit one command each, in UID order. */
export function batchesOf(
  targets: readonly StepTarget[],
  maxCount: number = LIMITS.batchUids,
): readonly (readonly StepTarget[])[] {
  const byUid = new Map(targets.map((target) => [target.uid, target]));
  const bounds = { maxCount, maxBytes: UID_SET_BYTES };
  return chunkUids(byUid.keys(), bounds).map((uids) =>
    uids.flatMap((uid) => {
      const target = byUid.get(uid);
      return target === undefined ? [] : [target];
    }),
  );
}

/** Mailboxes to create, each once, with the first rule that wants it. */
function wantedMailboxes(
  mailboxes: readonly DecidedMailbox[],
): ReadonlyMap<MailboxName, PlannedRule> {
  const wanted = new Map<MailboxName, PlannedRule>();
  const want = ({ to, rule }: { to: ResolvedDestination; rule: PlannedRule }): void => {
    if (to.account === null && to.create && !wanted.has(to.mailbox)) wanted.set(to.mailbox, rule);
  };
  for (const { decisions } of mailboxes) {
    for (const { copies, move, creates } of decisions) {
      copies.forEach(want);
      if (move !== null) want(move);
      for (const { mailbox, rule } of creates) {
        if (!wanted.has(mailbox)) wanted.set(mailbox, rule);
      }
    }
  }
  return wanted;
}

function planMailbox(mailbox: DecidedMailbox): PlannedMailbox {
  const messages = mailbox.decisions.flatMap((decision): PlannedMessage[] => {
    const { view } = decision;
    const { flags, copies, effects, move, expunge } = decision;
    const acts =
      flags.length + copies.length + effects.length > 0 || move !== null || expunge !== null;
    return acts && view.basic !== undefined && view.identity !== undefined
      ? [{ uid: view.ref.uid, identity: view.identity, basic: view.basic }]
      : [];
  });
  const { name, uidValidity, uidNext, exists } = mailbox;
  return { name, uidValidity, uidNext, exists, messages };
}

function parkedOf(mailbox: DecidedMailbox): ParkedMessage[] {
  return mailbox.decisions.flatMap(({ view, parked }) =>
    parked === null ? [] : [{ mailbox: mailbox.name, uid: view.ref.uid, ...parked }],
  );
}

function observedOf(mailbox: DecidedMailbox, rules: RuleTable): ObservedMessage[] {
  return mailbox.decisions.flatMap(({ view, observed }) =>
    observed.map(({ rule, what }) => ({
      mailbox: mailbox.name,
      uid: view.ref.uid,
      rule: rules.indexOf(rule),
      what,
    })),
  );
}

interface RuleTable {
  indexOf(rule: PlannedRule): number;
  all(): readonly PlannedRule[];
}

function ruleTable(): RuleTable {
  const indexes = new Map<PlannedRule, number>();
  return {
    indexOf: (rule) => {
      const index = indexes.get(rule) ?? indexes.size;
      indexes.set(rule, index);
      return index;
    },
    all: () => [...indexes.keys()].map(({ name, file, revision }) => ({ name, file, revision })),
  };
}

type Unnumbered<S> = S extends Step ? Omit<S, 'id'> : never;

interface StepList {
  add(step: Unnumbered<Step>): void;
  all(): readonly Step[];
}

function stepList(run: RunId, account: AccountId): StepList {
  const steps: Step[] = [];
  return {
    add: (step) => {
      steps.push({ ...step, id: stepId(run, account, steps.length + 1) });
    },
    all: () => steps,
  };
}

function group<K>(groups: Map<K, StepTarget[]>, key: K): StepTarget[] {
  const found = groups.get(key) ?? [];
  groups.set(key, found);
  return found;
}
