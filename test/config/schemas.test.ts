/** JSON Schema for editors; config-schema.ts itself is tested through load-config.test.ts. */
import { expect, test } from 'vitest';
import { configSchema } from '../../src/config/config-schema.ts';
import { configJsonSchema, rulesSchema } from '../../src/config/schemas.ts';

test('the schema of mailwright.yaml knows its keys and refuses others', () => {
  expect(configJsonSchema()).toMatchObject({
    title: 'mailwright.yaml',
    type: 'object',
    required: ['accounts'],
    additionalProperties: false,
  });
  expect(Object.keys(configSchema.shape)).toEqual([
    'accounts',
    'rules',
    'state',
    'tokens',
    'journal',
    'stop',
    'monitor',
    'backend',
    'safety',
  ]);
});

test('the schema of rule files names every condition once', () => {
  const text = JSON.stringify(rulesSchema());
  expect(rulesSchema()).toMatchObject({ title: 'Mailwright rules', required: ['rules'] });
  expect(text).toContain('"subject"');
  expect(text).toContain('#/$defs/condition');
});
