/**
 * Which accounts this process listens for. Alone it is all of them; several share them out by leases,
 * each a fair part, and those of one that died are taken up by the others.
 */
import { randomUUID } from 'node:crypto';
import type { AccountId } from '../core/brand.ts';
import type { Emit } from '../core/events.ts';
import type { Lease } from '../redis/lease.ts';
import type { SharedParts } from './context.ts';

/** The accounts that are listened for here. */
export interface Ears {
  hears(account: AccountId): boolean;
  /** Leaves them to others. */
  stop(): Promise<void>;
}

/** One process listens for all. */
export const ALL_EARS: Ears = { hears: () => true, stop: async () => {} };
/** Others listen. */
export const NO_EARS: Ears = { hears: () => false, stop: async () => {} };

/** What is shared out, and with whom. */
export interface ShareOptions {
  readonly shared: Pick<SharedParts, 'leases' | 'leaseMs'>;
  readonly emit: Emit;
  accounts(): readonly AccountId[];
  /** Called when other accounts are to be listened for than before. */
  onChange(): void;
  /** Called when Redis had forgotten that this process listens, and maybe bells with it. */
  onForgotten(account: AccountId): void;
}

const GROUP = 'trigger';

/** Begins to take accounts, and goes on until it is stopped. */
export function shareEars(options: ShareOptions): Ears {
  const { leases, leaseMs } = options.shared;
  const share: Share = { ...options, member: randomUUID(), held: new Map(), leaving: new Map() };
  let round: Promise<void> = Promise.resolve();
  const next = (): void => {
    round = round.then(() => takeRound(share));
  };
  next();
  const timer = setInterval(next, leaseMs / 3);
  timer.unref();
  return {
    hears: (account) => share.held.has(account),
    stop: async () => {
      clearInterval(timer);
      await round;
      try {
        await leases.leave(GROUP, share.member);
        const all = [...share.held.values(), ...share.leaving.values()];
        await Promise.all(all.map((lease) => leases.release(lease)));
      } catch (error) {
        // They run out by themselves.
        if (!(error instanceof Error)) throw error;
      }
      share.held.clear();
    },
  };
}

interface Share extends ShareOptions {
  readonly member: string;
  readonly held: Map<AccountId, Lease>;
  /** No longer listened for; given back in the next round, when the listener has stopped. */
  readonly leaving: Map<AccountId, Lease>;
}

async function takeRound(share: Share): Promise<void> {
  const before = [...share.held.keys()].join('\n');
  try {
    await takeShare(share);
  } catch (error) {
    // Redis is away: it is listened on, and nobody else can take an account meanwhile.
    if (!(error instanceof Error)) throw error;
  }
  if ([...share.held.keys()].join('\n') !== before) share.onChange();
}

async function takeShare(share: Share): Promise<void> {
  const { held, leaving, member, accounts, emit, shared } = share;
  const { leases, leaseMs } = shared;
  const living = await leases.beat(GROUP, member, leaseMs);
  await Promise.all([...leaving.values()].map((lease) => leases.release(lease)));
  leaving.clear();
  const all = accounts();
  const before = held.size;
  await Promise.all(
    [...held].map(async ([account, lease]) => {
      if (await leases.renew(lease, leaseMs)) return;
      const again = await leases.acquire(nameOf(account), leaseMs);
      if (again === null) {
        held.delete(account);
        return;
      }
      held.set(account, again);
      share.onForgotten(account);
    }),
  );
  const fair = Math.ceil(all.length / living);
  for (const [account, lease] of [...held].reverse()) {
    if (held.size <= fair && all.includes(account)) continue;
    held.delete(account);
    leaving.set(account, lease);
  }
  for (const account of shuffled(all)) {
    if (held.size >= fair) break;
    if (held.has(account) || leaving.has(account)) continue;
    const lease = await leases.acquire(nameOf(account), leaseMs);
    if (lease !== null) held.set(account, lease);
  }
  if (held.size === before) return;
  const text = `this process listens for ${held.size} of ${all.length} accounts; processes that listen: ${living}`;
  emit({ kind: 'notice', text });
}

function nameOf(account: AccountId): string {
  return `listen:${account}`;
}

/** Processes that ask in the same order would get in each other's way. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  const rest = [...items];
  for (let index = rest.length - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    const [a, b] = [rest[index], rest[other]];
    if (a !== undefined && b !== undefined) [rest[index], rest[other]] = [b, a];
  }
  return rest;
}
