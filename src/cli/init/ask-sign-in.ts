/** Where the password is to be kept, and the password itself, which is typed unseen. */
import { join, resolve } from 'node:path';
import type { WrittenPassword, WrittenSignIn } from '../../config/write-config.ts';
import type { Secret } from '../../core/secret.ts';
import { whyNoKeyring } from '../../engine/secrets.ts';
import type { WaysIn } from '../../engine/setup/find-server.ts';
import { readPassword } from '../../engine/setup/read-password.ts';
import { askSecret } from '../ask-secret.ts';
import type { CommandContext } from '../run-command.ts';
import { type Answers, type InitOptions, passwordFromFlags, pathIn } from './answers.ts';
import type { Prompts } from './prompts.ts';

/** What was chosen, as `auth:` says it. */
export interface ChosenSignIn extends Pick<Answers, 'password' | 'store'> {
  readonly signIn: WrittenSignIn;
}

type Place = 'keyring' | 'file' | 'env' | 'command';

/** Asks unless a flag has said where the password is. */
export async function askSignIn(by: {
  prompts: Prompts;
  context: CommandContext;
  options: InitOptions;
  directory: string;
  account: string;
  ways: WaysIn;
}): Promise<ChosenSignIn> {
  const { prompts, context, options, directory, account, ways } = by;
  const given = passwordFromFlags(options, context.cwd);
  if (given !== null) {
    const password = await readPassword(account, given);
    const path = given.kind === 'file' ? pathIn(directory, given.path) : '';
    return chosen(given.kind === 'file' ? { ...given, path } : given, password, null);
  }
  if (ways.oauth2 !== null && !(ways.password && (await wantsPassword(prompts)))) {
    return await askClient(prompts, account, ways.oauth2);
  }
  const place = await askPlace(prompts, account);
  const typed = async (): Promise<Secret> =>
    await askSecret('   Password (not shown): ', context.streams, context.signal);
  switch (place) {
    case 'keyring': {
      const from = { kind: 'keyring', name: account } as const;
      return chosen(from, await typed(), from);
    }
    case 'file': {
      const path = join('secrets', account);
      const store = { kind: 'file', path: resolve(directory, path) } as const;
      return chosen({ kind: 'file', path }, await typed(), store);
    }
    case 'env':
      return await askVariable(by, typed);
    case 'command': {
      const command = await prompts.ask('The command', {
        whyNot: (text) => (text === '' ? 'as: pass show mail' : undefined),
      });
      const from = { kind: 'command', command } as const;
      return chosen(from, await readPassword(account, from), null);
    }
  }
}

function chosen(
  from: WrittenPassword,
  password: Secret,
  store: ChosenSignIn['store'],
): ChosenSignIn {
  return { signIn: { kind: 'password', from }, password, store };
}

async function wantsPassword(prompts: Prompts): Promise<boolean> {
  const way = await prompts.choose('How do you sign in?', [
    { value: 'password', label: 'with a password', hint: 'one made for this program' },
    {
      value: 'oauth2',
      label: 'with OAuth 2.0',
      hint: 'in a browser; needs a client id of your own',
    },
  ]);
  return way === 'password';
}

/** The client is the owner's own; signing in comes after, with `mailwright auth`. */
async function askClient(
  prompts: Prompts,
  account: string,
  provider: 'google' | 'microsoft',
): Promise<ChosenSignIn> {
  prompts.say('OAuth 2.0 needs a client id of your own: docs/oauth2.md says how to make one.');
  const clientId = await prompts.ask('The client id', {
    whyNot: (text) => (/^\S+$/.test(text) ? undefined : 'it is one word'),
  });
  // Google calls it a secret also where the program is the owner's own.
  const secretEnv =
    provider === 'google'
      ? await askName(prompts, 'The environment variable with the client secret', {
          initial: variableOf(account, 'CLIENT_SECRET'),
        })
      : null;
  return {
    signIn: { kind: 'oauth2', provider, clientId, secretEnv },
    ...{ password: null, store: null },
  };
}

async function askName(
  prompts: Prompts,
  question: string,
  { initial }: { initial: string },
): Promise<string> {
  const whyNot = (text: string): string | undefined =>
    /^[A-Za-z_]\w*$/.test(text) ? undefined : 'letters, digits and _';
  return await prompts.ask(question, { initial, whyNot });
}

function variableOf(account: string, what: string): string {
  return `MAILWRIGHT_${account.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_${what}`;
}

async function askPlace(prompts: Prompts, account: string): Promise<Place> {
  for (;;) {
    const place = await prompts.choose<Place>('Where should the password be kept?', [
      { value: 'keyring', label: 'the keyring of this system' },
      { value: 'file', label: 'a file that only you can read', hint: `secrets/${account}` },
      { value: 'env', label: 'an environment variable', hint: 'you set it' },
      { value: 'command', label: 'a password manager', hint: 'a command prints it' },
    ]);
    const why = place === 'keyring' ? await whyNoKeyring() : null;
    if (why === null) return place;
    prompts.warn(why);
  }
}

async function askVariable(
  { prompts, context, account }: { prompts: Prompts; context: CommandContext; account: string },
  typed: () => Promise<Secret>,
): Promise<ChosenSignIn> {
  const initial = variableOf(account, 'PASSWORD');
  const name = await askName(prompts, 'The name of the variable', { initial });
  const from = { kind: 'env', name } as const;
  const isSet = (context.env[name] ?? '') !== '';
  if (!isSet)
    prompts.say(
      `${name} is not set now: type the password once, and set it before the next command.`,
    );
  const password = isSet ? await readPassword(account, from) : await typed();
  return chosen(from, password, null);
}
