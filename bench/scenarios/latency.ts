/**
 * Delivery to filed: `mailwright start` listens by IDLE, single messages are delivered, and what each
 * took is told apart into the server's part, until it tells the program, and the program's own.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openPlainImap, type PlainImap } from '../../test/oracle/plain-imap.ts';
import { startDaemon } from '../../test/scale/daemon.ts';
import { type Farm, MESSAGE, startDovecotFarm, startSandboxFarm } from '../../test/scale/farm.ts';
import type { Profile } from '../../test/servers/dovecot-config.ts';
import { type IdleRecorder, recordIdle } from '../idle-recorder.ts';
import { percentiles } from '../percentiles.ts';

/** Deliveries to one account wait for each other; those to several go on side by side. */
const ACCOUNTS = 4;
/** Dovecot gathers changes, those that we make too, for half a second: a single delivery comes later. */
const PAUSE_MS = { modern: 1000, hibernating: 2500 } as const;
/** A message that takes longer is lost. */
const LOST_MS = 60_000;

const NAMES = { modern: 'Dovecot', hibernating: 'Dovecot with imap_hibernate_timeout' } as const;

/** Measures so many deliveries of each kind; gives lines of name and figure. */
export async function* latency(deliveries: number): AsyncGenerator<readonly [string, string]> {
  for (const profile of ['modern', 'hibernating'] as const) {
    const { told, ours, whole } = await onDovecot(profile, deliveries);
    yield [`${NAMES[profile]}: delivery until we are told`, percentiles(told)];
    yield [`${NAMES[profile]}: told until filed (ours)`, percentiles(ours)];
    yield [`${NAMES[profile]}: delivery to filed`, percentiles(whole)];
  }
  const sandbox = await startSandboxFarm(1);
  try {
    const found = await withDaemon(sandbox, () => oneByOne(sandbox, deliveries));
    yield ['a server that tells at once: delivery to filed', percentiles(found)];
  } finally {
    await sandbox.stop();
  }
}

/** Of each delivery, in milliseconds. */
interface Times {
  readonly told: number[];
  readonly ours: number[];
  readonly whole: number[];
}

async function onDovecot(profile: keyof typeof NAMES, deliveries: number): Promise<Times> {
  const farm = await startDovecotFarm(ACCOUNTS, profile satisfies Profile);
  const recorders = await Promise.all(farm.accounts.map(({ port }) => recordIdle(port)));
  const accounts = farm.accounts.map((account, index) => ({
    ...account,
    port: recorders[index]?.port ?? 0,
  }));
  const times: Times = { told: [], ours: [], whole: [] };
  try {
    await withDaemon({ ...farm, accounts }, async () => {
      const measuring = recorders.map(async (recorder, index) => {
        const account = farm.accounts[index];
        if (account === undefined) return;
        const client = await openPlainImap({ ...account, password: farm.password });
        for (let count = index; count < deliveries; count += ACCOUNTS) {
          await delay(PAUSE_MS[profile] * (1 + Math.random() / 4));
          await deliverOne(client, { recorder, times });
        }
        await client.close();
      });
      await Promise.all(measuring);
    });
    return times;
  } finally {
    await Promise.all(recorders.map((recorder) => recorder.close()));
    await farm.stop();
  }
}

async function deliverOne(
  client: PlainImap,
  { recorder, times }: { readonly recorder: IdleRecorder; readonly times: Times },
): Promise<void> {
  const before = await filedIn(client);
  const [told, moved] = [recorder.nextTold(), recorder.nextMoved()];
  await client.append('INBOX', [
    { raw: MESSAGE.replaceAll('\r\n', '\n'), flags: [], internalDate: new Date() },
  ]);
  const deliveredMs = performance.now();
  const movedMs = await Promise.race([moved, lost()]);
  if ((await filedIn(client)) !== before + 1) throw new Error('what was moved is not there');
  // Found by a look before the server told of it, or without its having done so.
  const toldMs = await Promise.race([told, delay(1000, movedMs)]);
  times.told.push(Math.max(0, toldMs - deliveredMs));
  times.ours.push(Math.max(0, movedMs - toldMs));
  times.whole.push(Math.max(0, movedMs - deliveredMs));
}

async function lost(): Promise<never> {
  await delay(LOST_MS, undefined, { ref: false });
  throw new Error(`a message was not filed within ${LOST_MS / 1000} s`);
}

async function withDaemon<T>(farm: Farm, work: () => Promise<T>): Promise<T> {
  // So many deliveries in a row would come to the limit of commands a minute, which is not measured here.
  const account = ', limits: { connections: 2, commandsPerMinute: 1000000 }';
  const daemon = startDaemon(farm, farm.accounts.length, { nodeOptions: '', account });
  try {
    await daemon.untilReady();
    return await work();
  } finally {
    await daemon.stop();
  }
}

async function oneByOne(farm: Farm, deliveries: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let count = 0; count < deliveries; count++) {
    found.push(await farm.deliver(0));
    await delay(200);
  }
  return found;
}

async function filedIn(client: PlainImap): Promise<number> {
  const { lines } = await client.attempt('STATUS Filed (MESSAGES)');
  const said = lines.map(({ text }) => /MESSAGES (\d+)/.exec(text)?.[1]).find(Boolean);
  return Number(said ?? 0);
}
