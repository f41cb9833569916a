/** Messages, mailboxes and plans for tests of deciding and planning. */
import { accountId, runId } from '../../src/core/brand.ts';
import type { RuleSet } from '../../src/language/ast.ts';
import { identityFromJournal } from '../../src/mail/identity.ts';
import type { MailboxListing } from '../../src/mail/mail-session.ts';
import { parseMailboxName, ROLES } from '../../src/mail/mailbox-name.ts';
import type { MessageView } from '../../src/mail/message-view.ts';
import { buildPlan, type DecidedMailbox } from '../../src/plan/build-plan.ts';
import { decide, isIdle } from '../../src/plan/decide.ts';
import type { DecideContext } from '../../src/plan/decide-context.ts';
import type { Deciding, Decision } from '../../src/plan/decision.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { MailboxMap } from '../../src/plan/resolve-destination.ts';
import type { Step } from '../../src/plan/step.ts';
import { CONTEXT, type MessageFacts, messageOf, NOW_MS, ruleSetOf } from '../language/support.ts';

/** A message with a UID and an identity. */
export interface Mail extends MessageFacts {
  readonly uid?: number;
  /** False leaves the identity unloaded. */
  readonly identity?: boolean;
}

/** What deciding knows beside the message, in short. */
export interface World {
  /** `Archive` or `Archive \archive`; `Old (noselect)`. */
  readonly mailboxes?: readonly string[];
  readonly roles?: MailboxMap['roles'];
  readonly separator?: string;
  readonly permanentFlags?: readonly string[];
  /** `UID MAILBOX`: copies that the journal remembers. */
  readonly copied?: readonly string[];
  /** UIDs on which every rule of `suppressedRules` was taken back. */
  readonly suppressed?: readonly number[];
  readonly suppressedRevisions?: readonly string[];
}

const MAILBOXES = ['INBOX', 'Archive \\archive', 'Trash \\trash', 'Work', 'Work/Reports'];
const FLAGS = ['\\Seen', '\\Flagged', '\\Answered', '\\Draft', '\\Deleted', '\\*'];

/** One line of LIST. */
export function listed(text: string): MailboxListing {
  const [, name = '', role, closed] = /^(.*?)(?: \\(\w+))?( \(noselect\))?$/.exec(text) ?? [];
  return {
    name: parseMailboxName(name),
    role: ROLES.find((known) => known === role) ?? null,
    selectable: closed === undefined,
  };
}

/** The mailboxes of an account. */
export function mailboxMap(world: World = {}): MailboxMap {
  return {
    listing: (world.mailboxes ?? MAILBOXES).map(listed),
    roles: world.roles ?? {},
    separator: world.separator ?? '.',
  };
}

/** A message that can be acted on. */
export function mailOf(mail: Mail = {}): MessageView {
  const view = messageOf(mail);
  const uid = mail.uid ?? 1;
  return {
    ...view,
    ref: { ...view.ref, uid },
    ...(mail.identity === false ? {} : { identity: identityFromJournal(`identity-${uid}`) }),
  };
}

/** A context of deciding. */
export function contextOf(world: World = {}): DecideContext {
  return {
    evaluation: CONTEXT,
    mailboxes: mailboxMap(world),
    permanentFlags: world.permanentFlags ?? FLAGS,
    isCopyMade: ({ ref }, mailbox) => world.copied?.includes(`${ref.uid} ${mailbox}`) === true,
    isSuppressed: (identity, revision) =>
      world.suppressed?.some((uid) => identity === `identity-${uid}`) === true &&
      (world.suppressedRevisions === undefined || world.suppressedRevisions.includes(revision)),
  };
}

/** Decides, or says what is missing. */
export function decideOn(rules: string | RuleSet, mail: Mail = {}, world: World = {}): Deciding {
  const ruleSet = typeof rules === 'string' ? ruleSetOf(rules) : rules;
  const all = ruleSet.files.flatMap((file) => file.rules);
  return decide(mailOf(mail), all, contextOf(world));
}

/** A decision in words: `+\Seen`, `copy Work`, `create New`, `move Archive`, `parked RULE: why`. */
export function wordsOf(deciding: Deciding): readonly string[] {
  if (deciding.kind === 'needs') return deciding.fields.map((field) => `needs ${field}`);
  const { flags, copies, creates, move, parked } = deciding;
  return [
    ...flags.map(({ change }) => `${change.op === 'add' ? '+' : '-'}${change.flag}`),
    ...creates.map(({ mailbox }) => `create ${mailbox}`),
    ...copies.map(({ to }) => `copy ${to.mailbox}${to.create ? ' (new)' : ''}`),
    ...(move === null ? [] : [`move ${move.to.mailbox}${move.to.create ? ' (new)' : ''}`]),
    ...(parked === null ? [] : [`parked ${parked.rule}: ${parked.reason}`]),
  ];
}

/** Makes the plan for some messages of some mailboxes, as a sweep does. */
export function planFor(rules: string, mails: readonly Mail[], world: World = {}): Plan {
  const ruleSet = ruleSetOf(rules);
  const byMailbox = new Map<string, Decision[]>();
  const counts = new Map<string, number>();
  for (const mail of mails) {
    const name = mail.mailbox ?? 'INBOX';
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const decision = decideOn(ruleSet, mail, world);
    if (decision.kind === 'needs') throw new Error(`a test gives every fact: ${decision.fields}`);
    const decisions = byMailbox.get(name) ?? [];
    byMailbox.set(name, decisions);
    if (!isIdle(decision)) decisions.push(decision);
  }
  const mailboxes = [...byMailbox].map(
    ([name, decisions]): DecidedMailbox => ({
      name: parseMailboxName(name),
      uidValidity: 7,
      uidNext: 100_000,
      exists: counts.get(name) ?? 0,
      decisions,
    }),
  );
  return buildPlan({
    run: runId('20260301T120000-abcdef'),
    account: accountId('personal'),
    createdAtMs: NOW_MS,
    ruleSetDigest: ruleSet.digest,
    mailboxes,
  });
}

/** A rule file from `NAME | WHEN | THEN [| MORE: …]` lines. */
export function rulesOf(...lines: readonly string[]): string {
  const rules = lines.map((line) => {
    const [name, when, then, ...more] = line.split(' | ');
    const extra = more.map((each) => `    ${each}\n`).join('');
    return `  - name: ${name}\n    when: ${when}\n    then: ${then}\n${extra}`;
  });
  return `rules:\n${rules.join('')}`;
}

/** A step in words: `move INBOX Archive 1,2`. */
export function stepWords(step: Step): string {
  if (step.kind === 'create') return `create ${step.mailbox}`;
  const uids = step.targets.map(({ uid }) => uid).join(',');
  const what =
    step.kind === 'store'
      ? `${step.change.op === 'add' ? '+' : '-'}${step.change.flag} `
      : step.kind === 'copy' || step.kind === 'move'
        ? `${step.destination} `
        : '';
  return `${step.kind} ${step.mailbox} ${what}${uids}`;
}
