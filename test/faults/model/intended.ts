/**
 * The reference: what must lie where when the rules of a case are carried out, by the words of the
 * rule language alone. It shares nothing with the program.
 */
import type { CaseMail, CaseRule } from './case.ts';

/** One message in its place. */
export interface Standing {
  readonly mailbox: string;
  readonly id: string;
  /** Sorted. */
  readonly flags: readonly string[];
  readonly internalDateMs: number;
}

/** Where each mail must be: every rule that matches adds, the first that relocates ends it. */
export function intendedFor(
  mails: readonly CaseMail[],
  rules: readonly CaseRule[],
): readonly Standing[] {
  return mails.flatMap((mail) => intendedOf(mail, rules));
}

function intendedOf(mail: CaseMail, rules: readonly CaseRule[]): readonly Standing[] {
  const flags = new Set(mail.flags);
  if (flags.has('\\Deleted')) return [standing(mail, 'INBOX', flags)];
  const copies = new Set<string>();
  let home = 'INBOX';
  for (const rule of rules) {
    const value = rule.field === 'kind' ? mail.kind : mail.extra;
    if (value !== rule.value || home !== 'INBOX') continue;
    for (const action of rule.actions) {
      if (action.kind === 'flag' && action.op === 'add') flags.add(action.flag);
      else if (action.kind === 'flag') flags.delete(action.flag);
      else if (action.kind === 'copy') copies.add(action.to);
      else home = action.kind === 'trash' ? 'Trash' : action.to;
    }
  }
  return [standing(mail, home, flags), ...[...copies].map((to) => standing(mail, to, flags))];
}

/** The mail as it came. */
export function untouched(mails: readonly CaseMail[]): readonly Standing[] {
  return mails.map((mail) => standing(mail, 'INBOX', new Set(mail.flags)));
}

function standing(mail: CaseMail, mailbox: string, flags: ReadonlySet<string>): Standing {
  const { id, internalDateMs } = mail;
  return { mailbox, id, flags: [...flags].sort(), internalDateMs };
}

/** One line to compare by. */
export function lineOf({ mailbox, id, flags, internalDateMs }: Standing): string {
  return `${mailbox} ${id} (${flags.join(' ')}) ${new Date(internalDateMs).toISOString()}`;
}
