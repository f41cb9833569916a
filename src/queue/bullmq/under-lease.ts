/** Work under a lease: it is renewed as long as the work lasts, and the work is told when it is lost. */
import type { Leases } from '../../redis/lease.ts';
import type { JobTurn } from '../job-queue.ts';

/** Which lease, and for how long it is taken at a time. */
export interface WantedLease {
  readonly leases: Leases;
  readonly name: string;
  readonly leaseMs: number;
}

/** The lease was another's, or the work was done. */
export type UnderLease<T> =
  | { readonly kind: 'busy' }
  | { readonly kind: 'worked'; readonly result: T };

/** Works while it holds the lease, and gives it back. Throws what the work and Redis throw. */
export async function underLease<T>(
  { leases, name, leaseMs }: WantedLease,
  work: (turn: JobTurn) => Promise<T>,
): Promise<UnderLease<T>> {
  const lease = await leases.acquire(name, leaseMs);
  if (lease === null) return { kind: 'busy' };
  const lost = new AbortController();
  const renew = async (): Promise<void> => {
    try {
      if (!(await leases.renew(lease, leaseMs))) lost.abort();
    } catch (error) {
      // The next renewal tries again; if none comes in time, nothing is written without the lease.
      if (!(error instanceof Error)) throw error;
    }
  };
  const timer = setInterval(() => void renew(), leaseMs / 3);
  try {
    return { kind: 'worked', result: await work({ lease, signal: lost.signal }) };
  } finally {
    clearInterval(timer);
    await leases.release(lease);
  }
}
