/** Every condition by its key: a new condition is one file and one line here. */
import type { ConditionSpec } from '../condition-spec.ts';
import { bcc, cc, from, participant, recipient, reply_to, sender, to } from './address-fields.ts';
import { auth } from './authentication.ts';
import { attachment, body } from './content.ts';
import { date, now } from './dates.ts';
import { account, age, flagConditions, keyword, mailbox, size } from './facts.ts';
import { gmail, label } from './gmail.ts';
import { duplicate, first_seen, known_sender, thread, was_in } from './memory.ts';
import { header, list, subject } from './text-fields.ts';

/** The conditions of this version; the reference lists them in this order. */
export const CONDITIONS = {
  from,
  to,
  cc,
  bcc,
  sender,
  reply_to,
  recipient,
  participant,
  subject,
  header,
  list,
  body,
  attachment,
  size,
  age,
  date,
  now,
  ...flagConditions,
  keyword,
  label,
  gmail,
  auth,
  duplicate,
  known_sender,
  first_seen,
  thread,
  was_in,
  mailbox,
  account,
} as const satisfies Record<string, ConditionSpec>;

const BY_KEY: ReadonlyMap<string, ConditionSpec> = new Map(Object.entries(CONDITIONS));

/** Looks a condition up by its key. */
export function conditionFor(key: string): ConditionSpec | undefined {
  return BY_KEY.get(key);
}
