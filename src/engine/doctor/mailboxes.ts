/** The mailboxes that rules look at: what lies there, and which flags they keep. */
import { countOf } from '../../core/count.ts';
import { staticText } from '../../language/template.ts';
import { type Flag, isStorable } from '../../mail/flags.ts';
import type { MailSession, SelectedInfo } from '../../mail/mail-session.ts';
import type { MailboxScope } from '../scope.ts';
import { type Finding, well } from './finding.ts';

/** One look at each, with EXAMINE. `claim` is the keyword of a shared account, or null. */
export async function mailboxFindings(
  session: MailSession,
  scopes: readonly MailboxScope[],
  claim: Flag | null,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const scope of scopes) {
    const reader = await session.examine(scope.mailbox);
    await reader.leave();
    findings.push(...findingsOf(scope, reader.info, claim));
  }
  return findings;
}

function findingsOf(
  { mailbox, rules }: MailboxScope,
  info: SelectedInfo,
  claim: Flag | null,
): readonly Finding[] {
  const { permanentFlags, exists } = info;
  const wanted = new Set(
    rules.flatMap((rule) =>
      rule.actions.flatMap((action) => {
        if (action.kind === 'flag') return [action.flag];
        return action.kind === 'label' ? (staticText(action.label) ?? []) : [];
      }),
    ),
  );
  const lost = [...wanted].filter((flag) => !isStorable(flag, permanentFlags));
  const isGuarded = claim === null || isStorable(claim, permanentFlags);
  const unguarded = `${mailbox} keeps no keywords, so shared cannot work there; what would be moved, copied or deleted is parked`;
  const counts = `${countOf(exists, 'message')}, ${countOf(rules.length, 'rule')}`;
  return [
    ...(isGuarded ? [] : [errorOf(unguarded)]),
    well('mailboxes', `${mailbox}: ${counts}; ${flagWords(info)}`),
    ...lost.map((flag) =>
      errorOf(
        `${mailbox} does not keep the flag ${flag}; the rules that set it would park their messages`,
      ),
    ),
  ];
}

/** Some servers tell only a session that may write; trying it takes `--probe`. */
function flagWords({ permanentFlags, tellsPermanentFlags }: SelectedInfo): string {
  if (!tellsPermanentFlags) return 'which flags it keeps is told to writers only';
  const keepsKeywords = permanentFlags.includes('\\*');
  const flags = permanentFlags.filter((flag) => flag.startsWith('\\') && flag !== '\\*');
  const named = flags.length === 0 ? 'no flags' : flags.join(' ');
  return `keeps ${named}${keepsKeywords ? ' and any keyword' : ''}`;
}

function errorOf(text: string): Finding {
  return { topic: 'mailboxes', severity: 'error', text };
}
