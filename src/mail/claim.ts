/**
 * Claims: keywords by which installations of Mailwright that work on the same mailboxes tell one
 * another which messages they are about to move. They are no property of the message: rules, plans
 * and the checks before a change never see them.
 */
import { CLAIM_PREFIX, type Flag, flagKey } from './flags.ts';

/** The keyword by which an installation claims messages. */
export function claimOf(installation: string): Flag {
  return `${CLAIM_PREFIX}${installation}`;
}

/** Tells whether a keyword is a claim, whosever it is. */
export function isClaim(flag: Flag): boolean {
  return flagKey(flag).startsWith(flagKey(CLAIM_PREFIX));
}

/** The installation that a claim names. */
export function installationOf(claim: Flag): string {
  return claim.slice(CLAIM_PREFIX.length);
}
