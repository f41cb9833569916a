/** Plans from JSON, every member checked: from a plan file or from the journal. */
import { accountId, runId, type StepId, stepId } from '../core/brand.ts';
import { identityFromJournal } from '../mail/identity.ts';
import { parseMailboxName, whyInvalid } from '../mail/mailbox-name.ts';
import {
  fail,
  type Reader,
  readBoolean,
  readCount,
  readInteger,
  readList,
  readNullable,
  readObject,
  readString,
  readWord,
} from './json-shape.ts';
import type { Plan } from './plan.ts';
import { readEffect } from './read-effect.ts';
import type { Step, StepTarget, TakenBack } from './step.ts';
import type { AccountPlace } from './transfer-key.ts';

/** Reads a plan; throws ShapeError with the place of the first defect. */
export const readPlan: Reader<Plan> = (value, place) => {
  const plan = readObject<Plan>((member) => ({
    version: member('version', readVersion),
    run: runId(member('run', readString)),
    account: accountId(member('account', readString)),
    createdAtMs: member('createdAtMs', readInteger),
    ruleSetDigest: member('ruleSetDigest', readString),
    undoes: member(
      'undoes',
      readNullable((text, at) => runId(readString(text, at))),
    ),
    rules: member('rules', readList(readRule)),
    mailboxes: member('mailboxes', readList(readMailbox)),
    steps: member('steps', readList(readStep)),
    parked: member('parked', readList(readParked)),
    // Plans from before rules could observe have none.
    observed: member('observed', (list, at) =>
      list === undefined ? [] : readList(readObserved)(list, at),
    ),
  }))(value, place);
  assertConsistent(plan, place);
  return plan;
};

/** Every target is a message of the plan, every rule index leads to a rule, ids are in order. */
function assertConsistent(plan: Plan, place: string): void {
  const known = new Set(
    plan.mailboxes.flatMap(({ name, messages }) => messages.map(({ uid }) => `${uid} ${name}`)),
  );
  plan.observed.forEach(({ rule }, index) => {
    if (plan.rules[rule] === undefined)
      fail(`${place}.observed[${index}]`, 'for rules of the plan');
  });
  plan.steps.forEach((step, index) => {
    const at = `${place}.steps[${index}]`;
    if (step.id !== stepId(plan.run, plan.account, index + 1)) fail(`${at}.id`, 'in order');
    const targets = step.kind === 'create' ? [] : step.targets;
    for (const { uid, rule } of targets) {
      if (!known.has(`${uid} ${step.mailbox}`)) fail(`${at}.targets`, 'messages of the plan');
      if (plan.rules[rule] === undefined) fail(`${at}.targets`, 'for rules of the plan');
    }
  });
}

const readVersion: Reader<1> = (value, place) => (value === 1 ? 1 : fail(place, '1'));

const readName = (value: unknown, place: string) => {
  const text = readString(value, place);
  return whyInvalid(text) === undefined ? parseMailboxName(text) : fail(place, 'a mailbox name');
};

const readUid: Reader<number> = (value, place) => {
  const uid = readCount(value, place);
  return uid >= 1 && uid < 2 ** 32 ? uid : fail(place, 'a UID');
};

const readRule = readObject((member) => ({
  name: member('name', readString),
  file: member('file', readString),
  revision: member('revision', readString),
}));

const readFlag: Reader<string> = (value, place) => {
  const flag = readString(value, place);
  return /^\\?[!#-'+-[^-z|}~]+$/.test(flag) ? flag : fail(place, 'a flag');
};

const readMessage = readObject((member) => ({
  uid: member('uid', readUid),
  identity: identityFromJournal(member('identity', readString)),
  basic: member(
    'basic',
    readObject((basic) => ({
      flags: basic('flags', readList(readString)),
      internalDateMs: basic('internalDateMs', readInteger),
      sizeBytes: basic('sizeBytes', readCount),
    })),
  ),
}));

const readMailbox = readObject((member) => ({
  name: member('name', readName),
  uidValidity: member('uidValidity', readCount),
  uidNext: member('uidNext', readCount),
  exists: member('exists', readCount),
  messages: member('messages', readList(readMessage)),
}));

const readTarget = readObject<StepTarget>((member) => {
  const takesBack = member('takesBack', (value, place) =>
    value === undefined ? undefined : readTakenBack(value, place),
  );
  const backup = member('backup', (value, place) =>
    value === undefined ? undefined : readString(value, place),
  );
  const untilMs = member('untilMs', (value, place) =>
    value === undefined ? undefined : readInteger(value, place),
  );
  const isWake = member('isWake', (value, place) =>
    value === undefined ? undefined : readBoolean(value, place),
  );
  return {
    uid: member('uid', readUid),
    rule: member('rule', readCount),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(isWake === true ? { isWake } : {}),
    ...(backup === undefined ? {} : { backup }),
    ...(takesBack === undefined ? {} : { takesBack }),
  };
});

const readTakenBack = readObject<TakenBack>((member) => {
  const isRetry = member('isRetry', (value, place) =>
    value === undefined ? undefined : readBoolean(value, place),
  );
  return {
    step: asStepId(member('step', readString)),
    uid: member('uid', readUid),
    ...(isRetry === undefined ? {} : { isRetry }),
  };
});

const STEP_KINDS = [
  ...(['create', 'store', 'copy', 'move', 'retract', 'revive', 'restore', 'transfer'] as const),
  ...(['effect', 'expunge', 'probe'] as const),
] as const;

const readStep = readObject<Step>((member) => {
  const kind = member('kind', readWord(STEP_KINDS));
  const id: StepId = asStepId(member('id', readString));
  const mailbox = member('mailbox', readName);
  if (kind === 'create') return { kind, id, mailbox, rule: member('rule', readCount) };
  const targets = member('targets', readList(readTarget));
  switch (kind) {
    case 'store':
      return { kind, id, mailbox, targets, change: member('change', readChange) };
    case 'retract':
      return { kind, id, mailbox, targets, trash: member('trash', readNullable(readName)) };
    case 'revive':
    case 'restore':
      return { kind, id, mailbox, targets };
    case 'transfer':
      return {
        ...{ kind, id, mailbox, targets, to: member('to', readPlace) },
        create: member('create', readBoolean),
        removes: member('removes', readBoolean),
      };
    case 'effect':
      return { kind, id, mailbox, targets, effect: member('effect', readEffect) };
    case 'probe':
      return {
        ...{ kind, id, mailbox, targets: [], twin: member('twin', readName) },
        makesParent: member('makesParent', readBoolean),
      };
    case 'expunge':
      return { kind, id, mailbox, targets, backup: member('backup', readBoolean) };
    default:
      return { kind, id, mailbox, targets, destination: member('destination', readName) };
  }
});

const readPlace = readObject<AccountPlace>((member) => ({
  account: accountId(member('account', readString)),
  mailbox: member('mailbox', readName),
}));

const readChange = readObject((member) => ({
  op: member('op', readWord(['add', 'remove'])),
  flag: member('flag', readFlag),
}));

const readParked = readObject((member) => ({
  mailbox: member('mailbox', readName),
  uid: member('uid', readUid),
  rule: member('rule', readNullable(readString)),
  reason: member('reason', readString),
}));

const readObserved = readObject((member) => ({
  mailbox: member('mailbox', readName),
  uid: member('uid', readUid),
  rule: member('rule', readCount),
  what: member('what', readString),
}));

function asStepId(text: string): StepId {
  const [run = '', account = '', number = ''] = text.split('/');
  return stepId(runId(run), accountId(account), Number(number));
}
