/**
 * Claims: keywords by which installations of Mailwright that work on the same mailboxes tell one
 * another which messages they are about to move. They are no property of the message: rules, plans
 * and the checks before a change never see them.
 */
import { type Flag, flagKey } from './flags.ts';

const PREFIX = '$MailwrightClaim-';

/** The keyword by which an installation claims messages. */
export function claimOf(installation: string): Flag {
  return `${PREFIX}${installation}`;
}

/** Tells whether a keyword is a claim, whosever it is. */
export function isClaim(flag: Flag): boolean {
  return flagKey(flag).startsWith(flagKey(PREFIX));
}

/** The installation that a claim names. */
export function installationOf(claim: Flag): string {
  return claim.slice(PREFIX.length);
}
