/** What rules may do outside the mailboxes: nothing that the configuration does not name. */
import type { ExternalEffect } from '../core/external-effect.ts';
import { foldText } from './text-fold.ts';

/** `safety:` as far as it opens doors. */
export interface Permissions {
  readonly allowExpunge: boolean;
  /** Addresses, or `@domain`. */
  readonly allowForward: readonly string[];
  /** Programs by the path that rules name. */
  readonly allowExec: readonly string[];
  /** Hosts of webhooks that may be private addresses, and without TLS. */
  readonly privateWebhookHosts: readonly string[];
}

/** Says why an effect is not allowed, with what would allow it; undefined when it is. */
export function whyForbidden(effect: ExternalEffect, allowed: Permissions): string | undefined {
  if (effect.kind === 'forward') {
    const to = foldText(effect.to);
    const isNamed = allowed.allowForward
      .map(foldText)
      .some((entry) => (entry.startsWith('@') ? to.endsWith(entry) : to === entry));
    return isNamed
      ? undefined
      : `forwarding to ${effect.to} is not allowed; name it in safety.allowForward of mailwright.yaml`;
  }
  if (effect.kind !== 'exec') return undefined;
  const [program = ''] = effect.command;
  return allowed.allowExec.includes(program)
    ? undefined
    : `running ${program} is not allowed; name it in safety.allowExec of mailwright.yaml`;
}
