/** The shipped examples are correct, each alone and all together. */
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderDiagnostics } from '../../src/config/code-frame.ts';
import { readYaml } from '../../src/config/read-yaml.ts';
import type { SourceDocument } from '../../src/core/diagnostic.ts';
import { compileRules } from '../../src/language/compile-rules.ts';
import { runRuleTests } from '../../src/plan/run-rule-tests.ts';
import { whyInvalidCron } from '../../src/trigger/cron-expression.ts';

const DIRECTORY = new URL('../../rules/examples/', import.meta.url);

const NAMES = [
  'archive.yaml',
  'build-notifications.yaml',
  'incoming.yaml',
  'newsletters.yaml',
  'receipts.yaml',
];

async function documentOf(name: string): Promise<SourceDocument> {
  const text = await readFile(new URL(name, DIRECTORY), 'utf8');
  const result = readYaml(name, text);
  if (result.kind === 'ok') return result.document;
  throw new Error(renderDiagnostics(result.diagnostics, new Map([[name, text]])));
}

function findings(documents: readonly SourceDocument[]): string {
  const result = compileRules(documents, {
    accounts: [],
    checkCron: whyInvalidCron,
    loadList: () => 'an example needs no other file',
  });
  const diagnostics = result.kind === 'ok' ? result.warnings : result.diagnostics;
  return renderDiagnostics(diagnostics, new Map(documents.map((each) => [each.file, each.text])));
}

test('the directory holds the examples and nothing else', async () => {
  expect((await readdir(DIRECTORY)).sort()).toEqual(NAMES);
});

test.each(NAMES)('%s has no error and no warning', async (name) => {
  expect(findings([await documentOf(name)])).toBe('0 errors, 0 warnings.');
});

test('all examples together have no error and no warning', async () => {
  expect(findings(await Promise.all(NAMES.map(documentOf)))).toBe('0 errors, 0 warnings.');
});

test.each(NAMES)(
  '%s begins with its schema, says what it does and what to change',
  async (name) => {
    const { text } = await documentOf(name);
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/schema\.json\n#\n# [A-Z]/);
    expect(text).toContain('# What to change:');
  },
);

test('the tests that the examples carry pass', async () => {
  const result = compileRules(await Promise.all(NAMES.map(documentOf)), {
    accounts: [],
    checkCron: whyInvalidCron,
    loadList: () => 'an example needs no other file',
  });
  if (result.kind !== 'ok') throw new Error('the examples are wrong');
  const { count, failures } = runRuleTests(result.ruleSet, Date.UTC(2026, 0, 1));
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThan(2);
});
