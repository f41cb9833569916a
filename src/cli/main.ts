#!/usr/bin/env node
/** The command line: reads arguments, runs one command, ends with its exit code. */
import { CommanderError, Option, Command as Program } from 'commander';
import { AppError } from '../core/app-error.ts';
import { EXIT } from '../core/exit-codes.ts';
import { VERSION } from '../core/version.ts';
import { openOutput } from './output.ts';
import { type Command, type GlobalOptions, runCommand } from './run-command.ts';

/** Loads a command's file only when it is the one to run: start-up stays quick. */
type Loader = () => Promise<Command>;

const program = new Program('mailwright')
  .description('Plan, apply and undo for a mailbox: declarative rules over IMAP.')
  .version(VERSION, '--version', 'print the version')
  .helpOption('--help', 'print this help')
  .helpCommand(false)
  .showHelpAfterError('(see mailwright --help)')
  .exitOverride();

keepWritingToNobody();
declareCommands();
void main();

async function main(): Promise<void> {
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

/** A reader that goes away (`| head`) takes the words with it, never the work under way. */
function keepWritingToNobody(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

function declareCommands(): void {
  declare('demo', 'the whole loop on a sample mailbox of its own: plan, run, undo')
    .option('--directory <path>', 'where to leave the files to play with', 'mailwright-demo')
    .option('--keep', 'keep the sample server running until Ctrl-C')
    .action(launch(async () => (await import('./commands/demo.ts')).demo));
  declare('auth', 'sign in to an account with OAuth 2.0: Google, Microsoft, or another provider')
    .argument('<account>', 'an account with auth: { oauth2: … }')
    .option('--browser', 'in a browser on this machine, also where a code could be typed elsewhere')
    .option('--port <number>', 'the port that the browser comes back to (default: any free one)')
    .option('--forget', 'forget the sign-in, and have the provider end it where it can be told')
    .action(launch(async () => (await import('./commands/auth.ts')).auth));
  declare('check', 'read the configuration and every rule file, and report every defect')
    .option('--live', 'also log in, and look for mailboxes, roles and flags that the rules need')
    .action(launch(async () => (await import('./commands/check.ts')).check));
  declare('test', "run the rule files' own tests; needs no server").action(
    launch(async () => (await import('./commands/test.ts')).test),
  );
  declare('plan', 'say what would be done; changes nothing')
    .option('--new', 'only mail that arrived since the last run')
    .option('--out <file>', 'write the plan to a file for review and `apply`')
    .option('--mail <path>', 'decide about mail in files instead: .eml, a directory, Maildir, mbox')
    .option(
      '--mailbox <name>',
      'with --mail: the mailbox that the mail is taken to lie in',
      'INBOX',
    )
    .action(launch(async () => (await import('./commands/plan.ts')).plan));
  declare('run', 'plan, ask, and carry the plan out once')
    .option('--new', 'only mail that arrived since the last run')
    .option('--yes', 'do not ask')
    .action(launch(async () => (await import('./commands/run.ts')).run));
  declare('apply', 'carry out a plan file that `plan --out` wrote')
    .argument('<file>', 'the plan file')
    .option('--yes', 'do not ask')
    .action(launch(async () => (await import('./commands/apply.ts')).apply));
  declare('approve', 'carry out a plan that a limit of safety: had stopped')
    .argument('<run>', 'a run id from `status`')
    .option('--yes', 'do not ask')
    .action(launch(async () => (await import('./commands/approve-run.ts')).approveRun));
  declare('retry', 'put parked messages before the rules again, and no others')
    .option('--yes', 'do not ask')
    .action(launch(async () => (await import('./commands/retry.ts')).retry));
  withLog(
    declare('start', 'run rules as mail arrives and on their schedules, until stopped'),
  ).action(launch(async () => (await import('./commands/start.ts')).start, true));
  withLog(
    declare('worker', 'one part of `start` alone: any number of each share the work in Redis'),
  )
    .argument('<role>', 'trigger, scan or act')
    .action(launch(async () => (await import('./commands/start.ts')).worker, true));
  declare('history', 'list runs, or everything that one run did, and why')
    .argument('[run]', 'a run id')
    .option('--message <id>', 'only what happened to this message (INBOX:17), in all runs', addTo)
    .option('--limit <count>', 'how many runs to list', '20')
    .action(launch(async () => (await import('./commands/history.ts')).history));
  declare('undo', 'take a run back, or what it did to some messages or by one rule')
    .argument('<run>', 'a run id from `history`')
    .option('--message <id>', 'only this message of the run (INBOX:17); may be repeated', addTo)
    .option('--yes', 'do not ask')
    .action(launch(async () => (await import('./commands/undo.ts')).undo));
  declare('status', 'accounts, the last run, and messages that wait for a person')
    .option('--live', 'also log in, and count the mail that no rule has looked at yet')
    .action(launch(async () => (await import('./commands/status.ts')).status));
  declare('explain', 'say why a message is treated as it is: every rule, and what it saw')
    .argument('<message>', 'ACCOUNT/MAILBOX, with the UID after it; or a file')
    .argument('[uid]', 'the UID of a message on the server')
    .option('--mailbox <name>', 'with a file: the mailbox that it is taken to lie in', 'INBOX')
    .action(launch(async () => (await import('./commands/explain.ts')).explain));
  declare('export', 'print the rules as a Sieve script; what Sieve cannot say is reported')
    .argument('<format>', 'sieve')
    .option('--rule-file <file>', 'only the rules of this file')
    .action(launch(async () => (await import('./commands/export.ts')).exportRules));
  declare('import', "print another program's rules as a rule file; what is left out is reported")
    .argument('<format>', 'sieve, gmail, thunderbird or imapautofiler')
    .argument('<file>', 'the script, mailFilters.xml, msgFilterRules.dat or config.yml')
    .action(launch(async () => (await import('./commands/import.ts')).importRules));
  declare('schema', 'print the JSON Schema of rule files, or of mailwright.yaml')
    .argument('[which]', 'rules or config', 'rules')
    .action(launch(async () => (await import('./commands/schema.ts')).schema));
}

/** Collects an option that may be repeated. */
function addTo(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function declare(name: string, description: string): Program {
  return program
    .command(name)
    .description(description)
    .helpOption('--help', 'print help for this command')
    .option('--config <file>', 'the configuration file (default: mailwright.yaml)')
    .option('--account <name>', 'only this account')
    .option('--rule <name>', 'only this rule')
    .option('--json', 'print results and errors as JSON', false)
    .addOption(
      new Option('--trace', 'show the IMAP conversation on standard error').default(false),
    );
}

/** Connects a command to the program: arguments and options in, exit code out. */
function launch(load: Loader, live = false): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const self = args.at(-1);
    const given = self instanceof Program ? self.opts<GlobalOptions>() : undefined;
    if (given === undefined || !(self instanceof Program)) return;
    const output = openOutput(process, { json: given.json, env: process.env, live });
    const command = await load();
    process.exitCode = await runCommand(command, {
      options: given,
      arguments: self.args,
      output,
      cwd: process.cwd(),
      env: process.env,
      streams: process,
      signal: stopSignal(),
    });
  };
}

/** How a command that runs for long tells what happens. */
function withLog(command: Program): Program {
  return command
    .addOption(
      new Option('--log <form>', 'how to tell what happens')
        .choices(['pretty', 'json'])
        .default('pretty'),
    )
    .addOption(
      new Option('--log-level <level>', 'with --log json: the least that is told')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    );
}

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted)
        process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated);
      controller.abort(new AppError('INTERRUPTED', `stopped by ${signal}`, { signal }));
    });
  }
  return controller.signal;
}
