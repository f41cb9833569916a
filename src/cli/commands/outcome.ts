/** How the result of a run is told, and the exit code that goes with it. */
import { adviceFor } from '../../core/error-table.ts';
import { EXIT, type ExitCode } from '../../core/exit-codes.ts';
import type { Selection } from '../../engine/api.ts';
import {
  type AccountFailure,
  type AccountOutcome,
  exitOf,
  type PlanReport,
  type RunReport,
} from '../../engine/report.ts';
import type { Output } from '../output.ts';
import type { CommandContext } from '../run-command.ts';

/** What the options of a command select. */
export function selectionFrom(context: CommandContext): Selection {
  const { options } = context;
  return {
    scope: options.new === true ? 'new' : 'all',
    account: options.account,
    rule: options.rule,
  };
}

/** Tells what a run, or an undo, did and gives the exit code of the process. */
export function finish(report: RunReport, output: Output, kind: 'run' | 'undo' = 'run'): ExitCode {
  for (const recovered of report.recovered) {
    output.print(`Finished run ${recovered.run}, which had been cut off:`);
    printReport(recovered, output);
  }
  for (const outcome of report.accounts) {
    if (outcome.kind === 'done') printReport(outcome.report, output);
    if (outcome.kind === 'unchanged') {
      output.print(`${outcome.account}: nothing to do, every message is where the rules want it.`);
    }
  }
  printFailures(
    report.accounts.filter((outcome) => outcome.kind === 'failed'),
    output,
  );
  if (kind === 'run' && report.run !== null && report.accounts.some(isDoneWithChanges)) {
    output.print(`Run ${report.run}. Take it back with: mailwright undo ${report.run}`);
  }
  const exit = exitOf(report);
  output.printJson({
    run: report.run,
    exit,
    accounts: report.accounts.map((outcome) =>
      outcome.kind === 'failed'
        ? { account: outcome.account, failed: outcome.error.code, message: outcome.error.message }
        : outcome,
    ),
    recovered: report.recovered,
  });
  return exit;
}

function isDoneWithChanges(outcome: AccountOutcome): boolean {
  return outcome.kind === 'done' && outcome.report.done > 0;
}

/** Tells which accounts failed, and what to do about each. */
export function printFailures(failures: readonly AccountFailure[], output: Output): void {
  for (const { account, error } of failures) {
    const { hint } = adviceFor(error);
    if (output.json) {
      const { code, message, facts } = error;
      output.error(JSON.stringify({ account, code, message, hint, facts }));
    } else {
      output.error(`${account}: error: ${error.message}\n  hint: ${hint}`);
    }
  }
}

/** The exit code when some accounts failed: their own, or "partly done" when others went well. */
export function exitForFailures(failures: readonly AccountFailure[], succeeded: number): ExitCode {
  const [first] = failures;
  if (first === undefined) return EXIT.done;
  return succeeded > 0 ? EXIT.partlyDone : adviceFor(first.error).exit;
}

function printReport(report: PlanReport, output: Output): void {
  const { colors } = output;
  output.print(colors.bold(`${report.account}`));
  for (const line of report.lines) {
    output.print(`  ${colors.green('✓')} ${line}`);
  }
  for (const parked of report.parked) {
    output.print(`  ${colors.yellow('parked')} ${parked.mailbox} ${parked.uid}: ${parked.reason}`);
  }
}
