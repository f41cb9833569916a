/** JSON Schema of both files, for editors that complete and check while one types. */
import { z } from 'zod';
import { ruleFileSchema } from '../language/rule-schema.ts';
import { configSchema } from './config-schema.ts';

/** The schema of mailwright.yaml (draft 2020-12). */
export function configJsonSchema(): unknown {
  return { title: 'mailwright.yaml', ...z.toJSONSchema(configSchema, { io: 'input' }) };
}

/** The schema of a rule file (draft 2020-12). */
export function rulesSchema(): unknown {
  return { title: 'Mailwright rules', ...z.toJSONSchema(ruleFileSchema, { io: 'input' }) };
}
