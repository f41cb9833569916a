/** `mailwright explain`: why a message is treated as it is: every rule, every condition, what it saw. */
import { resolve } from 'node:path';
import { renderDiagnostics } from '../../config/code-frame.ts';
import { loadConfig } from '../../config/load-config.ts';
import { AppError } from '../../core/app-error.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { explainFiles } from '../../engine/explain-message.ts';
import { explanationJson, renderExplanation } from '../../plan/render-explanation.ts';
import type { Command, CommandContext } from '../run-command.ts';
import { withEngine } from './open.ts';

/** `ACCOUNT/MAILBOX UID` for a message on the server, or the path of mail in a file. */
export const explain: Command = async (context) => {
  const [subject = '', uid] = context.arguments;
  if (uid === undefined) await explainPath(context, subject);
  else await explainLive(context, subject, uid);
  return EXIT.done;
};

async function explainLive(context: CommandContext, subject: string, uid: string): Promise<void> {
  const { options, output } = context;
  const slash = subject.indexOf('/');
  if (slash <= 0 || slash === subject.length - 1 || !/^[1-9]\d{0,9}$/.test(uid)) {
    throw new AppError(
      'USAGE',
      `"${subject} ${uid}" names no message; write ACCOUNT/MAILBOX UID, as in: explain home/INBOX 17`,
      { what: subject },
    );
  }
  const place = {
    account: subject.slice(0, slash),
    mailbox: subject.slice(slash + 1),
    uid: Number(uid),
    rule: options.rule,
  };
  await withEngine(context, 'read', async (engine) => {
    const explanation = await engine.explain(place);
    output.print(renderExplanation(explanation, output));
    output.printJson(explanationJson(explanation));
  });
}

async function explainPath(context: CommandContext, path: string): Promise<void> {
  const { options, output, cwd, signal } = context;
  const { config, warnings, texts } = await loadConfig({
    cwd,
    ...(options.config === undefined ? {} : { configPath: options.config }),
  });
  if (warnings.length > 0) output.note(renderDiagnostics(warnings, texts));
  const { account, mailbox, rule } = options;
  const nowMs = Date.now();
  const request = { path: resolve(cwd, path), account, mailbox, rule, nowMs, signal };
  for await (const explanation of explainFiles(config, request)) {
    output.print(renderExplanation(explanation, output));
    output.printJson(explanationJson(explanation));
  }
}
