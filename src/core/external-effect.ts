/** What an action does outside the mailboxes: a plain value that survives JSON and holds no secret. */
import { createHash } from 'node:crypto';

/** Where a webhook's signing key comes from; never the key itself. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/** One effect, as a rule asks for it. Paths are as written; the engine resolves them. */
export type ExternalEffect =
  | { readonly kind: 'save'; readonly directory: string }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: SecretRef | null }
  | { readonly kind: 'forward'; readonly to: string }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | {
      readonly kind: 'add_to' | 'remove_from';
      /** The list file, and the rule file that it is relative to. */
      readonly list: string;
      readonly from: string;
      /** The source of a template, rendered when it is done: plans hold no addresses. */
      readonly value: string;
    };

/** The same for the same effect: what was done to a message is not done to it again. */
export function effectKey(effect: ExternalEffect): string {
  return createHash('sha256').update(JSON.stringify(effect)).digest('hex').slice(0, 16);
}

/** Whether doing it twice is as good as once. */
export function isRepeatable({ kind }: ExternalEffect): boolean {
  return kind !== 'forward' && kind !== 'exec';
}

/** An effect in words, without what may be secret: "call hooks.example". */
export function describeEffect(effect: ExternalEffect): string {
  switch (effect.kind) {
    case 'save':
      return `save to ${effect.directory}`;
    case 'webhook':
      return `call ${URL.canParse(effect.url) ? new URL(effect.url).host : 'a webhook'}`;
    case 'forward':
      return `forward to ${effect.to}`;
    case 'exec':
      return `run ${effect.command[0] ?? ''}`;
    default:
      return `${effect.kind === 'add_to' ? 'add to' : 'remove from'} ${effect.list}`;
  }
}
