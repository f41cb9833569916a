/** What `init` needs to know before it can look: the account, and where its password is. */
import { relative, resolve } from 'node:path';
import type { WrittenAccount, WrittenPassword, WrittenServer } from '../../config/write-config.ts';
import { AppError } from '../../core/app-error.ts';
import type { Secret } from '../../core/secret.ts';
import type { FoundServer } from '../../engine/setup/find-server.ts';
import type { GlobalOptions } from '../run-command.ts';

/** The answers of a person, or of the flags. */
export interface Answers {
  readonly account: WrittenAccount;
  /** Null where the account signs in by OAuth 2.0, which comes after: `mailwright auth`. */
  readonly password: Secret | null;
  /** What is still to be stored; null where the password is where `auth:` says already. */
  readonly store:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'keyring'; readonly name: string }
    | null;
}

/** The flags of `init` alone. */
export interface InitOptions extends GlobalOptions {
  readonly address?: string;
  readonly name?: string;
  readonly user?: string;
  readonly host?: string;
  readonly port?: string;
  readonly tls?: string;
  readonly ca?: string;
  readonly passwordEnv?: string;
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
  readonly passwordKeyring?: string;
  readonly rules?: string;
}

/** Values of `--tls`. */
export const TLS_WORDS = ['implicit', 'starttls', 'none'] as const;
/** One of them. */
export type TlsWord = (typeof TLS_WORDS)[number];

/** The port that a mode has by convention. */
export const USUAL_PORTS: Readonly<Record<TlsWord, number>> = {
  implicit: 993,
  starttls: 143,
  none: 143,
};

/** Says why a text is no mail address, or undefined. */
export function whyNoAddress(text: string): string | undefined {
  return /^[^\s@]+@[^\s@]+$/.test(text) ? undefined : 'a mail address looks like me@example.org';
}

/** Says why a text is no port, or undefined. */
export function whyNoPort(text: string): string | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535
    ? undefined
    : 'a port is a number from 1 to 65535';
}

/** Says why a text is no host, or undefined. */
export function whyNoHost(text: string): string | undefined {
  return /^[\p{L}\p{N}.:_-]+$/u.test(text) ? undefined : 'a host looks like imap.example.org';
}

/** Throws USAGE. */
export function usage(what: string): AppError {
  return new AppError('USAGE', what, { what });
}

/** The server that the flags name, or null. Throws USAGE for values that are none. */
export function serverFromFlags(options: InitOptions, cwd: string): WrittenServer | null {
  const { host, port, tls = 'implicit', ca } = options;
  const mode = TLS_WORDS.find((word) => word === tls);
  if (mode === undefined) throw usage(`--tls is one of ${TLS_WORDS.join(', ')}, not "${tls}"`);
  if (port !== undefined && whyNoPort(port) !== undefined) {
    throw usage(`--port ${port}: ${whyNoPort(port)}`);
  }
  if (host === undefined) {
    const lonely = ['port', 'tls', 'ca'] as const;
    const given = lonely.filter((name) => options[name] !== undefined);
    if (given.length > 0) throw usage(`--${given.join(', --')}: give --host, too`);
    return null;
  }
  if (whyNoHost(host) !== undefined) throw usage(`--host ${host}: ${whyNoHost(host)}`);
  if (mode === 'none' && !isThisMachine(host)) {
    throw usage('--tls none: an unencrypted connection is allowed to this machine only');
  }
  return {
    kind: 'host',
    host,
    port: port === undefined ? USUAL_PORTS[mode] : Number(port),
    tls: mode,
    ca: ca === undefined ? null : resolve(cwd, ca),
  };
}

/** Loopback by name or address. */
export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** A server that was found, as it is written. */
export function writtenServer({ provider, imap }: FoundServer): WrittenServer {
  return provider === null
    ? { kind: 'host', host: imap.host, port: imap.port, tls: imap.tls, ca: null }
    : { kind: 'provider', provider };
}

/** Where the flags say that the password is, or null. A path is absolute. Throws USAGE for two. */
export function passwordFromFlags(options: InitOptions, cwd: string): WrittenPassword | null {
  const { passwordEnv, passwordFile, passwordCommand, passwordKeyring } = options;
  const given: readonly (WrittenPassword | null)[] = [
    passwordEnv === undefined ? null : { kind: 'env', name: passwordEnv },
    passwordFile === undefined ? null : { kind: 'file', path: resolve(cwd, passwordFile) },
    passwordCommand === undefined ? null : { kind: 'command', command: passwordCommand },
    passwordKeyring === undefined ? null : { kind: 'keyring', name: passwordKeyring },
  ];
  const [first = null, second] = given.filter((each) => each !== null);
  if (second !== undefined) throw usage('name one place of the password, not two');
  return first;
}

/** A path below the folder of the configuration is written relative to it: the folder can be moved. */
export function pathIn(directory: string, path: string): string {
  const below = relative(directory, path);
  return below.startsWith('..') || resolve(below) === below || below === '' ? path : below;
}

/** The name of the account in mailwright.yaml. Throws USAGE for one that no file could be called. */
export function accountName({ name }: InitOptions, address: string): string {
  if (name === undefined) return accountNameOf(address);
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$/.test(name)) return name;
  throw usage(`--name ${name}: a name is letters, digits, "-" and "_"`);
}

/** Of the address: "example" of me@mail.example.org. */
function accountNameOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const labels = domain.split('.').filter((label) => /^[a-z0-9-]+$/.test(label));
  const [label] = labels.length > 1 ? labels.slice(-2) : labels;
  return label !== undefined && /[a-z]/.test(label) ? label : 'personal';
}
