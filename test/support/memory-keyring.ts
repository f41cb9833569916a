/** A keyring in memory, and ones that fail as the real ones do. */
import type { Keyring, OpenEntry } from '../../src/accounts/keyring.ts';
import { systemKeyring } from '../../src/accounts/keyring.ts';

/** A binding over a map; keys are `service/name`. */
export function memoryBinding(entries: Map<string, string>): OpenEntry {
  return (service, name) => {
    const key = `${service}/${name}`;
    return {
      getPassword: async () => entries.get(key) ?? null,
      setPassword: async (password) => {
        entries.set(key, password);
      },
      deletePassword: async () => entries.delete(key),
    };
  };
}

/** A keyring whose entries are these, by name. */
export function memoryKeyring(entries: Readonly<Record<string, string>> = {}): Keyring {
  const map = new Map(
    Object.entries(entries).map(([name, value]) => [`mailwright/${name}`, value] as const),
  );
  return systemKeyring(async () => memoryBinding(map));
}

/** A keyring whose binding cannot be loaded, or cannot be used, for this reason. */
export function brokenKeyring(message: string, code?: string): Keyring {
  return systemKeyring(async () => {
    throw Object.assign(new Error(message), code === undefined ? {} : { code });
  });
}
