/** What the doctor found, as columns that a person can run down: topic, verdict, words. */
import type { LiveFinding } from '../../engine/api.ts';
import { visible } from '../../plan/render-plan.ts';
import type { Output } from '../output.ts';
import { wrap } from '../wrap.ts';

const TOPIC_COLUMNS = 13;
const VERDICT_COLUMNS = 8;

/** Renders the findings of all accounts; each topic is named once, and long words are wrapped. */
export function renderFindings(
  findings: readonly LiveFinding[],
  { colors, width }: Pick<Output, 'colors' | 'width'>,
): string {
  const lines: string[] = [];
  const indent = 2 + TOPIC_COLUMNS + VERDICT_COLUMNS + 2;
  let before: LiveFinding | undefined;
  for (const finding of findings) {
    const { account, topic, severity, text } = finding;
    const isNew = before?.account !== account;
    if (isNew) lines.push(...(before === undefined ? [] : ['']), colors.bold(account));
    const name = !isNew && before?.topic === topic ? '' : topic;
    const verdict = severity.padEnd(VERDICT_COLUMNS);
    const [first = '', ...rest] = wrap(visible(text), Math.max(40, width - indent));
    const head = `${name.padEnd(TOPIC_COLUMNS)}  ${paint(severity, colors)(verdict)}`;
    lines.push(`  ${head}${first}`, ...rest.map((line) => `${' '.repeat(indent)}${line}`));
    before = finding;
  }
  return [...lines, '', summary(findings)].join('\n');
}

function paint(
  severity: LiveFinding['severity'],
  colors: Output['colors'],
): (text: string) => string {
  switch (severity) {
    case 'ok':
      return colors.green;
    case 'info':
      return colors.dim;
    case 'warning':
      return colors.yellow;
    case 'error':
      return colors.red;
  }
}

function summary(findings: readonly LiveFinding[]): string {
  const count = (severity: LiveFinding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  if (errors + warnings === 0) return 'Nothing is wrong.';
  const words = (number: number, noun: string): string =>
    `${number} ${noun}${number === 1 ? '' : 's'}`;
  return `${words(errors, 'error')}, ${words(warnings, 'warning')}.`;
}
