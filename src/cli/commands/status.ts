/** `mailwright status`: is everything well, and does anything wait for me? */
import { countOf } from '../../core/count.ts';
import { EXIT } from '../../core/exit-codes.ts';
import type { AccountStatus } from '../../engine/status.ts';
import type { Command } from '../run-command.ts';
import { withEngine } from './open.ts';

/** Prints accounts, the last run, and parked messages; connects only with `--live`. */
export const status: Command = async (context) =>
  await withEngine(context, 'read', async (engine) => {
    const { output, options } = context;
    const report = await engine.status(options.live === true);
    output.printJson(report);
    for (const account of report.accounts) {
      const state =
        account.unfinished.length === 0
          ? 'nothing unfinished'
          : `cut off: ${account.unfinished.join(', ')} (the next run finishes it)`;
      const name = account.installation;
      const shared = name === null ? '' : `; shared, this installation is ${name}`;
      output.print(`${account.account}  ${account.user} at ${account.host}  ${state}${shared}`);
      for (const line of signInLines(account)) output.print(`  ${line}`);
      for (const line of lagLines(account)) output.print(`  ${line}`);
    }
    const last = report.lastRun;
    output.print(
      last === null
        ? 'No run yet.'
        : `Last run: ${last.id} (${last.kind}), ${new Date(last.startedAtMs).toISOString()}`,
    );
    for (const { run, account, messages, reason, atMs } of report.waiting) {
      const since = new Date(atMs).toISOString();
      output.print(
        `${output.colors.yellow('waits for approval')} ${account}, ${messages} messages, since ${since}: ${reason}\n  carry it out with: mailwright approve ${run}`,
      );
    }
    if (report.parked.length === 0) output.print('No message waits for you.');
    else output.print('Parked messages; put them before the rules again with: mailwright retry');
    for (const parked of report.parked) {
      const rule = parked.rule === null ? '' : ` (rule "${parked.rule}")`;
      output.print(
        `${output.colors.yellow('parked')} ${parked.account} ${parked.mailbox} ${parked.uid}${rule}: ${parked.reason}`,
      );
    }
    return EXIT.done;
  });

function signInLines({ signIn }: AccountStatus): readonly string[] {
  if (signIn.kind === 'password') return [];
  const { provider, expiry, warning } = signIn;
  const warnings = warning === null ? [] : [`warning: ${warning}`];
  if (expiry === null) return warnings;
  if ('problem' in expiry) return [`signed in with ${provider}: ${expiry.problem}`];
  const { accessUntilMs, refreshUntilMs } = expiry;
  const access = accessUntilMs === null ? '' : `, access until ${isoOf(accessUntilMs)}`;
  const renewal =
    refreshUntilMs === null
      ? 'renewed by itself, without an end that the provider tells'
      : `renewed by itself until ${isoOf(refreshUntilMs)}`;
  return [`signed in with ${provider}${access}; ${renewal}`, ...warnings];
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function lagLines({ lag }: AccountStatus): readonly string[] {
  if (lag === null) return [];
  if ('problem' in lag) return [`could not be asked: ${lag.problem}`];
  if (lag.length === 0) return ['nothing waits to be looked at'];
  return lag.map(({ mailbox, unprocessed, oldestMs }) => {
    const since = oldestMs === null ? '' : `, the oldest from ${new Date(oldestMs).toISOString()}`;
    return `${mailbox}: ${countOf(unprocessed, 'message')} not looked at yet${since}`;
  });
}
