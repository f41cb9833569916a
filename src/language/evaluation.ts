/** What evaluation and rendering take and give: values between the rules and the world. */
import type { MailMemory } from '../mail/mail-memory.ts';
import type { Field, MessageView } from '../mail/message-view.ts';

/** What evaluation found. `needs` asks for facts that are not loaded; `indeterminate` never acts. */
export type Verdict =
  | { readonly kind: 'yes'; readonly captures: readonly string[] }
  | { readonly kind: 'no' }
  | { readonly kind: 'needs'; readonly fields: readonly Field[] }
  | { readonly kind: 'indeterminate'; readonly reason: string };

/** What evaluation may know beside the message. */
export interface EvaluationContext {
  readonly nowMs: number;
  /** `var.NAME` of the account. */
  readonly variables: Readonly<Record<string, string>>;
  /** The account's hierarchy separator: never allowed in a name made from message text. */
  readonly separator: string;
  /** What the account's mailboxes remember; absent: nothing is remembered. */
  readonly memory?: MailMemory;
  /** The name under which the account's own server writes Authentication-Results; absent: none. */
  readonly authServId?: string;
}

/** What rendering gave; `empty` when a field has no value in this message. */
export type Rendered<T> =
  | { readonly kind: 'text'; readonly text: T }
  | { readonly kind: 'empty'; readonly field: string }
  | { readonly kind: 'needs'; readonly fields: readonly Field[] }
  | { readonly kind: 'indeterminate'; readonly reason: string };

/** What rendering may know: the message, the context, and the captures of the rule's match. */
export interface RenderInput {
  readonly view: MessageView;
  readonly context: EvaluationContext;
  readonly captures: readonly string[];
}
