/** `mailwright plan`: what would be done, read-only on the wire. */
import { writeFile } from 'node:fs/promises';
import { EXIT, type ExitCode } from '../../core/exit-codes.ts';
import type { PlanResult } from '../../engine/api.ts';
import { serializePlans } from '../../plan/plan-file.ts';
import { planJson, renderPlan } from '../../plan/render-plan.ts';
import type { Output } from '../output.ts';
import type { Command } from '../run-command.ts';
import { withEngine } from './open.ts';
import { exitForFailures, printFailures, selectionFrom } from './outcome.ts';
import { planMailFiles } from './plan-mail-files.ts';

/** Prints the plan of every account; with `--out`, also writes it to a file. */
export const plan: Command = async (context) =>
  context.options.mail === undefined ? await planLive(context) : await planMailFiles(context);

const planLive: Command = async (context) =>
  await withEngine(context, 'read', async (engine) => {
    const { output, options } = context;
    const result = await engine.plan(selectionFrom(context));
    const exit = printPlan(result, output);
    if (options.out !== undefined && result.failures.length === 0) {
      const text = serializePlans(result.previews.map((preview) => preview.plan));
      await writeFile(options.out, text, { mode: 0o600 });
      output.note(
        `The plan is in ${options.out}; carry it out with: mailwright apply ${options.out}`,
      );
    }
    return exit;
  });

/** Prints the plans of all accounts, and whether `run` would be stopped; gives the exit code. */
export function printPlan(result: PlanResult, output: Output): ExitCode {
  for (const preview of result.previews) {
    output.print(renderPlan(preview, output));
    output.printJson(planJson(preview));
  }
  printFailures(result.failures, output);
  if (result.overLimit !== null) {
    const { message, facts } = result.overLimit;
    output.note(
      `note: ${message}, so \`run\` would refuse it and keep it for \`approve\`; a reviewed plan file (plan --out, then apply) is not stopped, or raise safety.${facts.limit}`,
    );
  }
  return result.failures.length === 0
    ? EXIT.done
    : exitForFailures(result.failures, result.previews.length);
}
