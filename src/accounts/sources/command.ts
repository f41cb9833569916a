/** A password from a command, such as a password manager. */
import { execFile } from 'node:child_process';
import type { AccountId } from '../../core/brand.ts';
import { secret } from '../../core/secret.ts';
import type { CredentialSource } from '../account.ts';
import { refusalOf } from './refusal.ts';

/** A password manager may ask its owner; longer than this nobody is there. */
const TIMEOUT_MS = 60_000;

/** Runs the command at each login; the password is the first line of its output. */
export function commandSource(account: AccountId, command: string): CredentialSource {
  const source = `the command "${command}"`;
  return {
    description: source,
    read: async () => {
      const output = await run(command);
      const password = output.kind === 'ok' ? (output.text.split(/\r?\n/, 1)[0] ?? '') : '';
      if (password !== '') return secret(password);
      // What the command printed may hold the password, so it is never repeated.
      const why = output.kind === 'ok' ? 'printed nothing' : `failed (${output.why})`;
      throw refusalOf(account, source)(why);
    },
  };
}

type CommandOutput =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

function run(command: string): Promise<CommandOutput> {
  return new Promise((resolve) => {
    const child = execFile(
      '/bin/sh',
      ['-c', command],
      { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024, encoding: 'utf8' },
      (error, stdout) => {
        if (error === null) resolve({ kind: 'ok', text: stdout });
        else resolve({ kind: 'failed', why: `exit code ${String(error.code ?? error.signal)}` });
      },
    );
    child.stdin?.end();
  });
}
