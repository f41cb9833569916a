/** Where the password is to be kept, and the password itself, which is typed unseen. */
import { join, resolve } from 'node:path';
import type { WrittenPassword } from '../../config/write-config.ts';
import type { Secret } from '../../core/secret.ts';
import { whyNoKeyring } from '../../engine/secrets.ts';
import { readPassword } from '../../engine/setup/read-password.ts';
import { askSecret } from '../ask-secret.ts';
import type { CommandContext } from '../run-command.ts';
import { type Answers, type InitOptions, passwordFromFlags, pathIn } from './answers.ts';
import type { Prompts } from './prompts.ts';

/** What was chosen, as `auth:` says it. */
export interface ChosenSignIn extends Pick<Answers, 'password' | 'store'> {
  readonly from: WrittenPassword;
}

type Place = 'keyring' | 'file' | 'env' | 'command';

/** Asks unless a flag has said where the password is. */
export async function askSignIn(by: {
  prompts: Prompts;
  context: CommandContext;
  options: InitOptions;
  directory: string;
  account: string;
}): Promise<ChosenSignIn> {
  const { prompts, context, options, directory, account } = by;
  const given = passwordFromFlags(options, context.cwd);
  if (given !== null) {
    const password = await readPassword(account, given);
    const path = given.kind === 'file' ? pathIn(directory, given.path) : '';
    return { from: given.kind === 'file' ? { ...given, path } : given, password, store: null };
  }
  const place = await askPlace(prompts, account);
  const typed = async (): Promise<Secret> =>
    await askSecret('   Password (not shown): ', context.streams, context.signal);
  switch (place) {
    case 'keyring': {
      const name = account;
      return {
        from: { kind: 'keyring', name },
        password: await typed(),
        store: { kind: 'keyring', name },
      };
    }
    case 'file': {
      const path = join('secrets', account);
      const store = { kind: 'file', path: resolve(directory, path) } as const;
      return { from: { kind: 'file', path }, password: await typed(), store };
    }
    case 'env':
      return await askVariable(by, typed);
    case 'command': {
      const command = await prompts.ask('The command', {
        whyNot: (text) => (text === '' ? 'as: pass show mail' : undefined),
      });
      const from = { kind: 'command', command } as const;
      return { from, password: await readPassword(account, from), store: null };
    }
  }
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
  const usual = `MAILWRIGHT_${account.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_PASSWORD`;
  const name = await prompts.ask('The name of the variable', {
    initial: usual,
    whyNot: (text) => (/^[A-Za-z_]\w*$/.test(text) ? undefined : 'letters, digits and _'),
  });
  const from = { kind: 'env', name } as const;
  const isSet = (context.env[name] ?? '') !== '';
  if (!isSet)
    prompts.say(
      `${name} is not set now: type the password once, and set it before the next command.`,
    );
  const password = isSet ? await readPassword(account, from) : await typed();
  return { from, password, store: null };
}
