/** The shape of a rule file. JSON Schema for editors is made from the same value. */

import { z } from 'zod';
import { suggest } from '../core/suggest.ts';
import { ROLES, whyInvalid } from '../mail/mailbox-name.ts';
import { actionSchema } from './action-schema.ts';
import { CONDITIONS } from './conditions/registry.ts';
import { durationAmount, needleSchema, refuse } from './operands.ts';
import { ruleTestSchema } from './rule-test.ts';

/** A condition mapping as written; `compile-rules.ts` gives it its meaning. */
export type ConditionInput = Readonly<Record<string, unknown>>;

/**
 * Several keys must all hold. One object with recursive members rather than a union, so that every
 * mistake has the exact path of its key.
 */
export const conditionSchema: z.ZodType<ConditionInput> = z
  .lazy(() => conditionObject)
  .meta({ id: 'condition' });

const conditionList = z.array(conditionSchema).min(1, { error: 'an empty list decides nothing' });

const conditionObject = z
  .strictObject({
    all: conditionList.optional().describe('Every one of these holds.'),
    any: conditionList.optional().describe('At least one of these holds.'),
    none: conditionList.optional().describe('None of these holds.'),
    not: conditionSchema.optional().describe('This does not hold.'),
    use: z.string().optional().describe('A condition of `conditions:` by its name.'),
    ...Object.fromEntries(
      Object.entries(CONDITIONS).map(([key, spec]) => [
        key,
        spec.schema.optional().describe(spec.summary),
      ]),
    ),
  })
  .superRefine(
    refuse((condition) =>
      Object.keys(condition).length > 0
        ? undefined
        : 'an empty condition would match every message; write all: … or name what to match',
    ),
  );

const mailboxRef = z
  .string()
  .superRefine(refuse(whyBadMailboxRef))
  .describe('A mailbox name with `/` between levels, or a role: "\\\\Archive".');

const trigger = z.union([
  z.literal('arrival'),
  z.strictObject({
    schedule: z.string().describe('Five cron fields: minute hour day month weekday.'),
    timezone: z.string().default('UTC').describe('An IANA time zone, such as Europe/Berlin.'),
    catch_up: z
      .boolean()
      .default(false)
      .describe('Make up, once, for what was missed while nothing ran.'),
  }),
]);

/** One rule. */
export const ruleSchema = z.strictObject({
  name: needleSchema.describe('Unique over all rule files.'),
  when: conditionSchema.describe('Which messages.'),
  then: z.array(actionSchema).min(1).describe('What to do with them, in order.'),
  continue: z.boolean().default(false).describe('Let later rules add flags, labels and copies.'),
  wait: durationAmount
    .optional()
    .describe('Decide so long after arrival, on the message as it then is: 7d.'),
  mode: z.enum(['act', 'observe']).default('act').describe('observe: note it, do nothing.'),
  enabled: z.boolean().default(true),
});

/** One rule file. */
export const ruleFileSchema = z.strictObject({
  accounts: z.array(needleSchema).min(1).optional().describe('Account names; default: all.'),
  mailbox: z
    .union([mailboxRef, z.array(mailboxRef).min(1)])
    .default('INBOX')
    .describe('The mailboxes that these rules look at.'),
  on: z
    .union([trigger, z.array(trigger).min(1)])
    .default('arrival')
    .describe('When they run by themselves under `mailwright start`.'),
  lists: z
    .record(z.string(), z.union([z.array(needleSchema), z.string()]))
    .default({})
    .describe('Lists for `in:`: entries, or the path of a file with one entry a line.'),
  conditions: z.record(z.string(), conditionSchema).default({}).describe('Conditions for `use:`.'),
  rules: z.array(ruleSchema).min(1),
  tests: z
    .array(ruleTestSchema)
    .default([])
    .describe('Examples: a message and what should become of it; run by `mailwright test`.'),
});

/** What the rule file schema gives. */
export type RuleFileInput = z.output<typeof ruleFileSchema>;

/** What a node of a rule file is called in messages. */
export function nounFor(path: readonly (string | number)[]): string {
  const last = path.at(-1);
  if (last === 'when' || last === 'not' || path.at(-2) === 'conditions') return 'condition';
  const parent = path.at(-2);
  if (parent === 'all' || parent === 'any' || parent === 'none') return 'condition';
  return parent === 'then' ? 'action' : 'key';
}

function whyBadMailboxRef(text: string): string | undefined {
  if (!text.startsWith('\\')) {
    const why = whyInvalid(text);
    return why === undefined ? undefined : `${JSON.stringify(text)} is no mailbox name: ${why}`;
  }
  const role = text.slice(1).toLowerCase();
  if (ROLES.some((known) => known === role)) return undefined;
  const near = suggest(role, ROLES);
  return `unknown role "${text}"; there are ${ROLES.map((known) => `\\${known}`).join(' ')}${near === undefined ? '' : `; did you mean "\\${near}"?`}`;
}
