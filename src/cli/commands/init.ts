/**
 * `mailwright init`: from an address to files that work. Nothing is written before the last answer, and
 * nothing is written that `check` would refuse.
 */
import { join, resolve } from 'node:path';
import { loadConfig } from '../../config/load-config.ts';
import { writeConfig } from '../../config/write-config.ts';
import { isAppError } from '../../core/app-error.ts';
import { accountId } from '../../core/brand.ts';
import { systemClock } from '../../core/clock.ts';
import { adviceFor } from '../../core/error-table.ts';
import { EXIT, type ExitCode } from '../../core/exit-codes.ts';
import type { Secret } from '../../core/secret.ts';
import { forgetSecret, keepSecret } from '../../engine/secrets.ts';
import { fittingRules, outlookOf, type RuleOutlook } from '../../engine/setup/fit-limits.ts';
import { withPasswordInHand } from '../../engine/setup/in-hand.ts';
import { type ChosenRule, firstRulesText, suggestRules } from '../../engine/setup/suggest-rules.ts';
import { type Survey, surveyAccount } from '../../engine/setup/survey.ts';
import { type Answers, type InitOptions, pathIn, usage } from '../init/answers.ts';
import type { Asker, Proposal } from '../init/asker.ts';
import {
  CONFIG_FILE,
  inspectFolder,
  type NewFile,
  RULES_FILE,
  writeFiles,
} from '../init/folder.ts';
import { planWith, withTrial } from '../init/trial.ts';
import { unattended } from '../init/unattended.ts';
import { otherRulesText, wizard } from '../init/wizard.ts';
import type { Command, CommandContext } from '../run-command.ts';
import { printPlan } from './plan.ts';

/** Asks what the flags do not say, tries it, proposes rules, writes the files, and plans. */
export const init: Command = async (context) => {
  const { output } = context;
  let ready: Ready | null;
  try {
    ready = await prepare(context);
  } catch (error) {
    if (!isAppError(error, 'INTERRUPTED')) throw error;
    output.error('Stopped; nothing was written.');
    return adviceFor(error).exit;
  }
  if (ready !== null) return await finish(context, ready);
  output.note('Nothing was written.');
  return EXIT.done;
};

/** Everything that is known before the first byte is written. */
interface Ready {
  readonly answers: Answers;
  readonly directory: string;
  readonly rules: readonly ChosenRule[];
  /** Absolute; the configuration last: without it the other files do nothing. */
  readonly files: readonly NewFile[];
  readonly mayReplace: boolean;
}

/** Null: the person said no. */
async function prepare(context: CommandContext): Promise<Ready | null> {
  const options: InitOptions = context.options;
  if (!['suggested', 'none', undefined].includes(options.rules)) {
    throw usage(`--rules is suggested or none, not "${options.rules}"`);
  }
  const { output, cwd } = context;
  const directory = resolve(cwd, options.directory ?? '.');
  const folder = await inspectFolder(directory);
  if (folder.otherRules.length > 0) throw usage(otherRulesText(folder.otherRules));
  const isAttended = output.interactive && !output.json && options.yes !== true;
  const asker = isAttended
    ? wizard(context, options, directory)
    : unattended(context, options, directory);
  const mayReplace = folder.present.length > 0;
  if (mayReplace && !(await asker.mayReplace(folder))) return null;
  const { answers, survey } = await signIn(context, asker);
  if (survey !== null) asker.tellSurvey(answers, survey);
  const rules =
    survey === null || options.rules === 'none'
      ? []
      : await chooseRules(context, asker, { answers, survey });
  const trial = trialOf(answers, firstRulesText(rules, survey?.days ?? 0));
  // What `check` would refuse is not written.
  await withTrial(trial, async () => {});
  const files = filesOf(directory, answers, trial);
  const names = files.map(({ path }) => pathIn(cwd, path));
  if (!(await asker.confirmWrite(names))) return null;
  context.signal.throwIfAborted();
  return { directory, answers, rules, files, mayReplace };
}

interface SignedIn {
  readonly answers: Answers;
  /** Null where signing in comes after, by OAuth 2.0: nothing can be looked at yet. */
  readonly survey: Survey | null;
}

async function signIn(context: CommandContext, asker: Asker): Promise<SignedIn> {
  let answers = await asker.answers();
  if (answers.password === null) return { answers, survey: null };
  for (;;) {
    try {
      return { answers, survey: await lookAt(context, answers) };
    } catch (error) {
      if (!isAppError(error, 'LOGIN_REFUSED')) throw error;
      const refusal = `${error.message}; ${adviceFor(error).hint}`;
      const password: Secret | null = await asker.passwordAgain(refusal);
      if (password === null) throw error;
      answers = { ...answers, password };
    }
  }
}

/** With a rule file in which nothing is on: the account itself is what is tried. */
async function lookAt(context: CommandContext, answers: Answers): Promise<Survey> {
  const rules = firstRulesText([], 0);
  return await withTrial(trialOf(answers, rules), async ({ accounts }) => {
    const account = accounts.get(accountId(answers.account.name));
    if (account === undefined) throw usage(`--name ${answers.account.name} is no account`);
    const { output, options, signal } = context;
    const { emit } = output;
    const clock = systemClock;
    return await surveyAccount({ account, emit, trace: options.trace, clock, signal });
  });
}

function trialOf({ account, password }: Answers, rules: string) {
  return { config: writeConfig(account), rules, account: account.name, password };
}

async function chooseRules(
  context: CommandContext,
  asker: Asker,
  { answers, survey }: { readonly answers: Answers; readonly survey: Survey },
): Promise<readonly ChosenRule[]> {
  const suggestions = suggestRules(survey);
  const outlook = await outlookWith(context, answers, {
    rules: suggestions.map((suggestion) => ({ suggestion, enabled: true })),
    days: survey.days,
  });
  const names = suggestions.map(({ name }) => name);
  const fitting = fittingRules(names, outlook);
  const proposals = suggestions.map((suggestion): Proposal => {
    const { name } = suggestion;
    return { suggestion, moves: outlook.moves.get(name) ?? 0, fits: fitting.has(name) };
  });
  const { allowed } = outlook;
  const chosen = await asker.chooseRules(proposals, { days: survey.days, allowed });
  return proposals.map(({ suggestion, fits }): ChosenRule => {
    const enabled = chosen.has(suggestion.name);
    const why = fits
      ? 'off, as you chose'
      : 'off: the first run would move more than safety: allows';
    return enabled ? { suggestion, enabled } : { suggestion, enabled, why };
  });
}

/** What the rules would move now, by a plan that is made and thrown away. */
async function outlookWith(
  context: CommandContext,
  answers: Answers,
  { rules, days }: { rules: readonly ChosenRule[]; days: number },
): Promise<RuleOutlook> {
  const text = firstRulesText(rules, days);
  return await withTrial(trialOf(answers, text), async (config) => {
    const { previews, failures } = await planWith(context, config);
    const [failure] = failures;
    if (failure !== undefined) throw failure.error;
    const [preview] = previews;
    if (preview === undefined) return { moves: new Map(), allowed: config.safety.maxMessages };
    return outlookOf(preview, config);
  });
}

async function finish(context: CommandContext, ready: Ready): Promise<ExitCode> {
  const { output, cwd } = context;
  const { directory, answers, rules, files, mayReplace } = ready;
  await store(answers, async () => await writeFiles(files, mayReplace));
  const names = files.map(({ path }) => pathIn(cwd, path));
  output.printJson({ account: answers.account.name, files: names, rules: rules.map(ruleJson) });
  output.print(`\nWrote ${names.join(', ')}.`);
  for (const { suggestion, why } of rules.filter(({ enabled }) => !enabled)) {
    output.print(`  ${suggestion.name}: ${why ?? 'off'}`);
  }
  const exit = await planWritten(context, ready);
  output.print(`\n${nextSteps(context, answers, directory).join('\n')}`);
  return exit;
}

/** The plan of what was just written; the password need not be asked for again. */
async function planWritten(
  context: CommandContext,
  { directory, answers }: Ready,
): Promise<ExitCode> {
  const { account, password } = answers;
  if (password === null) return EXIT.done;
  const { config } = await loadConfig({ cwd: directory });
  const inHand = withPasswordInHand(config, account.name, password);
  context.output.print('');
  return printPlan(await planWith(context, inHand), context.output);
}

function ruleJson({ suggestion, enabled }: ChosenRule) {
  const { name, destination, count } = suggestion;
  return { name, enabled, destination, count };
}

function filesOf(
  directory: string,
  { store: kept, password }: Answers,
  { config, rules }: { readonly config: string; readonly rules: string },
): readonly NewFile[] {
  return [
    ...(kept?.kind === 'file' && password !== null
      ? [{ path: kept.path, text: `${password.reveal()}\n`, mode: 0o600 }]
      : []),
    { path: join(directory, RULES_FILE), text: rules, mode: 0o644 },
    { path: join(directory, CONFIG_FILE), text: config, mode: 0o644 },
  ];
}

/** The keyring first; what was put there goes again when the files cannot be written. */
async function store(
  { store: kept, password }: Answers,
  write: () => Promise<void>,
): Promise<void> {
  if (kept?.kind !== 'keyring' || password === null) return await write();
  await keepSecret(kept.name, password);
  try {
    await write();
  } catch (error) {
    await forgetSecret(kept.name);
    throw error;
  }
}

function nextSteps(
  { cwd }: CommandContext,
  { account, store: kept }: Answers,
  directory: string,
): readonly string[] {
  const { signIn: way } = account;
  const isUnset =
    kept === null && way.kind === 'password' && way.from.kind === 'env' ? way.from.name : null;
  return [
    'Next:',
    ...(directory === cwd ? [] : [`  cd ${pathIn(cwd, directory)}`]),
    ...(way.kind === 'oauth2'
      ? [`  mailwright auth ${account.name.padEnd(11)}   signs in, in a browser`]
      : []),
    ...(isUnset === null ? [] : [`  with ${isUnset} set to the password:`]),
    '  mailwright run            carries the plan out, and asks before it does',
    '  mailwright check --live   looks the server over',
    '  mailwright start          goes on as mail arrives',
  ];
}
