/** A plan preview as text for a terminal, and as a JSON value. Values from mail are made harmless. */
import { countOf } from '../core/count.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import { EXAMPLES_SHOWN, exampleKey, type PlanPreview, type PreviewGroup } from './preview.ts';

/** The marks of a rendering: colours on a terminal, nothing elsewhere. */
export interface PlanStyle {
  readonly width: number;
  readonly colors: {
    bold(text: string): string;
    dim(text: string): string;
    green(text: string): string;
    yellow(text: string): string;
    cyan(text: string): string;
  };
}

const PARKED_SHOWN = 5;

/** Writes a preview as text, without a line break at the end. */
export function renderPlan(preview: PlanPreview, style: PlanStyle): string {
  const { plan, looked } = preview;
  const { colors } = style;
  const title = plan.undoes === null ? 'Plan' : `Plan to undo run ${plan.undoes}`;
  const lines = [`${colors.bold(`${title} for ${plan.account}`)}`];
  for (const { mailbox, messages } of looked) {
    const touched = plan.mailboxes.find((each) => each.name === mailbox)?.messages.length ?? 0;
    lines.push(`  ${mailbox}: ${countOf(messages, 'message')} looked at, ${touched} to change`);
  }
  for (const [rule, groups] of byRule(preview.groups)) {
    lines.push('', `  ${colors.bold(rule)}`);
    for (const group of groups) lines.push(...renderGroup(group, preview, style));
  }
  lines.push(...renderObserved(preview, style));
  lines.push(...renderParked(preview, style));
  for (const note of preview.notes) lines.push('', `  ${colors.dim(`note: ${visible(note)}`)}`);
  lines.push('', ...renderTotals(preview));
  return lines.join('\n');
}

/** A preview as one JSON value. */
export function planJson(preview: PlanPreview): unknown {
  const { plan } = preview;
  return {
    run: plan.run,
    account: plan.account,
    undoes: plan.undoes,
    ruleSet: plan.ruleSetDigest,
    looked: preview.looked,
    changes: preview.groups.map(({ uids, ...group }) => ({
      ...group,
      count: uids.length,
      uids,
      examples: examplesOf({ uids, ...group }, preview),
    })),
    parked: plan.parked,
    observed: plan.observed.map(({ rule, ...seen }) => ({
      ...seen,
      rule: plan.rules[rule]?.name ?? '',
    })),
    cost: preview.cost,
    notes: preview.notes,
  };
}

/** Text from mail as it may stand on a terminal: no controls, no bidi tricks, no line breaks. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function renderGroup(group: PreviewGroup, preview: PlanPreview, style: PlanStyle): string[] {
  const { colors } = style;
  const where =
    preview.plan.mailboxes.length > 1 && group.action !== 'create' ? ` from ${group.mailbox}` : '';
  const amount = group.action === 'create' ? '' : `  ${group.uids.length}`;
  const lines = [`    ${colors.green(phrase(group))}${where}${colors.cyan(amount)}`];
  const examples = examplesOf(group, preview);
  for (const example of examples) {
    lines.push(colors.dim(cut(`        ${example}`, style.width)));
  }
  const more = group.uids.length - examples.length;
  if (examples.length > 0 && more > 0) lines.push(colors.dim(`        … and ${more} more`));
  return lines;
}

function phrase(group: PreviewGroup): string {
  switch (group.action) {
    case 'move':
      return `→ move to ${visible(group.target)}`;
    case 'snooze':
      return `→ snooze in ${visible(group.target)}`;
    case 'copy':
      return `+ copy to ${visible(group.target)}`;
    case 'flag':
      return `+ flag ${group.target}`;
    case 'unflag':
      return `- flag ${group.target}`;
    case 'create':
      return `* create mailbox ${visible(group.target)}`;
    case 'effect':
      return `! ${visible(group.target)}`;
    case 'expunge':
      return `✗ delete for good (${group.target})`;
    case 'restore':
      return '+ put back from its backup';
    case 'retract':
      return group.target === ''
        ? '- mark the copy as deleted'
        : `- move the copy to ${visible(group.target)}`;
    default:
      return '+ bring back from deleted';
  }
}

function examplesOf(group: PreviewGroup, preview: PlanPreview): string[] {
  return group.uids
    .slice(0, EXAMPLES_SHOWN)
    .flatMap((uid) => preview.examples.get(exampleKey(group.mailbox, uid)) ?? [])
    .map(visible);
}

/** What rules in mode `observe` would do: a count for each, and nothing else happens. */
function renderObserved(preview: PlanPreview, style: PlanStyle): string[] {
  const { observed, rules } = preview.plan;
  if (observed.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { rule, what } of observed) {
    const line = `${visible(rules[rule]?.name ?? '')}: would ${visible(what)}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [
    '',
    `  ${style.colors.yellow('Observed only (mode: observe); nothing of this is done:')}`,
    ...[...counts].map(([line, count]) => `    ${line}  ${count}`),
  ];
}

function renderParked(preview: PlanPreview, style: PlanStyle): string[] {
  const { parked } = preview.plan;
  if (parked.length === 0) return [];
  const reasons = new Map<string, Map<MailboxName, number[]>>();
  for (const { rule, reason, mailbox, uid } of parked) {
    const key = rule === null ? reason : `${rule}: ${reason}`;
    const mailboxes = reasons.get(key) ?? new Map<MailboxName, number[]>();
    const uids = mailboxes.get(mailbox) ?? [];
    uids.push(uid);
    reasons.set(key, mailboxes.set(mailbox, uids));
  }
  const lines = [
    '',
    `  ${style.colors.yellow(`Left where they are, for you to look at: ${parked.length}`)}`,
  ];
  for (const [reason, mailboxes] of reasons) {
    lines.push(`    ${visible(reason)}`);
    for (const [mailbox, uids] of mailboxes) {
      const shown = uids.slice(0, PARKED_SHOWN).join(', ');
      const more = uids.length > PARKED_SHOWN ? ', …' : '';
      lines.push(`        ${mailbox} ${shown}${more} (${uids.length})`);
    }
  }
  return lines;
}

function renderTotals(preview: PlanPreview): string[] {
  const { groups, cost } = preview;
  if (groups.length === 0)
    return ['  Nothing to change: every message is where the rules want it.'];
  const sum = (action: PreviewGroup['action']): number =>
    groups
      .filter((group) => group.action === action)
      .reduce((total, group) => total + Math.max(1, group.uids.length), 0);
  const parts = [
    [sum('move'), 'to move', 'to move'],
    [sum('snooze'), 'to snooze', 'to snooze'],
    [sum('copy'), 'to copy', 'to copy'],
    [sum('flag') + sum('unflag'), 'flag change', 'flag changes'],
    [sum('create'), 'mailbox to create', 'mailboxes to create'],
    [sum('retract'), 'copy to take back', 'copies to take back'],
    [sum('revive') + sum('restore'), 'to bring back', 'to bring back'],
    [sum('effect'), 'thing to do outside', 'things to do outside'],
    [sum('expunge'), 'to delete for good', 'to delete for good'],
  ] as const;
  const totals = parts
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => `${number} ${number === 1 ? one : many}`);
  const commands = cost.map((each) => `${each.count} ${each.verb}`).join(', ');
  return [
    `  Total: ${totals.join(', ')}. ${undoWords(sum('effect') + sum('expunge'))}`,
    `  IMAP cost: ${commands === '' ? 'only reading' : commands}.`,
  ];
}

function undoWords(count: number): string {
  return count === 0
    ? 'Everything here can be undone.'
    : `${count} of this cannot be undone: what is done outside, and what is deleted for good.`;
}

function byRule(groups: readonly PreviewGroup[]): ReadonlyMap<string, readonly PreviewGroup[]> {
  const found = new Map<string, PreviewGroup[]>();
  for (const group of groups) {
    const title = `${visible(group.rule)}  (${visible(group.file)})`;
    const list = found.get(title) ?? [];
    list.push(group);
    found.set(title, list);
  }
  return found;
}

function cut(text: string, width: number): string {
  const letters = Array.from(text);
  return letters.length <= width ? text : `${letters.slice(0, Math.max(1, width - 1)).join('')}…`;
}
