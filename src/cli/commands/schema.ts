/** `mailwright schema [rules|config]`: JSON Schema for editors. */

import { configJsonSchema, rulesSchema } from '../../config/schemas.ts';
import { AppError } from '../../core/app-error.ts';
import { EXIT } from '../../core/exit-codes.ts';
import type { Command } from '../run-command.ts';

/** Prints the JSON Schema of rule files, or of mailwright.yaml. */
export const schema: Command = async (context) => {
  const which = context.arguments[0] ?? 'rules';
  if (which !== 'rules' && which !== 'config') {
    throw new AppError('USAGE', `there is no schema "${which}"; there are: rules, config`, {
      what: which,
    });
  }
  const value = which === 'rules' ? rulesSchema() : configJsonSchema();
  context.output.print(JSON.stringify(value, null, 2));
  context.output.printJson(value);
  return EXIT.done;
};
