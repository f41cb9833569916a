/** The shared-mailbox guard of an account, as its entry in mailwright.yaml asks for it. */
import type { Account } from '../accounts/account.ts';
import type { ActContext } from '../act/context.ts';
import { claimOf } from '../mail/claim.ts';
import type { EngineContext } from './context.ts';

/** How this installation claims messages of the account; nothing where nobody else works there. */
export async function guardFor(
  { journal }: Pick<EngineContext, 'journal'>,
  { shared }: Account,
): Promise<Pick<ActContext, 'guard'>> {
  if (shared === undefined) return {};
  const own = claimOf(await journal.installation());
  const gone = shared.gone.map(claimOf).filter((claim) => claim !== own);
  return { guard: { own, gone, random: Math.random } };
}
