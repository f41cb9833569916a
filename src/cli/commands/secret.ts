/** `mailwright secret set|forget NAME`: passwords in the keyring of the system. */
import { AppError } from '../../core/app-error.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { assertSecretName, forgetSecret, keepSecret } from '../../engine/secrets.ts';
import { askSecret } from '../ask-secret.ts';
import type { Command } from '../run-command.ts';

/** Stores what is typed (or piped in), or removes it. The password is never an argument. */
export const secret: Command = async (context) => {
  const [action, name = '', ...more] = context.arguments;
  if (more.length > 0) {
    const what = 'a password is never an argument; it is asked for, or read from a pipe';
    throw new AppError('USAGE', what, { what });
  }
  assertSecretName(name);
  if (action === 'set') {
    const value = await askSecret(`Password for ${name}: `, context.streams, context.signal);
    await keepSecret(name, value);
    context.output.print(`stored; use it with: password: { keyring: ${name} }`);
    context.output.printJson({ name, stored: true });
    return EXIT.done;
  }
  if (action === 'forget') {
    const forgotten = await forgetSecret(name);
    context.output.print(forgotten ? 'forgotten' : `there was no entry "${name}"`);
    context.output.printJson({ name, forgotten });
    return EXIT.done;
  }
  const what = `there is no "secret ${action ?? ''}"; there are: secret set NAME, secret forget NAME`;
  throw new AppError('USAGE', what, { what });
};
