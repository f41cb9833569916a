/** `mailwright export sieve`: the rules in another language, and what that language cannot say. */
import { renderDiagnostics } from '../../config/code-frame.ts';
import { loadConfig } from '../../config/load-config.ts';
import { AppError } from '../../core/app-error.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { describeLoss, exportSieve } from '../../sieve/export-sieve.ts';
import type { Command } from '../run-command.ts';

/** Prints the script; what it leaves out goes to standard error, with exit 3. */
export const exportRules: Command = async ({ options, output, cwd, arguments: given }) => {
  const [format] = given;
  if (format !== 'sieve') {
    throw new AppError('USAGE', `there is no format "${format ?? ''}"; there is: sieve`, {
      what: format ?? '',
    });
  }
  const { config, warnings, texts } = await loadConfig({
    cwd,
    ...(options.config === undefined ? {} : { configPath: options.config }),
  });
  if (warnings.length > 0) output.note(renderDiagnostics(warnings, texts));
  const { account, rule, ruleFile: file } = options;
  const names = [...config.accounts.keys()].map(String);
  if (account !== undefined && !names.includes(account)) refuse('account', account, names);
  const { files } = config.ruleSet;
  const paths = files.map((each) => each.file);
  if (file !== undefined && !paths.includes(file)) refuse('rule file', file, paths);
  const rules = files.flatMap((each) => each.rules.map(({ name }) => name));
  if (rule !== undefined && !rules.includes(rule)) refuse('rule', rule, rules);
  const { script, losses } = exportSieve(config.ruleSet, {
    ...(account === undefined ? {} : { account }),
    ...(rule === undefined ? {} : { rule }),
    ...(file === undefined ? {} : { file }),
  });
  output.print(script.trimEnd());
  output.printJson({ script, losses });
  for (const loss of losses) output.note(describeLoss(loss));
  return losses.some(({ severity }) => severity === 'lost') ? EXIT.partlyDone : EXIT.done;
};

function refuse(noun: string, name: string, known: readonly string[]): never {
  const text = `there is no ${noun} "${name}"; there are: ${known.join(', ')}`;
  throw new AppError('USAGE', text, { what: name });
}
