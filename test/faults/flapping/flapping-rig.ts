/**
 * A day of a bad network: sandbox accounts watched by one engine, on simulated time, while each way to
 * a server refuses, is cut, goes mute or is throttled, and mail is delivered at all hours. In the end
 * the log of deliveries is compared with what lies where.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../../src/config/load-config.ts';
import { openEngine } from '../../../src/engine/api.ts';
import { parseMailboxName } from '../../../src/mail/mailbox-name.ts';
import { no } from '../../../src/sandbox/connection.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts';
import { randomFrom } from '../../e2e/generate-mail.ts';
import { type SimulatedClock, simulatedClock } from '../../support/simulated-clock.ts';
import { openWay, type Traffic, type Way } from './flapping-network.ts';

/** How large a day. */
export interface FlappingOptions {
  readonly seed: number;
  readonly hours: number;
  readonly accounts: number;
}

/** How it went. */
export interface FlappingReport {
  readonly delivered: number;
  readonly connects: number;
  readonly cuts: number;
  /** From the delivery, or from when the network was back, until filed; of all messages, in ms. */
  readonly delaysMs: readonly number[];
  /** Messages that are not where they belong, or not once. */
  readonly problems: readonly string[];
}

const RULES = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ mark_read, { move: Builds, create: true } ]
  - name: Boss
    when: { from: boss@corp.example }
    then: [ star, { copy: Archive } ]
`;
const SENDERS = ['ci@build.example', 'boss@corp.example', 'ann@friend.example'] as const;
const HOUR_MS = 3600_000;
const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 2, 2);
const INBOX = parseMailboxName('INBOX');
const DELIVERY_EVERY_MS = 10 * MINUTE_MS;

interface Station {
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly way: Way;
  isThrottled: boolean;
  backMs: number;
}

interface Delivery {
  readonly station: Station;
  readonly id: string;
  readonly from: (typeof SENDERS)[number];
  readonly atMs: number;
}

interface Day {
  readonly options: FlappingOptions;
  readonly clock: SimulatedClock;
  readonly random: () => number;
  readonly stations: readonly Station[];
  readonly deliveries: Delivery[];
}

/** Plays one day, and a quiet hour after it. */
export async function playDay(options: FlappingOptions): Promise<FlappingReport> {
  const clock = simulatedClock(START_MS);
  const random = randomFrom(options.seed);
  const traffic: Traffic = { count: 0, connects: 0, cuts: 0 };
  const stations = await Promise.all(
    Array.from({ length: options.accounts }, (_, index) => openStation(`a${index}`, traffic)),
  );
  const day: Day = { options, clock, random, stations, deliveries: [] };
  const directory = writeConfig(stations);
  const abort = new AbortController();
  const { config } = await loadConfig({ cwd: directory });
  const looked = new Set<string>();
  const engine = await openEngine({
    ...{ config, access: 'write', trace: false, signal: abort.signal, clock },
    emit: (event) => {
      if (event.kind === 'job-ended' && event.outcome === 'done') looked.add(event.account);
    },
  });
  const watching = engine.watch();
  const delaysMs: number[] = [];
  try {
    // The first look sets the bookmark; what lies there before is left alone.
    while (looked.size < stations.length) {
      await delay(5);
      clock.step(clock.nowMs() + 100);
    }
    for (const station of stations) {
      planWeather(day, station);
      planMail(day, station);
    }
    const open = new Set<Delivery>();
    const endMs = START_MS + options.hours * HOUR_MS;
    await passTime(day, traffic, endMs, () => takeFiled(day, open, delaysMs));
    for (const station of stations) calm(day, station);
    await passTime(day, traffic, endMs + HOUR_MS, () => takeFiled(day, open, delaysMs));
    const { connects, cuts } = traffic;
    const problems = compare(day);
    return { delivered: day.deliveries.length, connects, cuts, delaysMs, problems };
  } finally {
    abort.abort();
    const stop = setInterval(() => clock.step(Number.POSITIVE_INFINITY), 1);
    await watching;
    await engine.close();
    clearInterval(stop);
    for (const { way, sandbox } of stations) {
      await way.close();
      await sandbox.stop();
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

async function openStation(name: string, traffic: Traffic): Promise<Station> {
  const state = { isThrottled: false };
  const sandbox = await startSandbox({
    user: 'ann',
    password: 'pass',
    mailboxes: [{ name: INBOX }, { name: parseMailboxName('Archive'), role: 'archive' }],
    tamper: {
      command: ({ command, run }) =>
        station.isThrottled && /^(LOGIN|AUTHENTICATE|UID FETCH)$/.test(command.verb)
          ? no('slow down, try again in 3 minutes', 'LIMIT')
          : run(),
      output: (_, octets) => octets,
    },
  });
  const way = await openWay(sandbox.port, traffic);
  const station: Station = Object.assign(state, { name, sandbox, way, backMs: START_MS });
  return station;
}

function writeConfig(stations: readonly Station[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-flapping-'));
  mkdirSync(join(directory, 'rules'));
  writeFileSync(join(directory, 'password'), 'pass\n', { mode: 0o600 });
  writeFileSync(join(directory, 'rules/a.yaml'), RULES);
  const accounts = stations.map(
    ({ name, way }) =>
      `  ${name}: { host: 127.0.0.1, port: ${way.port}, tls: none, user: ann, auth: { password: { file: password } } }\n`,
  );
  writeFileSync(join(directory, 'mailwright.yaml'), `accounts:\n${accounts.join('')}`);
  return directory;
}

/** Lets time pass as soon as nothing moves on the wires: an answer may also come late. */
async function passTime(
  { clock }: Day,
  traffic: Traffic,
  endMs: number,
  afterStep: () => void = () => {},
): Promise<void> {
  do {
    for (let before = -1; before !== traffic.count; ) {
      before = traffic.count;
      await delay(1);
    }
    afterStep();
  } while (clock.step(endMs));
}

/** Minutes to hours of good weather, seconds to an hour of bad. */
function planWeather(day: Day, station: Station): void {
  const { clock, random } = day;
  const spell = (meanMs: number): number => -Math.log(1 - random()) * meanMs;
  const turnGood = (): void => {
    calm(day, station);
    clock.after(spell(20 * MINUTE_MS), turnBad);
  };
  const turnBad = (): void => {
    const kind = Math.floor(random() * 4);
    if (kind === 0) station.way.cut();
    if (kind === 1) station.way.turn('down');
    if (kind === 2) station.way.turn('mute');
    if (kind === 3) station.isThrottled = true;
    clock.after(Math.min(HOUR_MS, spell(random() < 0.5 ? 20_000 : 15 * MINUTE_MS)), turnGood);
  };
  clock.after(spell(10 * MINUTE_MS), turnBad);
}

function calm({ clock }: Day, station: Station): void {
  if (station.way.weather() !== 'up') station.way.turn('up');
  station.isThrottled = false;
  station.backMs = clock.nowMs();
}

function planMail(day: Day, station: Station): void {
  const { clock, random, deliveries, options } = day;
  const next = (): void => {
    if (clock.nowMs() >= START_MS + options.hours * HOUR_MS) return;
    const from = SENDERS[Math.floor(random() * SENDERS.length)] ?? SENDERS[0];
    const id = `m${deliveries.length}`;
    const raw = Buffer.from(
      `From: ${from}\r\nSubject: ${id}\r\nMessage-ID: <${id}@x>\r\n\r\nhi\r\n`,
    );
    station.sandbox.append(INBOX, { raw, internalDateMs: clock.nowMs(), flags: [] });
    deliveries.push({ station, id, from, atMs: clock.nowMs() });
    clock.after(-Math.log(1 - random()) * DELIVERY_EVERY_MS, next);
  };
  clock.after(random() * DELIVERY_EVERY_MS, next);
}

/** Notes when each message was where it belongs. */
function takeFiled(day: Day, open: Set<Delivery>, delaysMs: number[]): void {
  const known = delaysMs.length + open.size;
  for (const delivery of day.deliveries.slice(known)) open.add(delivery);
  for (const delivery of open) {
    if (faultOf(delivery) !== null) continue;
    open.delete(delivery);
    const { atMs, station } = delivery;
    delaysMs.push(Math.max(0, day.clock.nowMs() - Math.max(atMs, station.backMs)));
  }
}

function compare({ deliveries, stations }: Day): readonly string[] {
  const problems = deliveries.flatMap((delivery) => faultOf(delivery) ?? []);
  for (const { name, sandbox } of stations) {
    const held = sandbox.store.mailboxes().reduce((sum, { messages }) => sum + messages.length, 0);
    const own = deliveries.filter(({ station }) => station.name === name);
    const copies = own.filter(({ from }) => from === 'boss@corp.example').length;
    if (held !== own.length + copies) problems.push(`${name} holds ${held} messages`);
  }
  return problems;
}

/** What is wrong with one message; null where it stands as the rules say. */
function faultOf({ station, id, from }: Delivery): string | null {
  const count = (mailbox: string): number =>
    (station.sandbox.store.find(mailbox)?.messages ?? []).filter(({ raw }) =>
      Buffer.from(raw).includes(`Subject: ${id}\r\n`),
    ).length;
  const found = `${count('INBOX')} ${count('Builds')} ${count('Archive')}`;
  const expected = { [SENDERS[0]]: '0 1 0', [SENDERS[1]]: '1 0 1', [SENDERS[2]]: '1 0 0' }[from];
  if (found === expected) return null;
  return `${station.name} ${id} from ${from}: INBOX Builds Archive hold ${found}, not ${expected}`;
}
