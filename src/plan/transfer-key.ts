/** The name of "sent to that mailbox of that account" in the journal: it is not done twice. */
import { createHash } from 'node:crypto';
import type { AccountId } from '../core/brand.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';

/** A mailbox of an account that may be another one than the message's. */
export interface AccountPlace {
  readonly account: AccountId;
  readonly mailbox: MailboxName;
}

/** The same for the same place; never equal to the key of an effect. */
export function transferKey({ account, mailbox }: AccountPlace): string {
  const text = JSON.stringify(['transfer', account, mailbox]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A place in words: "Archive of account work". */
export function describePlace({ account, mailbox }: AccountPlace): string {
  return `${mailbox} of account ${account}`;
}
