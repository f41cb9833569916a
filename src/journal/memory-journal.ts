/** The journal's promises in memory: for tests, and where nothing has ever run. */

import type { AccountId, RunId, StepId } from '../core/brand.ts';
import type { Cursor } from '../mail/cursor.ts';
import type { MemoryCursor, RememberedMessage } from '../mail/mail-memory.ts';
import type { Plan } from '../plan/plan.ts';
import {
  type Intent,
  type Journal,
  type ParkedRecord,
  type PlanRecord,
  type RunRecord,
  type StepRecord,
  suppressionText,
  type TargetOutcome,
} from './journal.ts';
import { claimStore } from './memory-claims.ts';
import { pastWorkStore } from './memory-past-work.ts';
import { waitStore } from './memory-waits.ts';
import { prunable } from './retention.ts';
import { copiesRetracted, dealtWith, findStep, parkedBy } from './step-effects.ts';
import { memoryWaitingPlans } from './waiting-plans.ts';

interface StoredPlan {
  readonly plan: Plan;
  ended: boolean;
}

/** Opens an empty journal that is gone with the process. */
export function openMemoryJournal(): Journal {
  const plans = new Map<string, StoredPlan>();
  const intents: Intent[] = [];
  const proved = new Map<StepId, readonly TargetOutcome[]>();
  const settled = new Map<StepId, readonly TargetOutcome[]>();
  const parked = parkedStore();
  const waiting = memoryWaitingPlans();
  const runs = runStore();
  const cursors = new Map<string, Cursor>();
  const suppressed = new Map<AccountId, Set<string>>();
  const past = pastWorkStore();
  const later = waitStore();

  const recordOf = ({ plan, ended }: StoredPlan): PlanRecord => ({
    plan,
    ended,
    steps: new Map(plan.steps.map(({ id }) => [id, stepRecord(id)])),
  });
  const stepRecord = (id: StepId): StepRecord => {
    const own = intents.filter((intent) => intent.step === id);
    const outcomes = settled.get(id);
    const state = outcomes !== undefined ? 'settled' : own.length > 0 ? 'issued' : 'planned';
    return { id, state, intents: own, proved: proved.get(id) ?? [], outcomes: outcomes ?? [] };
  };
  const saveCursors = (list: readonly Cursor[]): void => {
    for (const cursor of list) cursors.set(`${cursor.account} ${cursor.mailbox}`, cursor);
  };

  return {
    ...runs,
    ...rememberedStore(),
    ...past.journal,
    keepWaiting: waiting.keepWaiting,
    waitingPlans: waiting.waitingPlans,
    ...parked.journal,
    ...claimStore(),
    ...scheduleStore(),
    ...later.journal,
    savePlan: async (plan, list, suppressions = []) => {
      plans.set(`${plan.run}/${plan.account}`, { plan, ended: false });
      waiting.drop(plan);
      saveCursors(list);
      parked.keep(plan, plan.parked);
      for (const { account, identity, ruleRevision } of suppressions) {
        const set = suppressed.get(account) ?? new Set();
        suppressed.set(account, set.add(suppressionText(identity, ruleRevision)));
      }
    },
    recordIntent: async (...issued) => {
      intents.push(...issued);
    },
    recordProof: async (step, outcomes) => {
      proved.set(step, outcomes);
    },
    settleStep: async (step, outcomes) => {
      settled.set(step, outcomes);
      const stored = [...plans.values()].find(({ plan }) => findStep(plan, step) !== undefined);
      if (stored === undefined) return;
      const { plan } = stored;
      const { mailbox, uids } = dealtWith(plan, step, outcomes);
      parked.release(
        (it) => it.account === plan.account && it.mailbox === mailbox && uids.has(it.uid),
      );
      parked.keep(plan, parkedBy(plan, step, outcomes));
      past.keep(plan, { step, outcomes });
      later.keep(plan, { step, outcomes });
      const undone = plan.undoes === null ? undefined : plans.get(`${plan.undoes}/${plan.account}`);
      if (undone === undefined) return;
      past.forget(copiesRetracted(recordOf(undone), plan, { step, outcomes }));
    },
    prune: async (retention) => {
      const detailed = new Set([...plans.values()].map(({ plan }) => plan.run));
      const open = new Set(
        [...plans.values()].flatMap((each) => (each.ended ? [] : each.plan.run)),
      );
      const newest = await runs.runs(Number.MAX_SAFE_INTEGER);
      const old = prunable(newest, retention, ({ id }) => detailed.has(id) && !open.has(id));
      for (const [key, { plan }] of plans) if (old.has(plan.run)) plans.delete(key);
      return old.size;
    },
    endPlan: async (run, account) => {
      const stored = plans.get(`${run}/${account}`);
      if (stored !== undefined) stored.ended = true;
    },
    openPlans: async (account) =>
      [...plans.values()]
        .filter((stored) => !stored.ended && stored.plan.account === account)
        .map(recordOf),
    plansOf: async (run) =>
      [...plans.values()]
        .filter((stored) => stored.plan.run === run)
        .sort((a, b) => (a.plan.account < b.plan.account ? -1 : 1))
        .map(recordOf),
    isWhole: async (run) =>
      [...plans.values()].every((stored) => stored.plan.run !== run || stored.ended),
    cursor: async (account, mailbox) => cursors.get(`${account} ${mailbox}`) ?? null,
    saveCursors: async (list) => saveCursors(list),
    suppressions: async (account) => suppressed.get(account) ?? new Set(),
    close: async () => {},
  };
}

function scheduleStore(): Pick<Journal, 'scheduleDone' | 'noteSchedule'> {
  const done = new Map<string, number>();
  return {
    scheduleDone: async (account, ruleFile) => done.get(`${account} ${ruleFile}`) ?? null,
    noteSchedule: async (account, ruleFile, atMs) => {
      done.set(`${account} ${ruleFile}`, atMs);
    },
  };
}

type RunStore = Pick<Journal, 'beginRun' | 'endRun' | 'run' | 'undosOf' | 'runs'>;

function runStore(): RunStore {
  const runs = new Map<RunId, RunRecord>();
  return {
    beginRun: async (run) => {
      runs.set(run.id, { ...run, endedAtMs: null, undoneBy: null, partlyUndoneBy: [] });
    },
    endRun: async (id, atMs, left = 'nothing') => {
      const run = runs.get(id);
      if (run === undefined) return;
      runs.set(id, { ...run, endedAtMs: atMs });
      const undone = run.undoes === null ? undefined : runs.get(run.undoes);
      if (undone === undefined) return;
      runs.set(
        undone.id,
        left === 'rest'
          ? { ...undone, partlyUndoneBy: [...undone.partlyUndoneBy, id] }
          : { ...undone, undoneBy: id, partlyUndoneBy: [] },
      );
    },
    run: async (id) => runs.get(id) ?? null,
    undosOf: async (run) => [...runs.values()].filter(({ undoes }) => undoes === run),
    runs: async (limit) =>
      [...runs.values()]
        .sort((a, b) => b.startedAtMs - a.startedAtMs || (a.id < b.id ? 1 : -1))
        .slice(0, limit),
  };
}

interface ParkedStore {
  readonly journal: Pick<Journal, 'releaseParked' | 'releaseMessages' | 'parked'>;
  keep(plan: Plan, messages: Plan['parked']): void;
  release(isReleased: (record: ParkedRecord) => boolean): void;
}

function parkedStore(): ParkedStore {
  let records: readonly ParkedRecord[] = [];
  const release: ParkedStore['release'] = (isReleased) => {
    records = records.filter((record) => !isReleased(record));
  };
  return {
    journal: {
      releaseParked: async (account, mailboxes) =>
        release((it) => it.account === account && mailboxes.includes(it.mailbox)),
      releaseMessages: async (account, mailbox, uids) =>
        release((it) => it.account === account && it.mailbox === mailbox && uids.includes(it.uid)),
      parked: async (limit) => newestByMessage(records).slice(0, limit),
    },
    keep: ({ run, account }, messages) => {
      const added = messages.map((message) => ({ run, account, ...message }));
      records = [...added.reverse(), ...records];
    },
    release,
  };
}

/** A message that was parked again shows once, with its newest reason. */
function newestByMessage(parked: readonly ParkedRecord[]): readonly ParkedRecord[] {
  const seen = new Map<string, ParkedRecord>();
  for (const record of parked) {
    const key = JSON.stringify([record.account, record.mailbox, record.uid]);
    if (!seen.has(key)) seen.set(key, record);
  }
  return [...seen.values()];
}

function rememberedStore(): Pick<Journal, 'loadMemory' | 'saveMemory'> {
  const messages = new Map<string, RememberedMessage & { account: AccountId }>();
  const cursors = new Map<string, MemoryCursor & { account: AccountId }>();
  const of = <T extends { account: AccountId }>(rows: Iterable<T>, owner: AccountId) =>
    [...rows].flatMap(({ account, ...row }) => (account === owner ? [row] : []));
  return {
    loadMemory: async (account) => ({
      messages: of(messages.values(), account),
      cursors: of(cursors.values(), account),
    }),
    saveMemory: async (account, changed) => {
      for (const row of changed.messages) {
        const key = `${account} ${row.uidValidity} ${row.uid} ${row.mailbox}`;
        messages.set(key, { ...row, account });
      }
      for (const row of changed.cursors) {
        cursors.set(`${account} ${row.mailbox}`, { ...row, account });
      }
    },
  };
}
