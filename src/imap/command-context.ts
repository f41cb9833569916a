/** What every command file works with. */
import type { Clock } from '../core/clock.ts';
import type { Capabilities } from '../mail/mail-session.ts';
import type { MailboxName, Namespace } from '../mail/mailbox-name.ts';
import { toServerName } from '../mail/mailbox-name.ts';
import { encodeMailboxName } from '../mail/modified-utf7.ts';
import type { Argument, Wire } from './wire.ts';

/** The channel, and what is known of the server behind it. */
export interface CommandContext {
  readonly wire: Wire;
  readonly namespace: Namespace;
  readonly capabilities: Capabilities;
  /** UIDNEXT of the mailboxes that NOTIFY was asked for, as it told it last; by the server's name. */
  readonly told: Map<string, number>;
  /** For waits. */
  readonly clock: Clock;
  readonly onLine: (line: string) => void;
}

/** A mailbox as an argument: the server's own name in modified UTF-7, quoted where needed. */
export function mailboxArgument(context: CommandContext, mailbox: MailboxName): Argument {
  return { type: 'STRING', value: encodeMailboxName(toServerName(mailbox, context.namespace)) };
}

/** A bare word. */
export function atom(value: string): Argument {
  return { type: 'ATOM', value };
}

/** A UID set; imapflow checks its grammar again. */
export function sequence(value: string): Argument {
  return { type: 'SEQUENCE', value };
}
