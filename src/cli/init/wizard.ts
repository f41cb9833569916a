/** `init` at a terminal: one question after the other; flags that were given are not asked for. */
import { countOf } from '../../core/count.ts';
import type { Secret } from '../../core/secret.ts';
import { askSecret } from '../ask-secret.ts';
import type { CommandContext } from '../run-command.ts';
import { type Answers, accountName, type InitOptions, usage, whyNoAddress } from './answers.ts';
import { askServer } from './ask-server.ts';
import { askSignIn } from './ask-sign-in.ts';
import type { Asker } from './asker.ts';
import { openPrompts, type Prompts } from './prompts.ts';
import { proposalHint, proposalLabel, tellSurvey } from './tell.ts';

/** After these many refusals the server may lock the account. */
const MOST_PASSWORDS = 3;

/** Asks a person. */
export function wizard(context: CommandContext, options: InitOptions, directory: string): Asker {
  const prompts = openPrompts(context);
  prompts.begin('mailwright init: an account, and first rules for it');
  let passwords = 0;
  return {
    mayReplace: async ({ present }) => {
      const what = `${present.join(' and ')} is there already. Replace it? It is kept as NAME.old`;
      return await prompts.isYes(what, false);
    },
    answers: async () => await askAll({ prompts, context, options, directory }),
    passwordAgain: async (refusal): Promise<Secret | null> => {
      prompts.warn(refusal);
      passwords++;
      if (passwords >= MOST_PASSWORDS) return null;
      return await askSecret('   Password again (not shown): ', context.streams, context.signal);
    },
    tellSurvey: (answers, survey) => prompts.show('The account', tellSurvey(answers, survey)),
    chooseRules: async (proposals, { days, allowed }) => {
      if (proposals.length === 0) {
        prompts.say(
          'No list and no machine writes often enough for a rule; one that is off shows how.',
        );
        return new Set();
      }
      const chosen = await prompts.chooseMany(
        'First rules, from who writes most. Which of them should be on?',
        proposals.map((proposal) => ({
          value: proposal.suggestion.name,
          label: proposalLabel(proposal),
          hint: proposalHint(proposal, days),
        })),
        proposals.filter(({ fits }) => fits).map(({ suggestion }) => suggestion.name),
      );
      const names = new Set(chosen);
      const moves = proposals
        .filter(({ suggestion }) => names.has(suggestion.name))
        .reduce((sum, each) => sum + each.moves, 0);
      if (moves > allowed) {
        prompts.warn(
          `The first run would move ${countOf(moves, 'message')}, and safety: allows ${allowed}. It will be stopped, and its plan kept: carry it out with mailwright approve RUN.`,
        );
      }
      return names;
    },
    confirmWrite: async (files) => {
      prompts.show('To be written', files);
      return await prompts.isYes('Write these files?', true);
    },
  };
}

/** Rule files that are there already would belong to the new configuration. */
export function otherRulesText(otherRules: readonly string[]): string {
  return `${otherRules.join(', ')} would belong to the new configuration at once; name another --directory, or move the file away`;
}

async function askAll(from: {
  prompts: Prompts;
  context: CommandContext;
  options: InitOptions;
  directory: string;
}): Promise<Answers> {
  const { prompts, context, options, directory } = from;
  const given = options.address;
  if (given !== undefined && whyNoAddress(given) !== undefined) {
    throw usage(`--address ${given}: ${whyNoAddress(given)}`);
  }
  const address = given ?? (await prompts.ask('Your mail address', { whyNot: whyNoAddress }));
  const name = accountName(options, address);
  const { server, userHint, ways } = await askServer({ prompts, context, options, address });
  const user =
    options.user ??
    (await prompts.ask('The login name', {
      initial: userHint,
      whyNot: (text) => (text === '' ? 'it must not be empty' : undefined),
    }));
  const chosen = await askSignIn({ prompts, context, options, directory, account: name, ways });
  const { signIn, password, store } = chosen;
  const account = { name, server, user, signIn };
  return { account, password, store };
}
