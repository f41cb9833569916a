import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rulesSchema } from '../../src/config/schemas.ts';
import { ARGUMENT_ACTIONS, WORD_ACTIONS } from '../../src/language/action-schema.ts';
import { CONDITIONS } from '../../src/language/conditions/registry.ts';
import { ACTION_PAGES, renderRulesReference } from '../../src/language/reference.ts';
import { diagnosticsOf, oneRule } from './support.ts';

const README = new URL('../../rules/README.md', import.meta.url);
const SCHEMA = new URL('../../rules/schema.json', import.meta.url);

// UPDATE_GOLDEN=1 rewrites both files; `npm run format` then lays out the schema.
if (process.env['UPDATE_GOLDEN'] === '1') {
  writeFileSync(README, renderRulesReference());
  writeFileSync(SCHEMA, JSON.stringify(rulesSchema()));
}

test('rules/README.md is what the language says', () => {
  expect(readFileSync(README, 'utf8')).toBe(renderRulesReference());
});

test('rules/schema.json is the schema that rule files are checked with', () => {
  expect(JSON.parse(readFileSync(SCHEMA, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(rulesSchema())),
  );
});

test.each(Object.values(CONDITIONS).map((spec) => [spec.key, spec.example]))(
  'the example of the condition %s is correct and uses it',
  (key, example) => {
    expect(diagnosticsOf(oneRule(`{ ${example} }`))).toEqual([]);
    expect(example.startsWith(`${key}:`)).toBe(true);
  },
);

test.each(Object.entries(ACTION_PAGES))(
  'the example of the action %s is correct and uses it',
  (name, page) => {
    const lists = /_(?:to|from): /.test(page.example)
      ? 'lists: { muted: vip.txt, screened: vip.txt }\n'
      : '';
    const rule = oneRule('{ seen: true }', `[${page.example}]`);
    const errors = diagnosticsOf(`${lists}${rule}`).filter(({ severity }) => severity === 'error');
    expect(errors).toEqual([]);
    expect(page.example).toContain(name);
  },
);

test('every action of the schema has a page', () => {
  const names = [...WORD_ACTIONS, ...ARGUMENT_ACTIONS, 'create'];
  expect(Object.keys(ACTION_PAGES).sort()).toEqual(names.sort());
});
