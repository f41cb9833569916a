/** A password from where the new configuration will say that it is. */
import { commandSource } from '../../accounts/sources/command.ts';
import { envSource } from '../../accounts/sources/env.ts';
import { fileSource } from '../../accounts/sources/file.ts';
import { keyringSource } from '../../accounts/sources/keyring.ts';
import type { WrittenPassword } from '../../config/write-config.ts';
import { accountId } from '../../core/brand.ts';
import type { Secret } from '../../core/secret.ts';

/** Reads it once. `path` of a file is absolute. Throws CREDENTIAL_UNAVAILABLE, KEYRING_UNAVAILABLE. */
export async function readPassword(account: string, from: WrittenPassword): Promise<Secret> {
  const id = accountId(account);
  switch (from.kind) {
    case 'env':
      return await envSource(id, from.name).read();
    case 'file':
      return await fileSource(id, from.path).read();
    case 'command':
      return await commandSource(id, from.command).read();
    case 'keyring':
      return await keyringSource(id, from.name).read();
  }
}
