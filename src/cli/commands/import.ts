/** `mailwright import sieve FILE`: rules of another program as a rule file. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../../core/app-error.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { describeImportLoss } from '../../core/import-loss.ts';
import { importSieve } from '../../sieve/import-sieve.ts';
import type { Command } from '../run-command.ts';

/** Prints the rule file; what it leaves out goes to standard error, with exit 3. */
export const importRules: Command = async ({ output, cwd, arguments: given }) => {
  const [format = '', file = ''] = given;
  if (format !== 'sieve') {
    throw new AppError('USAGE', `there is no format "${format}"; there is: sieve`, {
      what: format,
    });
  }
  const result = importSieve(await readScript(resolve(cwd, file), file));
  if (result.kind === 'error') {
    throw new AppError('USAGE', `${file}:${result.line}: ${result.message}`, { what: file });
  }
  const { yaml, losses } = result;
  if (yaml !== null) output.print(yaml.trimEnd());
  output.printJson({ yaml, losses });
  for (const loss of losses) output.note(describeImportLoss(file, loss));
  if (yaml === null) output.note(`${file}: no rule is left to import`);
  const isWhole = yaml !== null && !losses.some(({ severity }) => severity === 'lost');
  return isWhole ? EXIT.done : EXIT.partlyDone;
};

async function readScript(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('USAGE', `${shown} cannot be read`, { what: shown }, { cause: error });
  }
}
