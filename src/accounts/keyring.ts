/**
 * The keyring of the operating system: the Keychain of macOS, the Credential Manager of Windows, the
 * Secret Service of a Linux desktop (GNOME Keyring, KWallet, KeePassXC). Holds passwords, and keys for
 * what is kept encrypted elsewhere. The binding is an optional package, loaded when it is first used.
 */
import { AppError } from '../core/app-error.ts';
import { type Secret, secret } from '../core/secret.ts';

/** Entries by name. Every function throws KEYRING_UNAVAILABLE where there is no keyring to use. */
export interface Keyring {
  /** Null where there is no such entry. */
  get(name: string): Promise<Secret | null>;
  /** Replaces what was there. */
  set(name: string, value: Secret): Promise<void>;
  /** Tells whether there was one. */
  delete(name: string): Promise<boolean>;
}

/** One entry, as the binding has it. */
export interface KeyringEntry {
  getPassword(): Promise<string | null>;
  setPassword(password: string): Promise<void>;
  deletePassword(): Promise<boolean>;
}

/** Opens an entry; the binding's own seam, so that tests can bring a keyring of their own. */
export type OpenEntry = (service: string, name: string) => KeyringEntry;

/** The name under which all entries lie. */
export const KEYRING_SERVICE = 'mailwright';

/** What an entry may be called: no shell, no file and no keyring has trouble with it. */
export const KEYRING_NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/;

/** The same in words. */
export const KEYRING_NAME_RULE = 'an entry is named by letters, digits and any of . _ @ + -';

/** A locked keyring asks its owner; longer than this nobody is there. */
const TIMEOUT_MS = 60_000;

/** The keyring of this machine, or one over another binding. */
export function systemKeyring(load: () => Promise<OpenEntry> = loadBinding): Keyring {
  let loading: Promise<OpenEntry> | undefined;
  const within = async <T>(work: (entry: KeyringEntry) => Promise<T>, name: string): Promise<T> => {
    loading ??= load();
    const open = await orUnavailable(loading);
    return await orUnavailable(inTime(async () => await work(open(KEYRING_SERVICE, name))));
  };
  return {
    get: async (name) => {
      const found = await within((entry) => entry.getPassword(), name);
      return found === null ? null : secret(found);
    },
    set: async (name, value) => {
      await within((entry) => entry.setPassword(value.reveal()), name);
    },
    delete: async (name) => await within((entry) => entry.deletePassword(), name),
  };
}

/**
 * On Linux the binding would fall back to the keyring of the kernel, which forgets everything at the
 * next start: an entry must be where it was said to be, or nowhere.
 */
async function loadBinding(): Promise<OpenEntry> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  return (service, name) => new AsyncEntry(service, name, { linux: { store: 'secret-service' } });
}

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not answer; is it locked?')), TIMEOUT_MS);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function orUnavailable<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const reason = reasonOf(error);
    const message = `the keyring of this system cannot be used: ${reason}`;
    throw new AppError('KEYRING_UNAVAILABLE', message, { reason }, { cause: error });
  }
}

/** In words for people; no text of the binding holds a secret, but some say little. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_MODULE_NOT_FOUND' || /cannot find (module|native binding)/i.test(text)) {
    return 'the optional package @napi-rs/keyring is not installed for this machine';
  }
  if (/autolaunch|DBUS_SESSION_BUS_ADDRESS/i.test(text)) {
    return 'there is no session bus (DBUS_SESSION_BUS_ADDRESS), as on a server or in a container';
  }
  if (/org\.freedesktop\.secrets/.test(text)) {
    return 'no Secret Service runs, as GNOME Keyring, KWallet or KeePassXC';
  }
  return text.split('\n', 1)[0] ?? text;
}
