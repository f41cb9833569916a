/**
 * Several leases at once, for a command that a person gives: each is waited for, all are renewed as
 * long as the work lasts, and given back in the end.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../core/app-error.ts';
import { unavailable } from './connect.ts';
import type { Lease, Leases } from './lease.ts';

/** Which leases, and how long somebody who holds one of them is waited for. */
export interface WantedLeases {
  readonly leases: Leases;
  /** For how long a lease is taken at a time, in milliseconds. */
  readonly leaseMs: number;
  readonly names: readonly string[];
  readonly patienceMs: number;
  /** Ends the wait, with its reason. */
  readonly signal: AbortSignal;
  /** Told once of each lease that is waited for, and who holds it: `PID@HOST`. */
  onWait(name: string, holder: string): void;
}

/** Leases that are held. */
export interface HeldLeases {
  readonly leases: readonly Lease[];
  /** Aborted, with JOURNAL_UNAVAILABLE, when one was lost: another process may be at work. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Between two tries, so that a pause between two jobs of a busy account is met. */
const AGAIN_MS = 20;
/** A shorter wait is not worth a word. */
const TELL_AFTER_MS = 2000;

/**
 * Takes the leases in one order, whoever asks, so that two commands never wait for each other. Throws
 * INSTANCE_RUNNING where one is not free in time, JOURNAL_UNAVAILABLE, and the signal's reason.
 */
export async function holdLeases(wanted: WantedLeases): Promise<HeldLeases> {
  const { leases, leaseMs } = wanted;
  const held: Lease[] = [];
  const lost = new AbortController();
  const renewOne = async (lease: Lease): Promise<void> => {
    try {
      if (!(await leases.renew(lease, leaseMs))) lost.abort(lostLease());
    } catch (error) {
      // The next renewal tries again; if none comes in time, nothing is written without the lease.
      if (!(error instanceof Error)) throw error;
    }
  };
  const renewing = setInterval(() => held.forEach((lease) => void renewOne(lease)), leaseMs / 3);
  const release = async (): Promise<void> => {
    clearInterval(renewing);
    // What cannot be given back runs out by itself.
    await Promise.allSettled(held.map((lease) => leases.release(lease)));
  };
  try {
    for (const name of [...new Set(wanted.names)].sort()) held.push(await waitFor(name, wanted));
    return { leases: held, lost: lost.signal, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function waitFor(name: string, wanted: WantedLeases): Promise<Lease> {
  const { leases, leaseMs, patienceMs, signal, onWait } = wanted;
  let isTold = false;
  for (let waitedMs = 0; ; waitedMs += AGAIN_MS) {
    signal.throwIfAborted();
    const lease = await ask(() => leases.acquire(name, leaseMs));
    if (lease !== null) return lease;
    if (waitedMs >= patienceMs) throw isHeld(name, await ask(() => leases.holder(name)));
    if (waitedMs >= TELL_AFTER_MS && !isTold) {
      isTold = true;
      onWait(name, (await ask(() => leases.holder(name))) ?? 'another process');
    }
    await delay(AGAIN_MS);
  }
}

function isHeld(name: string, holder: string | null): AppError {
  const message = `another process is at work on ${name}, and did not end in time: ${holder}`;
  const pid = Number.parseInt(holder ?? '', 10) || 0;
  return new AppError('INSTANCE_RUNNING', message, { path: name, pid });
}

function lostLease(): AppError {
  return unavailable(new Error('another process has taken over what this one was at work on'));
}

async function ask<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    throw unavailable(error);
  }
}
