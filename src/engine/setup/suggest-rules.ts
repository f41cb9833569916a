/**
 * First rules from what lies in the mailbox. Only lists, senders that are machines, and senders whose
 * mail the owner already files: mail that somebody wrote by hand stays where it is. Pure.
 */
import { countOf } from '../../core/count.ts';
import { type WrittenRule, writeRuleFile } from '../../language/write-rule-file.ts';
import type { MailGroup, Survey } from './survey.ts';

/** A rule that is proposed. */
export interface RuleSuggestion {
  /** The name of the rule. */
  readonly name: string;
  readonly kind: MailGroup['kind'];
  readonly key: string;
  /** In INBOX, in the last days. */
  readonly count: number;
  readonly destination: string;
  /** The mailbox is not there yet. */
  readonly create: boolean;
  /** Such mail lies there already. */
  readonly isHabit: boolean;
}

/** Less is not worth a mailbox. */
const LEAST = 5;
const MOST = 12;
const MOST_SEGMENT_CHARS = 40;

/** Proposes rules, the busiest first. */
export function suggestRules(survey: Survey): readonly RuleSuggestion[] {
  const chosen = survey.groups
    .filter(({ count, isBulk, liesIn }) => count >= LEAST && (isBulk || liesIn !== null))
    .slice(0, MOST);
  const taken = new Set<string>();
  const there = new Map(survey.listing.map(({ name }) => [name.toLowerCase(), name]));
  return chosen.map((group) => {
    const wanted = group.liesIn ?? freeName(group, survey.separator, taken);
    taken.add(wanted.toLowerCase());
    // A mailbox that differs in its capitals alone is not made beside the other.
    const present = there.get(wanted.toLowerCase());
    return {
      name: group.kind === 'list' ? `List ${group.key}` : `From ${group.key}`,
      kind: group.kind,
      key: group.key,
      count: group.count,
      destination: present ?? wanted,
      create: present === undefined,
      isHabit: group.liesIn !== null,
    };
  });
}

/** `Lists/dev` for dev.lists.example.org, `Lists/dev-lists` where that is another list's. */
function freeName(group: MailGroup, separator: string, taken: ReadonlySet<string>): string {
  const top = group.kind === 'list' ? 'Lists' : 'Notices';
  const join = separator === '' ? '-' : '/';
  const labels = labelsOf(group);
  for (let many = 1; many <= labels.length; many++) {
    const name = `${top}${join}${segmentOf(labels.slice(0, many).join('-'))}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
  return `${top}${join}${segmentOf(group.key)}-${taken.size}`;
}

/** What tells it from others, the telling parts first: shop, example of news@shop.example. */
function labelsOf({ kind, key }: MailGroup): readonly string[] {
  if (kind === 'list') return key.split('.').filter((label) => label !== '');
  const at = key.lastIndexOf('@');
  const domain = key.slice(at + 1).split('.');
  const [registered = key] = domain.slice(-2);
  return [registered, key.slice(0, at), ...domain];
}

/** Letters, digits, `-` and `_`: no server has another use for them. */
function segmentOf(text: string): string {
  const safe = text.normalize('NFC').replaceAll(/[^\p{L}\p{N}_-]+/gu, '-');
  const cut = Array.from(safe).slice(0, MOST_SEGMENT_CHARS).join('');
  return cut.replaceAll(/^-+|-+$/g, '') || 'other';
}

/** How a suggestion goes into the file: on, or off with the reason. */
export interface ChosenRule {
  readonly suggestion: RuleSuggestion;
  readonly enabled: boolean;
  /** Why it is off. */
  readonly why?: string;
}

const HEAD = `# First rules, proposed by \`mailwright init\` from the mail of your INBOX. Change them as you like:
# every condition and action is in rules/README.md of the package; \`mailwright check\` reads them,
# \`mailwright plan\` says what they would do.
`;

/** The rule file; without any rule, one that is off and shows how a rule looks. */
export function firstRulesText(rules: readonly ChosenRule[], days: number): string {
  const written = rules.map(({ suggestion, enabled, why }): WrittenRule => {
    const { name, kind, key, count, destination, create, isHabit } = suggestion;
    const habit = isHabit ? '; such mail lies there already' : '';
    return {
      name,
      comment: `${countOf(count, 'message')} in ${days} days${habit}${why === undefined ? '' : `; ${why}`}`,
      when: kind === 'list' ? { list: { is: key } } : { from: key },
      then: [create ? { move: destination, create: true } : { move: destination }],
      ...(enabled ? {} : { enabled: false }),
    };
  });
  return `${HEAD}${writeRuleFile(written.length > 0 ? written : [EXAMPLE]) ?? ''}`;
}

const EXAMPLE: WrittenRule = {
  name: 'An example',
  comment: 'Off: take the line "enabled: false" away when it says what you want.',
  when: { list: true },
  then: [{ move: 'Lists', create: true }],
  enabled: false,
};
