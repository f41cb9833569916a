/** Rule sets that others have published, in our language: each with messages that show every branch. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compileRules } from '../src/language/compile-rules.ts';
import { runRuleTests } from '../src/plan/run-rule-tests.ts';
import { documentOf, NOW_MS } from './language/support.ts';

const PLACE = fileURLToPath(new URL('golden/rule-sets', import.meta.url));
const FILES = readdirSync(PLACE).filter((name) => name.endsWith('.yaml'));

test('all sixteen are there', () => {
  expect(new Set(FILES.map((name) => name.slice(0, 3))).size).toBe(16);
});

test.each(FILES)('%s', (name) => {
  const document = documentOf(readFileSync(join(PLACE, name), 'utf8'), name);
  const result = compileRules([document], {
    accounts: ['personal', 'work'],
    checkCron: () => undefined,
    loadList: (path) =>
      readFileSync(join(PLACE, path), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#')),
  });
  if (result.kind === 'invalid') {
    throw new Error(
      result.diagnostics.map(({ at, message }) => `${at.line}: ${message}`).join('\n'),
    );
  }
  expect(result.warnings.map(({ at, message }) => `${at.line}: ${message}`)).toEqual([]);
  const { failures } = runRuleTests(result.ruleSet, NOW_MS, () => ({ root: 'Lists' }));
  expect(failures.map(({ at, message }) => `${at.line}: ${message}`)).toEqual([]);
  const [file] = result.ruleSet.files;
  const shown = new Set(file?.tests.flatMap(({ expect: { rules } }) => rules ?? []));
  const hidden = file?.rules.filter((rule) => rule.enabled && !shown.has(rule.name));
  expect(hidden?.map((rule) => rule.name)).toEqual([]);
  expect(file?.tests.some(({ expect: { rules } }) => rules?.length === 0) || shown.size > 3).toBe(
    true,
  );
});
