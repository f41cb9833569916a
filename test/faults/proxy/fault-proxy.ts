/**
 * A proxy between the program and a real server that understands as much IMAP as it needs to aim: it
 * counts commands, and lets each fault of a case happen at its place.
 */
import { connect, createServer, type Socket } from 'node:net';
import type { Deed, Fault, WorldAct } from '../model/fault.ts';
import { BEFORE_WORK, lied } from '../model/tamper.ts';
import { SPEED } from './scaled-clock.ts';

/** What the proxy needs of the rig. */
export interface ProxySetting {
  /** The port of the real server. */
  readonly target: number;
  /** The program dies. */
  killClient(): void;
  /** Somebody else does something; resolves when it is done. */
  interfere(act: WorldAct): Promise<void>;
  /** A command is about to be forwarded. */
  onCommand(command: { readonly verb: string; readonly line: string }): void;
}

/** A running proxy. */
export interface FaultProxy {
  readonly port: number;
  arm(faults: readonly Fault[]): void;
  cutAll(): void;
  readonly fired: readonly Fault[];
  close(): Promise<void>;
}

/** How answers of the server are passed on from now on. */
interface Passage {
  /** Nothing is passed on any more. */
  muted: boolean;
  /** Octets that may still pass; the connection is then cut. */
  budget: number | null;
  /** The tag whose line ends the work of a fault. */
  until: { readonly tag: string; readonly then: () => void } | null;
  change: ((text: string) => string) | null;
}

interface Wire {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly passage: Passage;
}

/** Starts a proxy on a free loopback port; it waits to be armed. */
export async function startFaultProxy(setting: ProxySetting): Promise<FaultProxy> {
  const wires = new Set<Wire>();
  const waiting = new Set<Fault>();
  const counts = new Map<string, number>();
  const fired: Fault[] = [];
  const count = (verb: string): number => {
    const number = (counts.get(verb) ?? 0) + 1;
    counts.set(verb, number);
    return number;
  };
  const take = (verb: string): Deed | null => {
    if (BEFORE_WORK.has(verb)) return null;
    const numbers = { [verb]: count(verb), any: count('any') };
    const fault = [...waiting].find(({ place }) => numbers[place.verb] === place.nth);
    if (fault === undefined) return null;
    waiting.delete(fault);
    fired.push(fault);
    return fault.deed;
  };
  const server = createServer((client) => {
    const upstream = connect(setting.target, '127.0.0.1');
    const passage: Passage = { muted: false, budget: null, until: null, change: null };
    const wire: Wire = { client, upstream, passage };
    wires.add(wire);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
    }
    upstream.on('data', (data) => passOn(wire, data));
    upstream.on('close', () => client.destroySoon());
    client.on('close', () => {
      wires.delete(wire);
      if (!passage.muted) upstream.destroy();
    });
    readCommands(client, async (line, raw) => await handle(setting, wire, { line, raw, take }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cutAll = (): void => {
    for (const { client, upstream } of wires) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  };
  return {
    port: address.port,
    fired,
    arm: (faults) => {
      counts.clear();
      waiting.clear();
      for (const fault of faults) waiting.add(fault);
    },
    cutAll,
    close: async () => {
      cutAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Gives each command with its literals, one after the other. */
function readCommands(
  client: Socket,
  handleCommand: (line: string, raw: Buffer) => Promise<void>,
): void {
  let buffer = Buffer.alloc(0);
  let queue = Promise.resolve();
  client.on('data', (data) => {
    buffer = Buffer.concat([buffer, data]);
    for (;;) {
      const end = endOfCommand(buffer);
      if (end === null) return;
      const raw = Buffer.from(buffer.subarray(0, end));
      buffer = buffer.subarray(end);
      queue = queue.then(() => handleCommand(raw.toString('latin1').trimEnd(), raw));
    }
  });
}

/** Where a line ends; a literal that needs a `+` first is passed on as a line of its own. */
function endOfCommand(buffer: Buffer): number | null {
  let from = 0;
  for (;;) {
    const index = buffer.indexOf('\r\n', from);
    if (index < 0) return null;
    const literal = /\{(\d+)\+\}$/.exec(buffer.subarray(from, index).toString('latin1'));
    if (literal === null) return index + 2;
    from = index + 2 + Number(literal[1]);
    if (buffer.length < from) return null;
  }
}

function passOn(wire: Wire, data: Buffer): void {
  const { client, passage } = wire;
  if (passage.until !== null) {
    const { tag, then } = passage.until;
    if (data.toString('latin1').includes(`${tag} `)) {
      passage.until = null;
      then();
    }
    return;
  }
  if (passage.muted || !client.writable) return;
  const text = data.toString('latin1');
  const changed = Buffer.from(passage.change?.(text) ?? text, 'latin1');
  if (passage.budget === null) {
    client.write(changed);
    return;
  }
  const sent = changed.subarray(0, passage.budget);
  passage.budget -= sent.length;
  client.write(sent);
  if (passage.budget <= 0) {
    passage.muted = true;
    client.destroySoon();
    wire.upstream.destroy();
  }
}

const COMMAND = /^(\S+) (UID \S+|\S+)/;

async function handle(
  setting: ProxySetting,
  wire: Wire,
  command: { line: string; raw: Buffer; take(verb: string): Deed | null },
): Promise<void> {
  const { line, raw } = command;
  const [, tag = '', verb = ''] = COMMAND.exec(line) ?? [];
  const deed = verb === '' ? null : command.take(verb.toUpperCase());
  const call: Call = { setting, wire, tag, verb: verb.toUpperCase(), line, raw };
  if (deed === null) forward(call);
  else await perform(call, deed);
}

interface Call {
  readonly setting: ProxySetting;
  readonly wire: Wire;
  readonly tag: string;
  readonly verb: string;
  readonly line: string;
  readonly raw: Buffer;
}

function forward({ setting, wire, verb, line, raw }: Call, instead: Buffer = raw): void {
  if (!wire.upstream.writable) return;
  setting.onCommand({ verb, line });
  wire.upstream.write(instead);
}

/** The server carries the command out, and what it answers is never heard; then `then`. */
function forwardUnheard(call: Call, then: () => void): void {
  const { passage } = call.wire;
  passage.muted = true;
  passage.until = { tag: call.tag, then };
  forward(call);
}

async function perform(call: Call, deed: Deed): Promise<void> {
  const { wire, tag, setting } = call;
  const reset = (): void => {
    wire.client.resetAndDestroy();
  };
  const isAfter = 'when' in deed && deed.when === 'after';
  const eitherWay = (then: () => void): void => {
    if (isAfter) {
      forwardUnheard(call, then);
      return;
    }
    wire.passage.muted = true;
    then();
  };
  switch (deed.kind) {
    case 'cut':
      return eitherWay(reset);
    case 'cut-inside':
      wire.passage.budget = deed.bytes;
      return forward(call);
    case 'kill':
      return eitherWay(() => {
        setting.killClient();
        reset();
      });
    case 'late':
      wire.passage.muted = true;
      if (deed.killsClient) setting.killClient();
      reset();
      setTimeout(() => forward(call), deed.ms / SPEED);
      setTimeout(() => wire.upstream.destroy(), deed.ms / SPEED + 2000);
      return;
    case 'bye':
      return eitherWay(() => {
        wire.client.end('* BYE the server goes down\r\n');
      });
    case 'silence':
      return eitherWay(() => {});
    case 'throttle':
      return eitherWay(() => {
        wire.passage.muted = false;
        wire.client.write(
          `${tag} BAD Request is throttled. Suggested Backoff Time: 2 milliseconds\r\n`,
        );
      });
    default:
      return await performWell(call, deed);
  }
}

/** Faults after which the conversation goes on. */
async function performWell(call: Call, deed: Deed): Promise<void> {
  const { wire, tag, verb, raw, setting } = call;
  const once = (change: (text: string) => string): void => {
    wire.passage.change = (text) => {
      const changed = change(text);
      if (changed !== text) wire.passage.change = null;
      return changed;
    };
  };
  switch (deed.kind) {
    case 'no':
      wire.client.write(
        `${tag} NO ${deed.code === '' ? '' : `[${deed.code}] `}it does not work\r\n`,
      );
      return;
    case 'pretend':
      wire.client.write(`${tag} OK done\r\n`);
      return;
    case 'copy-for-move': {
      const text = raw.toString('latin1').replace(/^(\S+) UID MOVE/i, '$1 UID COPY');
      return forward(call, Buffer.from(text, 'latin1'));
    }
    case 'copyuid':
      once((text) => lied(text, deed.lie));
      return forward(call);
    case 'wrong-tag':
      once((text) => text.replace(`${tag} `, 'zz99 '));
      return forward(call);
    case 'noise':
      wire.client.write('* 5 FOOBAR (x)\r\n* OK [ALERT] hello [x\r\n* OK still here\r\n');
      return forward(call);
    case 'literal':
      once((text) =>
        text.replace(/\{(\d+)\}/, (_, size) => `{${Math.max(0, Number(size) + deed.off)}}`),
      );
      return forward(call);
    case 'world':
      if (deed.when === 'before') await setting.interfere(deed.act);
      else forwardThen(call, () => void setting.interfere(deed.act));
      if (deed.when === 'before') forward(call);
      return;
    default:
      return verb === '' ? undefined : forward(call);
  }
}

/** Lets the answer pass, and then something happens. */
function forwardThen(call: Call, then: () => void): void {
  const { passage } = call.wire;
  passage.change = (text) => {
    if (text.includes(`${call.tag} `)) {
      passage.change = null;
      then();
    }
    return text;
  };
  forward(call);
}
