/** What `init` says of an account and of the rules that it proposes. */
import { countOf } from '../../core/count.ts';
import type { Survey } from '../../engine/setup/survey.ts';
import type { Answers } from './answers.ts';
import type { Proposal } from './asker.ts';

/** Where it is, which mailboxes there are, and what was read of INBOX. */
export function tellSurvey({ account }: Answers, survey: Survey): readonly string[] {
  const { listing, inboxCount, lookedCount, days } = survey;
  const roles = listing.flatMap(({ name, role }) => (role === null ? [] : [`${role} is ${name}`]));
  const { server } = account;
  const place = server.kind === 'host' ? `${server.host}:${server.port}` : server.provider;
  return [
    `Signed in to ${place} as ${account.user}: ${listing.length} mailbox${listing.length === 1 ? '' : 'es'}.`,
    ...(roles.length === 0 ? [] : [`Roles: ${roles.join(', ')}.`]),
    `INBOX holds ${countOf(inboxCount, 'message')}; ${lookedCount} of the last ${days} days were read.`,
  ];
}

/** One proposed rule in one line. */
export function proposalLabel({ suggestion, moves }: Proposal): string {
  const { kind, key, destination, create } = suggestion;
  const what = kind === 'list' ? `list ${key}` : key;
  return `${what}: ${countOf(moves, 'message')} → ${destination}${create ? ' (new)' : ''}`;
}

/** Why it is proposed. */
export function proposalHint({ suggestion }: Proposal, days: number): string {
  const { count, isHabit } = suggestion;
  return `${count} in ${days} days${isHabit ? ', and such mail lies there already' : ''}`;
}
