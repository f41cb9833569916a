/** `mailwright auth ACCOUNT`: sign in with OAuth 2.0, or forget the sign-in. */
import { AppError } from '../../core/app-error.ts';
import { EXIT, type ExitCode } from '../../core/exit-codes.ts';
import type { Engine } from '../../engine/api.ts';
import type { SignInReport, SignInStep } from '../../engine/sign-in.ts';
import type { Command, CommandContext } from '../run-command.ts';
import { withEngine } from './open.ts';

/** Says what to do in a browser, waits for it, keeps the tokens, and logs in with them. */
export const auth: Command = async (context) => {
  const { options } = context;
  const [account = ''] = context.arguments;
  const port = portFrom(options.port);
  return await withEngine(context, 'read', async (engine) => {
    if (options.forget === true) return await forget(context, engine, account);
    const browser = options.browser === true;
    const show = (step: SignInStep): void => showStep(context, step);
    const report = await engine.signIn({ account, browser, port, show });
    tell(context, report);
    return EXIT.done;
  });
};

function portFrom(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  const what = `--port ${text}: a port is a number up to 65535`;
  throw new AppError('USAGE', what, { what });
}

/** For a person on standard error; with `--json` as a value, for who drives this program. */
function showStep({ output }: CommandContext, step: SignInStep): void {
  output.printJson({ step });
  if (step.kind === 'code') {
    const until = new Date(step.untilMs).toISOString();
    output.note(`Open ${step.url} in any browser, and enter the code ${step.code}`);
    output.note(`(good until ${until}; Ctrl-C gives up)`);
    return;
  }
  output.note(`Open this page in a browser on this machine:\n\n  ${step.url}\n`);
  output.note(`It comes back to ${step.redirect} (Ctrl-C gives up).`);
  output.note('On a machine without a browser: docs/oauth2.md#without-a-browser');
}

function tell({ output }: CommandContext, report: SignInReport): void {
  output.printJson({ report });
  const { account, user, host, mailboxes, provider, refreshUntilMs, isRenewable } = report;
  output.print(
    `${output.colors.green('ok')}  ${account}: signed in with ${provider}; logged in to ${host} as ${user}, ${mailboxes} mailboxes`,
  );
  if (!isRenewable) {
    output.print(
      `${output.colors.yellow('warning')}  ${provider} gave nothing to renew the access with; it ends at ${dayOf(report.accessUntilMs)}`,
    );
  } else if (refreshUntilMs !== null) {
    output.print(`The sign-in ends at ${dayOf(refreshUntilMs)}; status warns a week before.`);
  }
}

async function forget(context: CommandContext, engine: Engine, name: string): Promise<ExitCode> {
  const { output } = context;
  const { account, provider, hadTokens, revoked } = await engine.signOut(name);
  output.printJson({ account, provider, hadTokens, revoked });
  if (!hadTokens) {
    output.print(`${account}: there was no sign-in`);
    return EXIT.done;
  }
  output.print(`${account}: the sign-in is forgotten here`);
  if (revoked === 'yes') output.print(`${provider} was told to end it`);
  else if (revoked === 'impossible') {
    output.print(`${provider} cannot be told; withdraw the consent on its own pages`);
  } else {
    output.print(
      `${output.colors.yellow('warning')}  it was not ended at ${provider}: ${revoked.problem}; withdraw the consent on its own pages`,
    );
  }
  return EXIT.done;
}

function dayOf(ms: number | null): string {
  return ms === null ? 'a time that it did not tell' : new Date(ms).toISOString();
}
