/** The faults of a case, carried out between the program and the sandbox server. */
import { LIMITS } from '../../../src/core/limits.ts';
import { renderUidSet } from '../../../src/mail/uid-set.ts';
import {
  no,
  ok,
  type Reply,
  type Tamper,
  type TamperedWire,
} from '../../../src/sandbox/connection.ts';
import { type ParsedCommand, textOf, textsOf } from '../../../src/sandbox/parse-command.ts';
import type { Random } from '../../../src/sandbox/sample/random.ts';
import { inNumberSet, parseNumberSet } from '../../../src/sandbox/wire-text.ts';
import type { CaseMail } from './case.ts';
import type { CopyUidLie, Deed, Fault } from './fault.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { Witness } from './witness.ts';
import { act, type World } from './world.ts';

/** What the faults work on. */
export interface TamperSetting {
  readonly random: Random;
  readonly mails: readonly CaseMail[];
  readonly clock: VirtualClock;
  readonly witness: Witness;
  world(): World;
  /** The client process dies: nothing that it does any more has an effect. */
  killClient(): void;
}

/** A tamper that is told what to do, and that tells what it did. */
export interface ArmedTamper extends Tamper {
  /** From now on these faults take place, and no others; places are counted from here. */
  arm(faults: readonly Fault[]): void;
  /** The faults that took place. */
  readonly fired: readonly Fault[];
  /** Ends every connection. */
  cutAll(): void;
  cutOff(mailbox: object): void;
}

type Call = Parameters<Tamper['command']>[0];
type Answer = ReturnType<Tamper['command']>;

interface WireState {
  muted: boolean;
  isCut: boolean;
  budget: number | null;
  lie: CopyUidLie | null;
  literal: number | null;
}

/** Makes the tamper of one case; it waits to be armed. */
export function armTamper(setting: TamperSetting): ArmedTamper {
  const states = new Map<TamperedWire, WireState>();
  const counts = new Map<string, number>();
  const fired: Fault[] = [];
  const waiting = new Set<Fault>();
  const stateOf = (wire: TamperedWire): WireState => {
    const state = states.get(wire) ?? {
      ...{ muted: false, isCut: false, budget: null, lie: null, literal: null },
    };
    states.set(wire, state);
    return state;
  };
  const count = (verb: string): number => {
    const number = (counts.get(verb) ?? 0) + 1;
    counts.set(verb, number);
    return number;
  };
  const due = (verb: string): Fault | undefined => {
    if (BEFORE_WORK.has(verb)) return undefined;
    const numbers = { [verb]: count(verb), any: count('any') };
    return [...waiting].find(({ place }) => numbers[place.verb] === place.nth);
  };
  return {
    fired,
    arm: (faults) => {
      counts.clear();
      waiting.clear();
      for (const fault of faults) waiting.add(fault);
    },
    cutAll: () => {
      for (const wire of states.keys()) wire.cut();
    },
    cutOff: (mailbox) => {
      for (const [wire, state] of states) {
        if (wire.mailbox !== mailbox) continue;
        state.isCut = true;
        wire.cut();
      }
    },
    command: (call) => {
      const state = stateOf(call.wire);
      const fault = due(call.command.verb);
      if (fault === undefined) {
        setting.witness.see(call.wire, call.command);
        return call.run();
      }
      waiting.delete(fault);
      fired.push(fault);
      return perform({ ...setting, call, state, deed: fault.deed });
    },
    output: (wire, octets) => filtered(wire, stateOf(wire), octets),
  };
}

const BEFORE_WORK: ReadonlySet<string> = new Set([
  ...['CAPABILITY', 'ID', 'ENABLE', 'LOGIN', 'AUTHENTICATE', 'NAMESPACE', 'LOGOUT'],
]);

function filtered(wire: TamperedWire, state: WireState, octets: Buffer): Buffer {
  if (state.muted) return Buffer.alloc(0);
  let text = octets.toString('latin1');
  if (state.lie !== null) text = lied(text, state.lie);
  if (state.literal !== null && /\{\d+\}/.test(text)) {
    const off = state.literal;
    state.literal = null;
    text = text.replace(/\{(\d+)\}/, (_, size) => `{${Math.max(0, Number(size) + off)}}`);
  }
  if (state.budget === null) return Buffer.from(text, 'latin1');
  const sent = Buffer.from(text, 'latin1').subarray(0, state.budget);
  state.budget -= sent.length;
  if (state.budget <= 0) {
    state.muted = true;
    setImmediate(() => wire.cut());
  }
  return sent;
}

function lied(text: string, lie: CopyUidLie): string {
  return text.replace(/\[COPYUID (\d+) (\S+) ([^\]\s]+)\]/, (_, validity, from, to) => {
    switch (lie) {
      case 'missing':
        return '';
      case 'malformed':
        return `[COPYUID ${from} ${to}]`;
      case 'other-validity':
        return `[COPYUID ${Number(validity) + 7} ${from} ${to}]`;
      case 'short':
        return `[COPYUID ${validity} ${from} ${String(to).split(/[:,]/)[0]}]`;
      case 'swapped':
        return `[COPYUID ${validity} ${to} ${from}]`;
      default:
        return `[COPYUID ${validity} ${from} 1:4294967295]`;
    }
  });
}

interface Performance extends TamperSetting {
  readonly call: Call;
  readonly state: WireState;
  readonly deed: Deed;
}

function perform(work: Performance): Answer {
  const { call, state, deed, clock, witness } = work;
  const { wire, command } = call;
  const isBefore = 'when' in deed && deed.when === 'before';
  const runUnheard = (): void => {
    witness.see(wire, command);
    state.muted = true;
    call.run();
  };
  switch (deed.kind) {
    case 'cut':
      if (!isBefore) runUnheard();
      state.muted = true;
      wire.cut();
      return 'silence';
    case 'cut-inside':
      state.budget = deed.bytes;
      witness.see(wire, command);
      return call.run();
    case 'kill':
      if (!isBefore) runUnheard();
      work.killClient();
      return 'silence';
    case 'late':
      return beLate(work, deed);
    case 'bye':
      if (!isBefore) runUnheard();
      wire.send('* BYE the server goes down\r\n');
      wire.cut();
      return 'silence';
    case 'silence':
      if (!isBefore) runUnheard();
      state.muted = true;
      letDeadlinePass(clock);
      return 'silence';
    case 'wrong-tag':
      runUnheard();
      wire.send('zz99 OK done\r\n');
      letDeadlinePass(clock);
      return 'silence';
    case 'throttle':
      if (!isBefore) runUnheard();
      state.muted = false;
      return {
        status: 'BAD',
        text: 'Request is throttled. Suggested Backoff Time: 2 milliseconds',
      };
    default:
      return performWell(work);
  }
}

/** Faults after which the conversation goes on. */
function performWell(work: Performance): Answer {
  const { call, state, deed, clock, witness } = work;
  const { wire, command } = call;
  const run = (): Reply | 'later' => {
    witness.see(wire, command);
    return call.run();
  };
  switch (deed.kind) {
    case 'no': {
      if (deed.partly && command.verb === 'UID MOVE') {
        witness.see(wire, command);
        call.run(halves(wire, command)[0]);
      }
      return no('it does not work', deed.code === '' ? undefined : deed.code);
    }
    case 'pretend':
      witness.see(wire, command);
      return ok('done');
    case 'copy-for-move':
      witness.see(wire, command);
      return call.run({ ...command, verb: 'UID COPY' });
    case 'copyuid':
      state.lie = deed.lie;
      return run();
    case 'noise':
      wire.send('* 5 FOOBAR (x)\r\n* OK [ALERT] hello [x\r\n* OK still here\r\n');
      return run();
    case 'literal':
      state.literal = deed.off;
      setTimeout(() => clock.advance(LIMITS.commandMs + 1), 2);
      return run();
    case 'invent':
      return invent(work, deed.how);
    case 'world': {
      const by = { random: work.random, mails: work.mails };
      if (deed.when === 'before') act(work.world(), deed.act, by);
      // Whoever has a mailbox open when it is replaced is thrown out of it.
      if (state.isCut) return 'silence';
      const reply = run();
      if (deed.when === 'after') act(work.world(), deed.act, by);
      return reply;
    }
    case 'clock':
      clock.jump(deed.ms);
      return run();
    default:
      return run();
  }
}

/** Nothing moves in virtual time while the client waits; so time is made to pass. */
function letDeadlinePass(clock: VirtualClock): void {
  setTimeout(() => clock.advance(LIMITS.commandMs + 1), 1);
}

/** The connection is gone at once; the server carries the command out some time later. */
function beLate(work: Performance, deed: Extract<Deed, { kind: 'late' }>): Answer {
  const { call, state, clock, witness } = work;
  const { wire, command } = call;
  witness.see(wire, command);
  const box = wire.mailbox;
  const validity = box?.uidValidity;
  state.muted = true;
  const parts = deed.parts === 2 ? halves(wire, command) : [command];
  parts.forEach((part, index) => {
    clock.after(Math.min(deed.ms * (1 + index / 2), 55_000), () => {
      const isThere = box === null || work.world().store.find(box.name) === box;
      if (isThere && box?.uidValidity === validity) call.run(part);
    });
  });
  if (deed.killsClient) work.killClient();
  else wire.cut();
  return 'silence';
}

/** A command on a UID set as two commands. */
function halves(wire: TamperedWire, command: ParsedCommand): readonly ParsedCommand[] {
  const largest = wire.mailbox?.messages.at(-1)?.uid ?? 0;
  const set = parseNumberSet(textOf(command.tokens[0]) ?? '', largest);
  const uids = (wire.mailbox?.messages ?? [])
    .map(({ uid }) => uid)
    .filter((uid) => set !== undefined && inNumberSet(set, uid));
  if (uids.length < 2 || !command.verb.startsWith('UID ')) return [command];
  const middle = Math.ceil(uids.length / 2);
  return [uids.slice(0, middle), uids.slice(middle)].map((part) => ({
    ...command,
    tokens: [{ kind: 'atom', text: renderUidSet(part) }, ...command.tokens.slice(1)],
  }));
}

/** A message vanishes, and the server answers for it all the same: NIL, or a mail of its own making. */
function invent(work: Performance, how: 'nil' | 'invented'): Answer {
  const { call, witness, random, mails } = work;
  const { wire, command } = call;
  const before = new Set(wire.mailbox?.messages.map(({ uid }) => uid));
  const set = parseNumberSet(textOf(command.tokens[0]) ?? '', 0) ?? [];
  act(work.world(), 'expunge', { random, mails });
  for (const { uid } of wire.mailbox?.messages ?? []) before.delete(uid);
  const [gone] = [...before].filter((uid) => inNumberSet(set, uid));
  witness.see(wire, command);
  const reply = call.run();
  if (gone === undefined) return reply;
  const header = 'From: System Administrator <postmaster>\r\nSubject: message unavailable\r\n\r\n';
  const items = (textsOf(command.tokens[1]) ?? []).flatMap((item) => {
    const name = item.toUpperCase();
    if (name === 'FLAGS') return ['FLAGS ()'];
    if (name === 'RFC822.SIZE') return ['RFC822.SIZE 0'];
    if (name === 'INTERNALDATE') return ['INTERNALDATE "01-Jan-2026 00:00:00 +0000"'];
    if (!name.startsWith('BODY.PEEK')) return [];
    const section = item.replace(/\.peek/i, '');
    return [how === 'nil' ? `${section} NIL` : `${section} {${header.length}}\r\n${header}`];
  });
  wire.send(`* 1 FETCH (UID ${gone} ${items.join(' ')})\r\n`);
  return reply;
}
