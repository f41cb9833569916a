/** Where a secret comes from, as mailwright.yaml says it; the secret itself never stands there. */
import { z } from 'zod';
import { refuse } from '../language/operands.ts';

/** Text that is there. */
export const filled = z.string().min(1, { error: 'this must not be empty' });

const credentialSchema = z
  .strictObject({
    env: filled.optional().describe('The name of an environment variable.'),
    file: filled.optional().describe('A file with mode 0600.'),
    command: filled.optional().describe('A command that prints the password.'),
  })
  .superRefine(
    refuse((source) =>
      Object.keys(source).length === 1 ? undefined : 'name exactly one of env, file and command',
    ),
  );

/** The source of a secret; `noun` with its article and `key` are for the message about a literal one. */
export const secretSchema = (noun: string, key: string) =>
  z.union([
    credentialSchema,
    z.string().superRefine(
      refuse(() => `${noun} never stands in this file`, {
        hint: `write ${key}: { env: NAME }, { file: PATH } or { command: "…" }`,
      }),
    ),
  ]);

/** The source of a password. */
export const passwordSchema = secretSchema('a password', 'password');

/** What a source of a secret gives. */
export type CredentialInput = z.output<typeof passwordSchema>;
