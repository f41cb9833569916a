/** `init` by flags: nothing is asked, and what is missing is named. */
import { findServer } from '../../engine/setup/find-server.ts';
import { readPassword } from '../../engine/setup/read-password.ts';
import type { CommandContext } from '../run-command.ts';
import {
  type Answers,
  accountName,
  type InitOptions,
  passwordFromFlags,
  pathIn,
  serverFromFlags,
  usage,
  whyNoAddress,
  writtenServer,
} from './answers.ts';
import type { Asker } from './asker.ts';
import { tellSurvey } from './tell.ts';

/** Throws USAGE, naming them, when flags are missing that a person would be asked for. */
export function unattended(
  context: CommandContext,
  options: InitOptions,
  directory: string,
): Asker {
  const { output, cwd, signal } = context;
  const from = passwordFromFlags(options, cwd);
  const missing = [
    ...(options.address === undefined ? ['--address'] : []),
    ...(from === null
      ? ['--password-env, --password-file, --password-command or --password-keyring']
      : []),
    ...(options.yes === true ? [] : ['--yes']),
  ];
  const { address = '' } = options;
  if (missing.length > 0 || from === null) {
    throw usage(
      `nobody is at the terminal to be asked; these flags are missing: ${missing.join('; ')}`,
    );
  }
  if (whyNoAddress(address) !== undefined) {
    throw usage(`--address ${address}: ${whyNoAddress(address)}`);
  }
  const named = serverFromFlags(options, cwd);
  return {
    mayReplace: async ({ present }) => {
      throw usage(`${present.join(' and ')} is there already; name another --directory`);
    },
    answers: async (): Promise<Answers> => {
      const found = named === null ? await foundServer(address, signal) : null;
      const server = named ?? found?.server;
      if (server === undefined) throw usage(`no server of ${address} is known; give --host`);
      const name = accountName(options, address);
      const password = await readPassword(name, from);
      const written = from.kind === 'file' ? { ...from, path: pathIn(directory, from.path) } : from;
      const user = options.user ?? found?.user ?? address;
      const signIn = { kind: 'password', from: written } as const;
      return { account: { name, server, user, signIn }, password, store: null };
    },
    passwordAgain: async () => null,
    tellSurvey: (answers, survey) => {
      for (const line of tellSurvey(answers, survey)) output.print(line);
    },
    chooseRules: async (proposals) =>
      new Set(proposals.filter(({ fits }) => fits).map(({ suggestion }) => suggestion.name)),
    confirmWrite: async () => true,
  };
}

async function foundServer(address: string, signal: AbortSignal) {
  const { servers, attempts } = await findServer(address, signal);
  const [best] = servers;
  if (best === undefined) {
    const asked = attempts.map(({ asked: what, reason }) => `${what}: ${reason}`).join('; ');
    throw usage(`no server was found for ${address}; give --host (asked: ${asked || 'nobody'})`);
  }
  // DNS is not signed: where it leads elsewhere a person must agree before a password goes there.
  if (best.confirm !== null) throw usage(`${best.confirm} If so, give --host ${best.imap.host}`);
  return { server: writtenServer(best), user: best.user };
}
