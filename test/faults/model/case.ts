/** One case of the fault rig, made from its seed: a server, mail, rules, and what goes wrong. */
import { createHash } from 'node:crypto';
import {
  BARE_PROFILE,
  type CapabilityProfile,
  FULL_PROFILE,
} from '../../../src/sandbox/capabilities.ts';
import { type Random, seededRandom } from '../../../src/sandbox/sample/random.ts';
import { type Fault, makeFaults, makeLosses } from './fault.ts';

/** A server by what it has and how it names mailboxes. */
export interface ServerLike {
  readonly name: string;
  readonly capabilities: CapabilityProfile;
  readonly namespace: { readonly prefix: string; readonly separator: string };
}

/** One mail of INBOX; twins have equal octets and so the same id. */
export interface CaseMail {
  readonly id: string;
  /** Names the rules that mean it: the values of X-Kind and X-Extra. */
  readonly kind: string;
  readonly extra: string;
  readonly flags: readonly string[];
  readonly raw: Buffer;
  readonly internalDateMs: number;
}

/** What a rule does. */
export type CaseAction =
  | { readonly kind: 'flag'; readonly op: 'add' | 'remove'; readonly flag: string }
  | { readonly kind: 'copy' | 'move'; readonly to: string }
  | { readonly kind: 'trash' };

/** A rule: mail whose `field` has this value. */
export interface CaseRule {
  readonly name: string;
  readonly field: 'kind' | 'extra';
  readonly value: string;
  readonly actions: readonly CaseAction[];
}

/** Everything that one schedule is made of. */
export interface FaultCase {
  readonly seed: number;
  readonly server: ServerLike;
  readonly mails: readonly CaseMail[];
  readonly rules: readonly CaseRule[];
  readonly faults: readonly Fault[];
  /** Runs while things go wrong. */
  readonly rounds: number;
  /** `new`: the runs look only at what came since the bookmark, and must not miss any of it. */
  readonly scope: 'all' | 'new';
  /** What goes wrong while everything is taken back at the end; null when nothing is. */
  readonly undo: readonly Fault[] | null;
  /** The program claims messages, as if others worked on the same mailboxes. */
  readonly shared?: boolean;
}

/** Mailboxes that are there at the start, beside INBOX. */
export const PRESENT_MAILBOXES = ['M0', 'C0', 'Trash'] as const;

const SLASH = { prefix: '', separator: '/' };

/** Servers like those that people have. */
export const SERVERS: readonly [ServerLike, ...ServerLike[]] = [
  { name: 'dovecot-like', capabilities: FULL_PROFILE, namespace: SLASH },
  {
    name: 'cyrus-like',
    capabilities: { ...FULL_PROFILE, unselect: true, esearch: false },
    namespace: { prefix: 'INBOX.', separator: '.' },
  },
  {
    name: 'courier-like',
    capabilities: {
      ...{ ...FULL_PROFILE, move: false, unselect: false },
      ...{ esearch: false, qresync: false },
    },
    namespace: { prefix: 'INBOX.', separator: '.' },
  },
  {
    name: 'exchange-like',
    capabilities: {
      ...{ ...FULL_PROFILE, esearch: false, unselect: false },
      ...{ enable: false, qresync: false },
    },
    namespace: SLASH,
  },
  { name: 'bare-like', capabilities: BARE_PROFILE, namespace: SLASH },
];

/** Makes the case of a seed; the same seed gives the same case. */
export function makeCase(seed: number): FaultCase {
  const random = seededRandom(seed * 7919 + 17);
  const rules = makeRules(random);
  const mails = makeMails(random, seed);
  const scope = random.below(4) === 0 ? 'new' : 'all';
  return {
    seed,
    server: random.pick(SERVERS),
    mails,
    rules,
    faults: scope === 'new' ? makeLosses(random) : makeFaults(random),
    rounds: 1 + random.below(3),
    scope,
    undo: random.below(4) === 0 ? makeUndoFaults(random) : null,
  };
}

/** Mail that comes meanwhile is filed, not taken back. */
function makeUndoFaults(random: Random): readonly Fault[] {
  if (random.below(2) === 0) return [];
  return makeLosses(random).filter(({ deed }) => deed.kind !== 'world');
}

const KINDS = ['k0', 'k1', 'k2', 'k3', 'none'] as const;

function makeRules(random: Random): readonly CaseRule[] {
  const rules: CaseRule[] = [];
  if (random.below(2) === 0) {
    const actions: CaseAction[] = [flagAction(random)];
    if (random.below(2) === 0) actions.push({ kind: 'copy', to: 'C1' });
    rules.push({ name: 'extra', field: 'extra', value: 'e1', actions });
  }
  for (const value of ['k0', 'k1', 'k2', 'k3'] as const) {
    if (random.below(5) === 0 && rules.length > 0) continue;
    rules.push({ name: value, field: 'kind', value, actions: makeActions(random) });
  }
  return rules;
}

function makeActions(random: Random): readonly CaseAction[] {
  const actions: CaseAction[] = [];
  if (random.below(2) === 0) actions.push(flagAction(random));
  if (random.below(3) === 0) actions.push({ kind: 'copy', to: 'C0' });
  const relocation = random.below(6);
  if (relocation < 3 || actions.length === 0) {
    actions.push({ kind: 'move', to: random.pick(['M0', 'M0', 'M1']) });
  } else if (relocation === 3) {
    actions.push({ kind: 'trash' });
  }
  return actions;
}

function flagAction(random: Random): CaseAction {
  return {
    kind: 'flag',
    op: random.below(4) === 0 ? 'remove' : 'add',
    flag: random.pick(['\\Flagged', '\\Seen', 'work']),
  };
}

function makeMails(random: Random, seed: number): readonly CaseMail[] {
  const count = random.below(12) === 0 ? 20 + random.below(100) : 1 + random.below(12);
  const mails: CaseMail[] = [];
  for (let index = 0; index < count; index++) {
    const last = mails.at(-1);
    if (last !== undefined && random.below(9) === 0) mails.push(last);
    else mails.push(randomMail(random, `${seed}-${index}`));
  }
  return mails;
}

const DAY_MS = 24 * 3600 * 1000;
const FIRST_DAY_MS = Date.UTC(2026, 0, 1);

function randomMail(random: Random, id: string): CaseMail {
  const kind = random.pick(KINDS);
  const extra = random.pick(['e0', 'e0', 'e1']);
  const flags = ['\\Seen', '\\Flagged', 'work', '\\Answered'].filter(() => random.below(5) === 0);
  if (random.below(10) === 0) flags.push('\\Deleted');
  const hasId = random.below(8) > 0;
  const body = 'x'.repeat(random.below(300));
  const day = random.below(200);
  return makeMail(id, { kind, extra, flags, hasId, body, day });
}

/** A mail by what rules see of it; `day` counts from the beginning of the year. */
export function makeMail(
  id: string,
  about: Pick<CaseMail, 'kind' | 'extra' | 'flags'> & {
    readonly hasId?: boolean;
    readonly body?: string;
    readonly day?: number;
  },
): CaseMail {
  const { kind, extra, flags, hasId = true, body = 'hello', day = 1 } = about;
  const messageId = hasId ? `Message-ID: <${id}@x.example>\r\n` : '';
  const raw = `From: a@x.example\r\nX-Kind: ${kind}\r\nX-Extra: ${extra}\r\nX-Test-Id: ${id}\r\n${messageId}Subject: ${digest(id)}\r\n\r\n${body}\r\n`;
  return {
    id,
    kind,
    extra,
    flags,
    raw: Buffer.from(raw),
    internalDateMs: FIRST_DAY_MS + day * DAY_MS,
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** The rules as a rule file; JSON is YAML. */
export function ruleFileOf(rules: readonly CaseRule[]): string {
  return JSON.stringify({
    rules: rules.map(({ name, field, value, actions }) => ({
      name,
      when: { header: { [field === 'kind' ? 'X-Kind' : 'X-Extra']: { is: value } } },
      then: actions.map(actionText),
    })),
  });
}

function actionText(action: CaseAction): unknown {
  switch (action.kind) {
    case 'flag': {
      const verb = action.op === 'add' ? 'flag' : 'unflag';
      return action.flag.startsWith('\\')
        ? { [verb]: action.flag.slice(1).toLowerCase() }
        : { [action.op === 'add' ? 'label' : 'unlabel']: action.flag };
    }
    case 'trash':
      return 'trash';
    default:
      return { [action.kind]: action.to, create: true };
  }
}
