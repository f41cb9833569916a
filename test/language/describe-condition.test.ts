import { expect, test } from 'vitest';
import { describeCondition } from '../../src/language/describe-condition.ts';
import { ruleSetOf } from './support.ts';

test.each([
  ['from: ann@x.example', 'ann@x.example'],
  ['not: { from: ann@x.example }', 'not '],
  ['all: [ { from: ann@x.example }, { any: [ { subject: a }, { subject: b } ] } ]', ' and ('],
  ['any: [ { subject: a }, { subject: b } ]', ' or '],
])('the condition "%s" is told with "%s"', (when, part) => {
  const { files } = ruleSetOf(`rules:\n  - { name: R, when: { ${when} }, then: [ keep ] }\n`);
  const [rule] = files.flatMap((file) => file.rules);
  if (rule === undefined) throw new Error('there is a rule');
  expect(describeCondition(rule.when)).toContain(part);
});
