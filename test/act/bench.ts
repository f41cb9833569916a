/** A small account on the sandbox, a plan that does everything to it, and what must come of it. */
import type { ActContext } from '../../src/act/context.ts';
import type { Outside } from '../../src/act/outside.ts';
import { accountId, runId, stepId } from '../../src/core/brand.ts';
import { manualClock } from '../../src/core/clock.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { openSession } from '../../src/imap/connect.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory-journal.ts';
import { identityOf } from '../../src/mail/identity.ts';
import type { MailSession } from '../../src/mail/mail-session.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { Uid } from '../../src/mail/uid-set.ts';
import type { Plan, PlannedMessage } from '../../src/plan/plan.ts';
import type { Step } from '../../src/plan/step.ts';
import { BARE_PROFILE, type CapabilityProfile } from '../../src/sandbox/capabilities.ts';
import type { NewMessage } from '../../src/sandbox/model.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import {
  type FaultPlan,
  faultyJournal,
  faultySession,
  NO_FAULTS,
} from '../support/faulty-session.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

export const INBOX = parseMailboxName('INBOX');
export const FILED = parseMailboxName('Filed');
export const COPIES = parseMailboxName('Copies');
export const NEW = parseMailboxName('New');
export const ACCOUNT = accountId('home');
export const RUN = runId('20260101T000000-aaaaaa');

/** Servers by what they lack. */
export const PROFILES: readonly (readonly [string, Partial<CapabilityProfile>])[] = [
  ['modern', {}],
  ['no MOVE', { move: false }],
  ['bare', BARE_PROFILE],
];

const DATE_MS = Date.UTC(2026, 0, 1);

/** A message; equal subjects give equal octets. */
export function mail(subject: string, ...flags: readonly string[]): NewMessage {
  const raw = `From: ann@x.example\r\nMessage-ID: <${subject}@x>\r\nSubject: ${subject}\r\n\r\nhi\r\n`;
  return { raw: Buffer.from(raw), internalDateMs: DATE_MS, flags };
}

/** One account, a journal, and a world to act in. */
export interface Bench {
  readonly sandbox: Sandbox;
  readonly journal: Journal;
  readonly events: AppEvent[];
  /** Logs in and gives what act works with, with these faults. */
  context(faults?: FaultPlan, more?: Partial<ActContext>): Promise<ActContext>;
  /** A plan over these steps, made from what the server says now. */
  plan(steps: readonly Draft[]): Promise<Plan>;
  /** `mailbox subject flags` of every message that is not marked \Deleted, sorted. */
  standing(): readonly string[];
  /** The same of those that are. */
  marked(): readonly string[];
  close(): Promise<void>;
}

/** A step without its id. */
export type Draft = Step extends infer S ? (S extends Step ? Omit<S, 'id'> : never) : never;

/** Targets of rule 0. */
export function targets(...uids: readonly Uid[]): readonly { uid: Uid; rule: number }[] {
  return uids.map((uid) => ({ uid, rule: 0 }));
}

/** Starts the account: six messages, of which the last two are twins, and somebody's \Deleted one. */
export async function makeBench(
  capabilities: Partial<CapabilityProfile> = {},
  journal: Journal = openMemoryJournal(),
): Promise<Bench> {
  const sandbox = await startSandbox({
    user: 'ann',
    password: 'pass',
    capabilities,
    mailboxes: [
      {
        name: INBOX,
        messages: [
          mail('a'),
          mail('b', '\\Seen'),
          mail('c'),
          mail('d'),
          mail('twin'),
          mail('twin'),
          mail('bait', '\\Deleted'),
        ],
      },
      // An older equal of "a", which must not be taken for a copy of ours.
      { name: FILED, messages: [mail('a'), mail('old')] },
      { name: COPIES },
    ],
  });
  const events: AppEvent[] = [];
  const clock = manualClock(Date.UTC(2026, 1, 1));
  const sessions: MailSession[] = [];
  const login = async (): Promise<MailSession> => {
    const session = await openSession(
      loopbackAccount({ port: sandbox.port, user: 'ann', password: 'pass' }),
      {
        mode: 'write',
        emit: () => {},
        trace: false,
      },
    ).login();
    sessions.push(session);
    return session;
  };
  const lines = (isMarked: boolean): readonly string[] =>
    sandbox
      .snapshot()
      .flatMap(({ name, messages }) =>
        messages.map(({ raw, flags }) => {
          const subject = /^Subject: (.*)\r$/m.exec(Buffer.from(raw).toString())?.[1] ?? '';
          return [name, subject, ...[...flags].sort()].join(' ');
        }),
      )
      .filter((line) => line.includes('\\Deleted') === isMarked)
      .sort();
  return {
    sandbox,
    journal,
    events,
    context: async (faults = NO_FAULTS, more = {}) => ({
      session: faultySession(await login(), faults),
      journal: faultyJournal(journal, faults),
      clock,
      emit: (event) => void events.push(event),
      signal: new AbortController().signal,
      timing: { settleMs: 5000, graceMs: 60_000 },
      sameSession: false,
      outside: NOTHING_OUTSIDE,
      abroad: noOtherAccount,
      ...more,
    }),
    plan: async (steps) => await planOf(await login(), steps),
    standing: () => lines(false),
    marked: () => lines(true),
    close: async () => {
      for (const session of sessions) session.destroy();
      await sandbox.stop();
    },
  };
}

/** A plan over what lies in INBOX now. */
export async function planOf(session: MailSession, steps: readonly Draft[]): Promise<Plan> {
  const box = await session.examine(INBOX);
  const uids = await box.search({ kind: 'all' });
  const messages: PlannedMessage[] = [];
  for (const row of await box.fetch(uids, { basic: true, identity: true })) {
    const { uid, basic, identityHeader } = row;
    if (basic === undefined || identityHeader === undefined) continue;
    messages.push({ uid, basic, identity: identityOf(basic.sizeBytes, identityHeader) });
  }
  const { uidValidity, uidNext, exists } = box.info;
  await box.leave();
  return {
    version: 1,
    run: RUN,
    account: ACCOUNT,
    createdAtMs: 0,
    ruleSetDigest: 'digest',
    undoes: null,
    rules: [{ name: 'Rule', file: 'a.yaml', revision: 'r1' }],
    mailboxes: [{ name: INBOX, uidValidity, uidNext, exists, messages }],
    steps: steps.map((step, index): Step => ({ ...step, id: stepId(RUN, ACCOUNT, index + 1) })),
    parked: [],
    observed: [],
  };
}

const SEEN = { op: 'add', flag: '\\Flagged' } as const;

/** Everything at once: CREATE, STORE, COPY, and MOVE of some that were flagged and copied. */
export const EVERYTHING: readonly Draft[] = [
  { kind: 'create', mailbox: NEW, rule: 0 },
  { kind: 'store', mailbox: INBOX, change: SEEN, targets: targets(1, 2) },
  { kind: 'copy', mailbox: INBOX, destination: COPIES, targets: targets(1, 3) },
  { kind: 'move', mailbox: INBOX, destination: FILED, targets: targets(1, 5, 6) },
  { kind: 'move', mailbox: INBOX, destination: NEW, targets: targets(4) },
];

/** What must stand after `EVERYTHING`, on every server. */
export const AFTER_EVERYTHING: readonly string[] = [
  'Copies a \\Flagged',
  'Copies c',
  'Filed a',
  'Filed a \\Flagged',
  'Filed old',
  'Filed twin',
  'Filed twin',
  'INBOX b \\Flagged \\Seen',
  'INBOX c',
  'New d',
].sort();

/** What stood before. */
export const BEFORE_EVERYTHING: readonly string[] = [
  'Filed a',
  'Filed old',
  'INBOX a',
  'INBOX b \\Seen',
  'INBOX c',
  'INBOX d',
  'INBOX twin',
  'INBOX twin',
].sort();

async function noOtherAccount(): Promise<never> {
  throw new Error('no step of this plan is for another account');
}

/** No step of these plans asks for anything outside. */
export const NOTHING_OUTSIDE: Outside = {
  mayExpunge: true,
  perform: async () => ({ kind: 'refused', reason: 'nothing is outside' }),
  keepBackup: async () => ({ kind: 'done', evidence: 'kept' }),
  readBackup: async () => null,
};
