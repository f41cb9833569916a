/** What the parts of an account entry must say together. */
import { presetOf } from '../accounts/provider-presets.ts';
import { PROVIDERS, type Provider } from '../accounts/providers/provider-preset.ts';

/** Values of `tls:`. */
export const TLS_MODES = ['implicit', 'starttls', 'none'] as const;

/** The parts that are checked together. */
export interface AccountParts {
  readonly provider?: Provider | undefined;
  readonly host?: string | undefined;
  readonly tls?: (typeof TLS_MODES)[number] | undefined;
  readonly auth: { readonly password?: unknown };
  readonly smtp?: { readonly host?: string | undefined } | undefined;
}

/** One defect: where in the entry, and what to do. */
export interface AccountDefect {
  readonly path: readonly string[];
  readonly message: string;
  readonly hint: string;
  readonly allowed?: readonly string[];
}

/** A server is named, by itself or through its provider. Asked even where other parts are wrong. */
export function isServerNamed(entry: unknown): boolean {
  return typeof entry !== 'object' || entry === null || 'host' in entry || 'provider' in entry;
}

/** What to do where none is named. */
export const HOST_HINT = `write host: imap.example.org, or provider: ${PROVIDERS.join(' | ')}`;

/** What is wrong with an entry whose parts are right by themselves. */
export function defectsOfAccount(account: AccountParts): readonly AccountDefect[] {
  return [...insecure(account), ...passwordRefused(account), ...noWayOut(account)];
}

function insecure({ tls, host }: AccountParts): readonly AccountDefect[] {
  if (tls !== 'none' || isLoopback(host)) return [];
  return [
    {
      path: ['tls'],
      message: 'an unencrypted connection is allowed to this machine only',
      hint: 'use implicit (port 993) or starttls (port 143)',
      allowed: ['implicit', 'starttls'],
    },
  ];
}

/** Where another host is named it is another server, an Exchange of one's own say. */
function passwordRefused({ provider, host, auth }: AccountParts): readonly AccountDefect[] {
  if (provider === undefined || host !== undefined || auth.password === undefined) return [];
  const { title, signIn } = presetOf(provider);
  if (signIn.some(({ kind }) => kind === 'password')) return [];
  const [way] = signIn.flatMap((each) => (each.kind === 'oauth2' ? [each.provider] : []));
  return [
    {
      path: ['auth', 'password'],
      message: `${title} takes no passwords for IMAP any more, app passwords neither`,
      hint: `write auth: { oauth2: { provider: ${way}, clientId: … } } (docs/connect.md)`,
    },
  ];
}

function noWayOut({ provider, smtp }: AccountParts): readonly AccountDefect[] {
  if (smtp === undefined || smtp.host !== undefined || provider !== undefined) return [];
  return [
    {
      path: ['smtp', 'host'],
      message: '"host" is missing here',
      hint: 'write host: smtp.example.org; only a provider: has a default',
    },
  ];
}

/** Loopback by name or address. */
export function isLoopback(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host);
}
