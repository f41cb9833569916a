/** Checked account entries → accounts with their credential sources. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Account, SignIn, SmtpAccount } from '../accounts/account.ts';
import { parsePin } from '../accounts/pin.ts';
import { presetOf, serversFor } from '../accounts/provider-presets.ts';
import type { ProviderLimits } from '../accounts/providers/provider-preset.ts';
import { type AccountId, accountId } from '../core/brand.ts';
import type { Diagnostic, SourceDocument } from '../core/diagnostic.ts';
import { type MailboxName, parseMailboxName, ROLES, type Role } from '../mail/mailbox-name.ts';
import { signInFrom, signInPlace, sourceFrom } from './build-sign-in.ts';
import type { Backend } from './config.ts';
import type { AccountInput, ConfigInput } from './config-schema.ts';

/** The accounts, and what is wrong with the files that they name. */
export interface BuiltAccounts {
  readonly accounts: ReadonlyMap<AccountId, Account>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Builds all accounts; paths are relative to the directory of the configuration. */
export async function buildAccounts(
  input: ConfigInput,
  from: { directory: string; document: SourceDocument },
): Promise<BuiltAccounts> {
  const accounts = new Map<AccountId, Account>();
  const place = signInPlace(input, from.directory);
  const diagnostics: Diagnostic[] = [];
  for (const [name, entry] of Object.entries(input.accounts)) {
    const id = accountId(name);
    const ca = await readAuthority(entry, { ...from, name, diagnostics });
    const { user, variables, trustServerText } = entry;
    const sends = entry.smtp?.auth === 'account';
    const signIn = signInFrom(id, entry.auth, { ...place, sends });
    accounts.set(id, {
      id,
      ...imapFrom(entry),
      ca,
      ...pinsFrom(entry),
      user,
      signIn,
      smtp: smtpFrom(id, entry, { directory: from.directory, ca, signIn }),
      variables,
      roles: rolesFrom(entry.roles),
      trustServerText,
      authServId: entry.authserv_id ?? null,
      limits: limitsFrom(entry),
      ...(entry.provider === undefined ? {} : { provider: entry.provider }),
      ...sharedFrom(entry),
    });
  }
  return { accounts, diagnostics };
}

/** What the entry says, else what its provider has. Another host is another server, with usual ports. */
function imapFrom({ provider, user, ...entry }: AccountInput): ServerParts {
  const preset = provider === undefined ? undefined : serversFor(provider, user).imap;
  const host = entry.host ?? preset?.host;
  if (host === undefined) throw new TypeError('the schema let an account without a host through');
  const known = preset?.host === host ? preset : undefined;
  const tls = entry.tls ?? known?.tls ?? 'implicit';
  const usual = known?.tls === tls ? known.port : undefined;
  return { host, tls, port: entry.port ?? usual ?? (tls === 'implicit' ? 993 : 143) };
}

const USUAL_LIMITS: ProviderLimits = { connections: 2, commandsPerMinute: 600 };

function limitsFrom({ provider, limits }: AccountInput): Account['limits'] {
  const { bytesPerDay, connections, commandsPerMinute }: ProviderLimits =
    provider === undefined ? USUAL_LIMITS : presetOf(provider).limits;
  const bytes = limits.bytesPerDay ?? bytesPerDay;
  return {
    connections: limits.connections ?? connections,
    commandsPerMinute: limits.commandsPerMinute ?? commandsPerMinute,
    ...(bytes === undefined ? {} : { bytesPerDay: bytes }),
  };
}

type ServerParts = Pick<Account, 'host' | 'port' | 'tls'>;

function pinsFrom({ pin = [] }: AccountInput): Pick<Account, 'pins'> {
  const pins = [pin].flat().flatMap((text) => parsePin(text) ?? []);
  return pins.length === 0 ? {} : { pins };
}

function sharedFrom({ shared = false }: AccountInput): Pick<Account, 'shared'> {
  if (shared === false) return {};
  return { shared: { gone: shared === true ? [] : shared.gone } };
}

const SMTP_PORTS = { implicit: 465, starttls: 587, none: 25 } as const;

function smtpFrom(
  id: AccountId,
  entry: AccountInput,
  from: { directory: string; ca: string | null; signIn: SignIn },
): SmtpAccount | null {
  const { smtp, provider } = entry;
  if (smtp === undefined) return null;
  const { auth } = smtp;
  const preset = provider === undefined ? undefined : serversFor(provider, entry.user).smtp;
  const host = smtp.host ?? preset?.host;
  if (host === undefined) throw new TypeError('the schema let smtp without a host through');
  const known = preset?.host === host ? preset : undefined;
  const tls = smtp.tls ?? known?.tls ?? 'implicit';
  const usual = known?.tls === tls ? known.port : undefined;
  return {
    host,
    tls,
    port: smtp.port ?? usual ?? SMTP_PORTS[tls],
    ca: from.ca,
    from: smtp.from,
    user: smtp.user ?? entry.user,
    signIn: smtpSignIn(id, auth, from),
  };
}

/** `backend:` with the source of its password. */
export function buildBackend({ backend }: ConfigInput, directory: string): Backend {
  if (backend === 'embedded') return { kind: 'embedded' };
  const { redis: url, prefix, password } = backend;
  const source =
    password === undefined ? null : sourceFrom(accountId('redis'), password, directory);
  return { kind: 'redis', url, prefix, password: source };
}

function smtpSignIn(
  id: AccountId,
  auth: NonNullable<AccountInput['smtp']>['auth'],
  from: { directory: string; signIn: SignIn },
): SignIn | null {
  if (auth === undefined) return null;
  if (auth === 'account') return from.signIn;
  return { kind: 'password', password: sourceFrom(id, auth.password, from.directory) };
}

function rolesFrom(
  roles: Readonly<Partial<Record<Role, string | undefined>>>,
): Readonly<Partial<Record<Role, MailboxName>>> {
  const named: Partial<Record<Role, MailboxName>> = {};
  for (const role of ROLES) {
    const name = roles[role];
    if (name !== undefined) named[role] = parseMailboxName(name);
  }
  return named;
}

async function readAuthority(
  entry: AccountInput,
  from: { directory: string; document: SourceDocument; name: string; diagnostics: Diagnostic[] },
): Promise<string | null> {
  if (entry.ca === undefined) return null;
  const path = resolve(from.directory, entry.ca);
  try {
    const pem = await readFile(path, 'utf8');
    // Node passes over what it cannot read, and then trusts nobody.
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    from.diagnostics.push({
      file: from.document.file,
      ...from.document.locate(['accounts', from.name, 'ca']),
      severity: 'error',
      message: `the certificate authority cannot be read: ${why}`,
      hint: 'name a PEM file, relative to this file',
    });
    return null;
  }
}
