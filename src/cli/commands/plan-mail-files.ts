/** `mailwright plan --mail PATH`: what the rules would do with mail in files; no server is asked. */
import { resolve } from 'node:path';
import { renderDiagnostics } from '../../config/code-frame.ts';
import { loadConfig } from '../../config/load-config.ts';
import { AppError } from '../../core/app-error.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { planMail } from '../../engine/plan-mail.ts';
import { fileLine, openTally } from '../../plan/file-plan.ts';
import type { Command } from '../run-command.ts';

/** Decides message by message; with `--json` one line each as it is decided. Exit 13 when parked. */
export const planMailFiles: Command = async ({ options, output, cwd, signal }) => {
  const { mail: path = '', account, mailbox, rule } = options;
  if (options.out !== undefined || options.new === true) {
    throw new AppError('USAGE', '--mail goes with neither --out nor --new: files are not changed', {
      what: '--mail',
    });
  }
  const { config, warnings, texts } = await loadConfig({
    cwd,
    ...(options.config === undefined ? {} : { configPath: options.config }),
  });
  if (warnings.length > 0) output.note(renderDiagnostics(warnings, texts));
  const tally = openTally();
  const nowMs = Date.now();
  let done = 0;
  const request = { path: resolve(cwd, path), account, mailbox, rule, nowMs, signal };
  for await (const { message, decision } of planMail(config, request)) {
    tally.add(message, decision);
    done += 1;
    output.emit({ kind: 'files-progress', path, done });
    output.printJson(fileLine(message, decision));
    await output.drained(signal);
  }
  output.print(tally.render(output));
  return tally.parkedCount > 0 ? EXIT.parked : EXIT.done;
};
