/** `mailwright test`: the rule files' own tests. No server is asked. */
import { renderDiagnostics } from '../../config/code-frame.ts';
import { variablesIn } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { countOf } from '../../core/count.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { runRuleTests } from '../../plan/run-rule-tests.ts';
import type { Command } from '../run-command.ts';

/** Runs every test of every rule file; exit 5 when one fails. */
export const test: Command = async ({ options, output, cwd }) => {
  const { config, texts } = await loadConfig({
    cwd,
    ...(options.config === undefined ? {} : { configPath: options.config }),
  });
  const { count, failures } = runRuleTests(config.ruleSet, Date.now(), variablesIn(config));
  output.printJson({ ok: failures.length === 0, count, failures });
  if (failures.length > 0) {
    output.print(renderDiagnostics(failures, texts));
    return EXIT.ruleTestsFailed;
  }
  output.print(`${output.colors.green('ok')}  ${countOf(count, 'test')} passed`);
  return EXIT.done;
};
