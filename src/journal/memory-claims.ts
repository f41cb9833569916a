/** The name of this installation, and the claims of others, in memory. */
import { randomBytes } from 'node:crypto';
import type { AccountId, StepId } from '../core/brand.ts';
import type { Flag } from '../mail/flags.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { Journal } from './journal.ts';

type ClaimStore = Pick<Journal, 'installation' | 'noteClaims' | 'claimsLeft' | 'setClaimsLeft'>;

/** The part of a journal in memory that the shared-mailbox guard needs. */
export function claimStore(): ClaimStore {
  const name = randomBytes(4).toString('hex');
  const seen = new Map<string, { readonly claim: Flag; readonly firstMs: number }>();
  const left = new Map<AccountId, StepId>();
  return {
    claimsLeft: async (account) => left.get(account) ?? null,
    setClaimsLeft: async (account, by) => {
      if (by === null) left.delete(account);
      else left.set(account, by);
    },
    installation: async () => name,
    noteClaims: async ({ account, mailbox, uidValidity, atMs, claims }) => {
      const since = new Map<Uid, number>();
      for (const [uid, claim] of claims) {
        const key = JSON.stringify([account, mailbox, uidValidity, uid]);
        if (claim === null) seen.delete(key);
        else {
          const known = seen.get(key);
          const firstMs = known?.claim === claim ? known.firstMs : atMs;
          seen.set(key, { claim, firstMs });
          since.set(uid, firstMs);
        }
      }
      return since;
    },
  };
}
