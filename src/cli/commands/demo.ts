/**
 * `mailwright demo`: plan, run and undo over real IMAP, on a sample mailbox that a server inside
 * this process holds. No account is needed and nothing leaves this machine.
 */
import { join, resolve } from 'node:path';
import { EXIT, type ExitCode } from '../../core/exit-codes.ts';
import type { Approve, Engine } from '../../engine/api.ts';
import { exitOf, type RunReport } from '../../engine/report.ts';
import { renderPlan } from '../../plan/render-plan.ts';
import { laterMail, sampleMail } from '../../sandbox/sample/sample-mail.ts';
import { type Sandbox, startSandbox } from '../../sandbox/server.ts';
import type { Output } from '../output.ts';
import type { Command, CommandContext } from '../run-command.ts';
import { CONFIG_NAME, clearState, inspectFolder, writeFolder } from './demo-folder.ts';
import { countsOf, differences, renderTree, type TreeMailbox, totalOf } from './demo-tree.ts';
import { withEngine } from './open.ts';
import { printFailures, selectionFrom } from './outcome.ts';

const USER = 'robin@home.example';
/** It opens a sample mailbox on loopback and nothing else. */
const PASSWORD = 'sample-mailbox';
const SEED = 2026;

/** What the three acts showed. */
interface Story {
  readonly before: readonly TreeMailbox[];
  readonly after: readonly TreeMailbox[];
  readonly restored: readonly TreeMailbox[];
  readonly run: RunReport;
  readonly undo: RunReport | null;
  readonly changed: number;
}

/**
 * Plays the whole loop and leaves a folder to go on with; exit 1 when the undo did not bring
 * everything back. With `--keep` the server then runs until Ctrl-C. Throws USAGE when the directory
 * holds something else.
 */
export const demo: Command = async (context) => {
  const { output, options, cwd } = context;
  const shown = options.directory ?? 'mailwright-demo';
  const directory = resolve(cwd, shown);
  const { hasState } = await inspectFolder(directory);
  const sandbox = await startSandbox({
    user: USER,
    password: PASSWORD,
    mailboxes: sampleMail({ nowMs: Date.now(), seed: SEED }),
  });
  try {
    const { host, port } = sandbox;
    const server = { host, port, user: USER, password: PASSWORD };
    await writeFolder(directory, server);
    // Relative, as a person would write it: the plan shows the paths of the rule files.
    const config = join(shown, CONFIG_NAME);
    const own: CommandContext = { ...context, options: { ...options, config } };
    if (hasState) await startOver(own, directory);
    introduce(output, sandbox);
    const story = await withEngine(own, 'write', (engine) => tell(engine, own, sandbox));
    const exit = judge(story, output);
    const arrived = options.keep === true ? deliverLater(sandbox) : 0;
    output.printJson(summaryOf(story, { directory, host, port, arrived, exit }));
    printNext(output, { directory: shown, keep: options.keep === true, arrived });
    if (options.keep === true) await untilStopped(context.signal);
    return exit;
  } finally {
    await sandbox.stop();
  }
};

/** Opening it first proves that nobody works with the old journal (INSTANCE_RUNNING). */
async function startOver(context: CommandContext, directory: string): Promise<void> {
  await withEngine(context, 'write', async () => {});
  await clearState(directory);
}

function introduce(output: Output, { host, port }: Sandbox): void {
  const { bold, dim } = output.colors;
  output.print(bold('Mailwright demo'));
  output.print(
    dim(
      `A mail server runs inside this process (${host}, port ${port}) with a sample mailbox.\nNo account of yours is used, and nothing leaves this machine.`,
    ),
  );
}

async function tell(engine: Engine, context: CommandContext, sandbox: Sandbox): Promise<Story> {
  const { output } = context;
  const { colors } = output;
  const selection = selectionFrom(context);
  const before = sandbox.snapshot();
  title(output, '1', `The mailbox as it is: ${totalOf(before)} messages`);
  output.print(renderTree(before, colors));

  title(output, '2', 'The plan: what the rules would do. Nothing is changed yet.');
  const { previews, failures } = await engine.plan(selection);
  for (const preview of previews) output.print(renderPlan(preview, output));
  printFailures(failures, output);

  title(output, '3', 'The run: the plan, carried out');
  let changed = 0;
  const approve: Approve = async (plans) => {
    const mailboxes = plans.flatMap(({ plan }) => plan.mailboxes);
    changed = mailboxes.reduce((sum, { messages }) => sum + messages.length, 0);
    return true;
  };
  const run = await engine.run(selection, approve);
  const after = sandbox.snapshot();
  printRun(run, output);
  output.print(`\n${renderTree(after, colors, before)}`);
  if (run.run === null) return { before, after, restored: after, run, undo: null, changed };

  title(output, '4', `The undo: run ${run.run}, taken back`);
  const undo = await engine.undo(run.run, async () => true);
  const restored = sandbox.snapshot();
  printRun(undo, output);
  output.print(`\n${renderTree(remaining(restored, before), colors, before)}`);
  return { before, after, restored, run, undo, changed };
}

function title(output: Output, number: string, text: string): void {
  output.print(`\n${output.colors.bold(`${number}  ${text}`)}\n`);
}

function printRun(report: RunReport, output: Output): void {
  const { green, yellow, dim } = output.colors;
  for (const outcome of report.accounts) {
    if (outcome.kind === 'unchanged') output.print('  Nothing to do.');
    if (outcome.kind !== 'done') continue;
    const { done, parked, superseded, run } = outcome.report;
    const others = [
      ...(parked.length > 0 ? [`${parked.length} parked`] : []),
      ...(superseded > 0 ? [`${superseded} left alone`] : []),
    ];
    const text = [`${done} flag changes and moves, each confirmed`, ...others].join(', ');
    output.print(`  ${green('✓')} ${text}  ${dim(`mailwright history ${run}`)}`);
    for (const { mailbox, uid, reason } of parked) {
      output.print(`  ${yellow('parked')} ${mailbox} ${uid}: ${reason}`);
    }
  }
  printFailures(
    report.accounts.filter((outcome) => outcome.kind === 'failed'),
    output,
  );
}

/** Without the mailboxes that the run made and the undo emptied. */
function remaining(
  restored: readonly TreeMailbox[],
  before: readonly TreeMailbox[],
): readonly TreeMailbox[] {
  const known = new Set(before.map(({ name }) => name));
  const filled = restored.filter(({ messages }) => messages.length > 0).map(({ name }) => name);
  return restored.filter(
    ({ name }) => known.has(name) || filled.some((each) => `${each}/`.startsWith(`${name}/`)),
  );
}

/** Compares the mailbox with what it was, message by message, and says what came out. */
function judge(story: Story, output: Output): ExitCode {
  const { green, red } = output.colors;
  const wrong = differences(story.before, story.restored);
  if (wrong.length > 0) {
    output.print(`\n${red('✗')} Not as it was before: ${wrong.join(', ')}`);
    return EXIT.failed;
  }
  const failure = [story.run, story.undo]
    .map((report) => (report === null ? EXIT.done : exitOf(report)))
    .find((exit) => exit !== EXIT.done);
  if (failure !== undefined) return EXIT.failed;
  const known = new Set(story.before.map(({ name }) => name));
  const made = story.restored.filter(({ name, selectable }) => selectable && !known.has(name));
  output.print(
    `\n${green('✓')} Compared message by message: all ${totalOf(story.restored)} are where they were, with the flags and dates they had.`,
  );
  if (made.length > 0) {
    const stay =
      made.length === 1 ? 'mailbox that the run made stays' : 'mailboxes that the run made stay';
    output.print(`  ${made.length} ${stay}, empty.`);
  }
  return EXIT.done;
}

/** The restored mail is not filed again by the same rules, so there must be some that is new. */
function deliverLater(sandbox: Sandbox): number {
  const inbox = sandbox.snapshot().find(({ name }) => name === 'INBOX');
  const messages = inbox === undefined ? [] : laterMail({ nowMs: Date.now(), seed: SEED });
  for (const message of messages) if (inbox !== undefined) sandbox.append(inbox.name, message);
  return messages.length;
}

function printNext(
  output: Output,
  { directory, keep, arrived }: { directory: string; keep: boolean; arrived: number },
): void {
  const { bold, dim } = output.colors;
  const lines = [
    `\n${bold(`What is in ${directory}`)}\n`,
    '  mailwright.yaml   the account, where the rules are, and the limits of one run',
    '  rules/            five rule files to read and to change',
    '  .mailwright/      the journal: what each run did, and how to take it back',
  ];
  if (keep) {
    lines.push(
      `\n${bold('The server keeps running until Ctrl-C')}\n`,
      `  ${arrived} new messages have arrived. In another terminal:\n`,
      `    cd ${directory}`,
      `    mailwright plan           ${dim('what the rules would do with the new mail')}`,
      `    mailwright run            ${dim('the same, then ask, then do it')}`,
      `    mailwright history        ${dim('every run; `history RUN` tells what became of each message')}`,
      `\n  ${dim('What the undo brought back stays where it is: rules do not file it a second time.')}`,
    );
  } else {
    lines.push(
      `\n${bold('With an account of your own')}\n`,
      `  1. Put it into ${directory}/mailwright.yaml; an example is there, in a comment.`,
      '     Take the account `demo` out, its server is gone, and set the limits back.',
      '  2. Fit the rules to your mail.\n',
      `    cd ${directory}`,
      `    mailwright check --live   ${dim('are configuration and rules correct, does the login work')}`,
      `    mailwright plan           ${dim('what would be done; changes nothing')}`,
      `    mailwright run            ${dim('the same, then ask, then do it; `undo` takes it back')}`,
      `\n  ${dim('To try changed rules on the sample mailbox first: mailwright demo --keep')}`,
    );
  }
  output.print(lines.join('\n'));
}

function summaryOf(
  story: Story,
  more: { directory: string; host: string; port: number; arrived: number; exit: ExitCode },
): unknown {
  const { before, after, restored, run, undo, changed } = story;
  return {
    ...more,
    messages: totalOf(before),
    changed,
    run: run.run,
    undo: undo?.run ?? null,
    restored: differences(before, restored).length === 0,
    mailboxes: { before: countsOf(before), after: countsOf(after), restored: countsOf(restored) },
  };
}

async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((stop) => {
    signal.addEventListener('abort', () => stop(), { once: true });
  });
}
