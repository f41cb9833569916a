/** What an import gives, compiled and asked about messages. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { describeImportLoss } from '../../src/core/import-loss.ts';
import type { ForeignImport } from '../../src/foreign/draft.ts';
import { evaluate } from '../../src/language/evaluate.ts';
import { CONTEXT, type MessageFacts, messageOf, ruleSetOf } from '../language/support.ts';

/** The rules without their names, one line each part; or the errors. */
export function rulesOf(result: ForeignImport): string {
  if (result.kind === 'invalid') return problemsOf(result).join('\n');
  if (result.yaml !== null) ruleSetOf(result.yaml);
  return (result.yaml ?? '')
    .split('\n')
    .filter((line) => /^ {4}/.test(line))
    .map((line) => line.trim())
    .join('\n');
}

/** The losses as they are printed. */
export function lossesOf(result: ForeignImport): readonly string[] {
  if (result.kind === 'invalid') return problemsOf(result);
  return result.losses.map((loss) => describeImportLoss('f', loss).replace('\n ', ''));
}

/** The errors with their places. */
export function problemsOf(result: ForeignImport): readonly string[] {
  if (result.kind === 'ok') return [];
  return result.diagnostics.map(({ at, message }) => `${at.line}:${at.column} ${message}`);
}

/** The verdict of the first rule in one word. */
export function verdictOf(result: ForeignImport, facts: MessageFacts): string {
  const yaml = result.kind === 'ok' ? result.yaml : null;
  const rule = yaml === null ? undefined : ruleSetOf(yaml).files[0]?.rules[0];
  return rule === undefined ? 'no rule' : evaluate(rule.when, messageOf(facts), CONTEXT).kind;
}

/** A message that has everything loaded; facts go above. */
export function facts(given: MessageFacts = {}): MessageFacts {
  return { body: ['nothing'], attachments: [], ...given };
}

/** Reads a sample and compares what becomes of it with the file beside it. */
export function expectGolden(
  sample: string,
  read: (file: string, text: string) => ForeignImport,
): void {
  const pathOf = (name: string) => fileURLToPath(new URL(`samples/${name}`, import.meta.url));
  const result = read(sample, readFileSync(pathOf(sample), 'utf8'));
  if (result.kind === 'invalid') throw new Error(problemsOf(result).join('\n'));
  const { yaml, losses } = result;
  ruleSetOf(yaml ?? '');
  const told = losses.map((loss) => describeImportLoss(sample, loss)).join('\n');
  const text = `${yaml}---\n${told}\n`;
  const golden = pathOf(`${sample}.golden`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
}
