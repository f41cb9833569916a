/** An explanation as text for a terminal, and as a JSON value. Values from mail are made harmless. */
import type { Trace } from '../language/explain.ts';
import type { MessageView } from '../mail/message-view.ts';
import type { Decision } from './decision.ts';
import type { RuleExplanation } from './explain-rules.ts';
import { fileLine } from './file-plan.ts';
import { type PlanStyle, visible } from './render-plan.ts';

/** A message with everything that its rules say about it. */
export interface Explanation {
  /** `home/INBOX 17`, or the name of a file. */
  readonly message: string;
  readonly view: MessageView;
  readonly rules: readonly RuleExplanation[];
  readonly decision: Decision | null;
  readonly notes: readonly string[];
}

/** Writes an explanation as text, without a line break at the end. */
export function renderExplanation(explanation: Explanation, style: PlanStyle): string {
  const { colors } = style;
  const lines = [colors.bold(visible(explanation.message))];
  for (const note of explanation.notes) lines.push(`  ${colors.dim(`note: ${visible(note)}`)}`);
  for (const each of explanation.rules) lines.push('', ...renderRule(each, style));
  lines.push('', `  ${colors.bold('Result:')} ${visible(resultOf(explanation))}`);
  return lines.join('\n');
}

/** An explanation as one JSON value. */
export function explanationJson({ message, rules, decision, notes }: Explanation): unknown {
  return {
    message,
    rules: rules.map(({ rule, trace, failure, standing }) => ({
      rule: rule.name,
      file: rule.file,
      line: rule.at.line,
      verdict: VERDICTS[trace.verdict.kind],
      standing,
      failure,
      trace: traceJson(trace),
    })),
    ...(decision === null ? {} : { result: fileLine(message, decision) }),
    notes,
  };
}

const VERDICTS = {
  yes: 'match',
  no: 'no match',
  indeterminate: 'undecided',
  needs: 'undecided',
} as const;

function traceJson({ text, saw, verdict, branches }: Trace): unknown {
  return {
    condition: text,
    verdict: VERDICTS[verdict.kind],
    ...(verdict.kind === 'indeterminate' ? { reason: verdict.reason } : {}),
    ...(verdict.kind === 'yes' && verdict.captures.length > 0
      ? { captures: verdict.captures }
      : {}),
    ...(saw === null ? { branches: branches.map(traceJson) } : { saw }),
  };
}

function renderRule(explained: RuleExplanation, style: PlanStyle): string[] {
  const { rule, trace, failure } = explained;
  const { colors } = style;
  const place = colors.dim(`(${visible(rule.file)}:${rule.at.line})`);
  const lines = [
    `  ${mark(trace, style)} ${colors.bold(visible(rule.name))} ${place}  ${visible(words(explained))}`,
    ...renderTrace(trace, '      ', style),
  ];
  if (failure !== null) {
    lines.push(
      `      ${colors.yellow('first to fail:')} ${visible(failure.condition)}; it saw ${visible(failure.saw)}`,
      `      ${colors.dim(`it would match with: ${visible(failure.wanted)}`)}`,
    );
  }
  return lines;
}

function renderTrace(trace: Trace, indent: string, style: PlanStyle): string[] {
  const { verdict, text, saw, branches } = trace;
  const { colors } = style;
  const seen = saw === null ? ':' : colors.dim(`  saw ${visible(saw)}`);
  const reason = verdict.kind === 'indeterminate' && saw !== null ? `  ${verdict.reason}` : '';
  const captured =
    verdict.kind === 'yes' && saw !== null && verdict.captures.length > 0
      ? colors.cyan(`  captured ${visible(JSON.stringify(verdict.captures))}`)
      : '';
  return [
    `${indent}${mark(trace, style)} ${visible(text)}${seen}${captured}${colors.yellow(visible(reason))}`,
    ...branches.flatMap((branch) => renderTrace(branch, `${indent}  `, style)),
  ];
}

function mark({ verdict }: Trace, { colors }: PlanStyle): string {
  switch (verdict.kind) {
    case 'yes':
      return colors.green('✓');
    case 'no':
      return colors.dim('✗');
    default:
      return colors.yellow('?');
  }
}

function words({ trace, standing }: RuleExplanation): string {
  const verdict = VERDICTS[trace.verdict.kind];
  switch (standing.kind) {
    case 'acts':
      return 'match';
    case 'observes':
      return 'match, mode: observe, so nothing is done';
    case 'no match':
      return verdict;
    case 'off':
      return `${verdict}, but enabled: false`;
    case 'not reached':
      return `${verdict}, but not reached: "${standing.because}" ended the evaluation`;
    case 'taken back':
      return 'match, but its work on this message was taken back by undo';
    case 'waits':
      return `not yet: it waits until ${new Date(standing.dueMs).toISOString()}, and is decided then`;
    case 'snooze is over':
      return `match, but its snooze was over at ${new Date(standing.untilMs).toISOString()}`;
    case 'moved back':
      return 'match, but you moved the message back here; the rule leaves it alone until it is edited';
    default:
      return `the message stays for you to look at: ${standing.reason}`;
  }
}

function resultOf({ message, decision }: Explanation): string {
  if (decision === null) return 'undecided';
  const { actions, parked } = fileLine(message, decision);
  if (parked !== undefined) return `it stays, and waits for you: ${parked.reason}`;
  if (actions.length === 0) return 'nothing to do, it stays where it is';
  return actions
    .map((action) => {
      if ('mailbox' in action) {
        if (action.type === 'create') return `create ${action.mailbox}`;
        const until = action.until === undefined ? '' : ` until ${action.until}`;
        return `${action.type} to ${action.mailbox}${until}`;
      }
      if ('what' in action) return action.what;
      if (action.type === 'expunge') return 'delete for good';
      return `${action.type} ${'flag' in action ? action.flag : action.label}`;
    })
    .join(', ');
}
