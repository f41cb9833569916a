/** Writes figures into bench/README.md: one block for each scenario, with its day and its machine. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ensureDovecot, ensureImapfilter } from '../test/servers/install.ts';
import { PACKAGE_ROOT } from '../test/support/package-root.ts';
import { drawChart } from './chart.ts';
import { type Figure, isMet, type Point, type Target } from './scenarios/scenario.ts';

const README = join(PACKAGE_ROOT, 'bench/README.md');
const CHART = join(PACKAGE_ROOT, 'bench/cost-by-rules.svg');

const IMAGE =
  '![Seconds against number of rules, for mailwright, imapfilter and the floor](cost-by-rules.svg)';

/** Fewer points make no line. */
const LEAST_POINTS = 4;

/** Replaces the block of a scenario, and draws the chart where there are points for it. */
export function writeReport(
  scenario: string,
  found: { figures: readonly Figure[]; points: readonly Point[]; runs: number },
): void {
  const text = readFileSync(README, 'utf8');
  const [begin, end] = [`<!-- bench ${scenario} -->`, `<!-- end of ${scenario} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) {
    process.stderr.write(`bench/README.md has no place for ${scenario}\n`);
    return;
  }
  const isDrawn = found.points.length >= LEAST_POINTS;
  const image = isDrawn ? [IMAGE] : [];
  const parts = [begin, machine(found.runs), ...image, table(found.figures)];
  writeFileSync(README, `${text.slice(0, from)}${parts.join('\n\n')}\n\n${text.slice(to)}`);
  if (isDrawn) {
    writeFileSync(CHART, drawChart(found.points, 'Filing 20,000 messages by header rules'));
  }
}

/** "met (0.72)", or how far it was missed. */
export function verdictOf(target: Target): string {
  const { measured, bound, isAtLeast = false } = target;
  if (isMet(target)) return `met (${short(measured)})`;
  const factor = isAtLeast ? bound / measured : measured / bound;
  return `MISSED (${short(measured)}, by a factor of ${short(factor)})`;
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}

function machine(runs: number): string {
  const processors = cpus();
  const versions = [
    `Node ${process.versions.node}`,
    `Dovecot ${firstWord(ensureDovecot(), '--version')}`,
    `imapfilter ${imapfilterVersion()}`,
  ];
  const day = new Date().toISOString().slice(0, 10);
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `Of ${day}: ${processors.length} cores (${processors[0]?.model.trim()}), ${memory}, ${versions.join(', ')}; ${runs === 1 ? 'one run' : `medians of ${runs} runs`} each.`;
}

function firstWord(program: string, flag: string): string {
  return execFileSync(program, [flag], { encoding: 'utf8' }).split(/\s/)[0] ?? '';
}

function imapfilterVersion(): string {
  const text = execFileSync('/bin/sh', ['-c', `${ensureImapfilter()} -V 2>&1`], {
    encoding: 'utf8',
  });
  return /IMAPFilter (\S+)/i.exec(text)?.[1] ?? '';
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, target }) => [
    what,
    value,
    ...(target === undefined ? ['', ''] : [target.words, verdictOf(target)]),
  ]);
  const all = [['what', 'figure', 'target', 'verdict'], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...rest] = all;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
}
