/** The mailboxes that the scale rig watches, in a process of their own or on real Dovecot. */
import { fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openPlainImap, type PlainImap } from '../oracle/plain-imap.ts';
import { startDovecot } from '../servers/dovecot.ts';

/** Where one account is. */
export interface FarmAccount {
  readonly port: number;
  readonly user: string;
}

/** Mailboxes that are delivered to. */
export interface Farm {
  readonly accounts: readonly FarmAccount[];
  readonly password: string;
  /** Delivers to INBOX; resolves with the milliseconds until the message lies in `Filed`. */
  deliver(account: number): Promise<number>;
  stop(): Promise<void>;
}

/** What is delivered; a rule of the rig files it. */
export const MESSAGE =
  'From: ci@build.example\r\nTo: me@x.example\r\nSubject: build failed\r\n\r\nsee the log\r\n';

/** How long a message may take before the rig calls it lost. */
const LOST_MS = 60_000;

/** Said between the rig and the process of the sandboxes. */
export type FarmMessage =
  | { readonly kind: 'ready'; readonly ports: readonly number[] }
  | { readonly kind: 'deliver'; readonly id: number; readonly account: number }
  | { readonly kind: 'filed'; readonly id: number; readonly latencyMs: number };

/** Starts so many sandbox servers in another process. */
export async function startSandboxFarm(count: number): Promise<Farm> {
  const file = fileURLToPath(new URL('./sandbox-process.js', import.meta.url));
  const child = fork(file, [String(count)]);
  const waiting = new Map<number, (latencyMs: number) => void>();
  const ports = await new Promise<readonly number[]>((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the farm ended with ${code}`)));
    child.on('message', (message: FarmMessage) => {
      if (message.kind === 'ready') resolve(message.ports);
      if (message.kind !== 'filed') return;
      waiting.get(message.id)?.(message.latencyMs);
      waiting.delete(message.id);
    });
  });
  let last = 0;
  return {
    accounts: ports.map((port) => ({ port, user: 'ann' })),
    password: 'pass',
    deliver: async (account) => {
      const id = ++last;
      const filed = new Promise<number>((resolve) => waiting.set(id, resolve));
      child.send({ kind: 'deliver', id, account } satisfies FarmMessage);
      return await Promise.race([filed, lost(account)]);
    },
    stop: async () => {
      child.removeAllListeners('exit');
      child.kill();
    },
  };
}

/** Starts a Dovecot with so many users. */
export async function startDovecotFarm(
  count: number,
  profile: 'modern' | 'hibernating' = 'modern',
): Promise<Farm> {
  const server = await startDovecot(profile);
  const accounts = Array.from({ length: count }, () => ({
    port: server.port,
    user: server.newUser(),
  }));
  return {
    accounts,
    password: server.password,
    deliver: async (index) => {
      const account = accounts[index];
      if (account === undefined) throw new Error(`there is no account ${index}`);
      const client = await openPlainImap({ ...account, password: server.password });
      const before = await filedIn(client);
      await client.append('INBOX', [
        { raw: MESSAGE.replaceAll('\r\n', '\n'), flags: [], internalDate: new Date() },
      ]);
      const beganMs = performance.now();
      while ((await filedIn(client)) <= before) {
        if (performance.now() - beganMs > LOST_MS) throw new Error(`lost in account ${index}`);
        await delay(2);
      }
      const latencyMs = performance.now() - beganMs;
      await client.close();
      return latencyMs;
    },
    stop: () => server.stop(),
  };
}

async function filedIn(client: PlainImap): Promise<number> {
  const { lines } = await client.attempt('STATUS Filed (MESSAGES)');
  const said = lines.map(({ text }) => /MESSAGES (\d+)/.exec(text)?.[1]).find(Boolean);
  return Number(said ?? 0);
}

async function lost(account: number): Promise<never> {
  await delay(LOST_MS, undefined, { ref: false });
  throw new Error(`a message to account ${account} was not filed within ${LOST_MS / 1000} s`);
}
