/** `mailwright check`: every defect of every file at once; with `--live`, of the accounts too. */
import { renderDiagnostics } from '../../config/code-frame.ts';
import { variablesIn } from '../../config/config.ts';
import { checkConfig } from '../../config/load-config.ts';
import { countOf } from '../../core/count.ts';
import { EXIT, type ExitCode } from '../../core/exit-codes.ts';
import { runRuleTests } from '../../plan/run-rule-tests.ts';
import type { Command, CommandContext } from '../run-command.ts';
import { selectionFrom } from './outcome.ts';

/** Validates the configuration and the rule files; exit 4 when anything is wrong. */
export const check: Command = async (context) => {
  const { options, output, cwd } = context;
  const result = await checkConfig({
    cwd,
    ...(options.config === undefined ? {} : { configPath: options.config }),
  });
  const diagnostics = result.kind === 'ok' ? result.warnings : result.diagnostics;
  output.printJson({ ok: result.kind === 'ok', diagnostics });
  if (diagnostics.length > 0) output.print(renderDiagnostics(diagnostics, result.texts));
  if (result.kind === 'invalid') return EXIT.invalid;
  const { accounts, ruleSet } = result.config;
  const rules = ruleSet.files.reduce((sum, file) => sum + file.rules.length, 0);
  output.print(
    `${output.colors.green('ok')}  ${countOf(rules, 'rule')} in ${countOf(ruleSet.files.length, 'file')}, ${countOf(accounts.size, 'account')}`,
  );
  const tests = runRuleTests(ruleSet, Date.now(), variablesIn(result.config));
  if (tests.failures.length > 0) {
    output.print(renderDiagnostics(tests.failures, result.texts));
    return EXIT.ruleTestsFailed;
  }
  return options.live === true ? await checkAccounts(context) : EXIT.done;
};

async function checkAccounts(context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const { withEngine } = await import('./open.ts');
  const findings = await withEngine(context, 'read', async (engine) =>
    engine.checkLive(selectionFrom(context)),
  );
  for (const finding of findings) {
    output.printJson(finding);
    const mark =
      finding.severity === 'ok'
        ? output.colors.green('ok')
        : output.colors.yellow(finding.severity);
    output.print(`${mark}  ${finding.account}: ${finding.text}`);
  }
  return findings.some((finding) => finding.severity === 'error') ? EXIT.failed : EXIT.done;
}
