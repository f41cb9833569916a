/** What the doctor finds: one thing that is well, worth knowing, or that a person should see to. */
import type { AccountId } from '../../core/brand.ts';

/** What a finding is about. */
export type Topic =
  | 'login'
  | 'TLS'
  | 'capabilities'
  | 'namespaces'
  | 'roles'
  | 'mailboxes'
  | 'destinations'
  | 'conditions'
  | 'quota'
  | 'connections'
  | 'clock'
  | 'probe';

/** A finding of one account. `info` costs nothing that a person must see to. */
export interface Finding {
  readonly topic: Topic;
  readonly severity: 'ok' | 'info' | 'warning' | 'error';
  readonly text: string;
}

/** A finding with its account. */
export interface LiveFinding extends Finding {
  readonly account: AccountId;
}

/** A finding of a topic that is well. */
export function well(topic: Topic, text: string): Finding {
  return { topic, severity: 'ok', text };
}
