/** What deciding may know beside the rules and the message. */
import type { EvaluationContext } from '../language/evaluation.ts';
import type { Flag } from '../mail/flags.ts';
import type { Identity } from '../mail/identity.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { MessageView } from '../mail/message-view.ts';
import type { MailboxMap } from './resolve-destination.ts';

/** What deciding may know beside the message. */
export interface DecideContext {
  readonly evaluation: EvaluationContext;
  readonly mailboxes: MailboxMap;
  /** PERMANENTFLAGS of the mailbox that the message lies in. */
  readonly permanentFlags: readonly Flag[];
  /** The journal remembers this copy: it is not made again while the original stays. */
  isCopyMade(view: MessageView, destination: MailboxName): boolean;
  /** This effect was done for this message; absent: none was. `key` is that of effectKey(). */
  isEffectDone?(view: MessageView, key: string): boolean;
  /** A person took this rule's work on this message back. */
  isSuppressed(identity: Identity, ruleRevision: string): boolean;
  /** A person moved it back to where this rule had taken it from; absent: nobody did. */
  isMovedBack?(view: MessageView, ruleRevision: string): boolean;
  /** Where deletions are held before they are carried out; absent: nowhere. */
  readonly hold?: MailboxName;
  /** We have relocated it too often within a day; absent: we have not. */
  isCircling?(view: MessageView): boolean;
}
