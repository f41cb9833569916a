/** The server of an address: presets first, then the network, asked by nothing but the domain. */
import { discoverServer } from '../../accounts/discover/discover-server.ts';
import type { Discovery } from '../../accounts/discover/discovery.ts';
import { networkWorld } from '../../accounts/discover/network-world.ts';
import { presetOf } from '../../accounts/provider-presets.ts';
import type { Provider } from '../../accounts/providers/provider-preset.ts';

export type { Discovery, FoundServer } from '../../accounts/discover/discovery.ts';

/** Looks for it; sends no credential. Rejects only when the signal is aborted. */
export async function findServer(address: string, signal: AbortSignal): Promise<Discovery> {
  return await discoverServer(address, networkWorld(), { signal });
}

/** What a person should know before signing in there: what to switch on, and which password to make. */
export function adviceOf(provider: Provider): readonly string[] {
  const { title, enable, signIn } = presetOf(provider);
  const passwords = signIn.flatMap((way) => (way.kind === 'password' ? [way] : []));
  return [
    ...(enable === null ? [] : [enable]),
    ...passwords.flatMap(({ which, url, before }) => [
      ...(before === null ? [] : [before]),
      ...(which === 'app'
        ? [`${title} wants an app password${url === null ? '' : `: make one at ${url}`}`]
        : []),
    ]),
  ];
}

/** How one signs in. */
export interface WaysIn {
  readonly password: boolean;
  /** Whose OAuth 2.0 it is, or null. */
  readonly oauth2: 'google' | 'microsoft' | null;
}

/** The ways of a provider. */
export function waysInto(provider: Provider): WaysIn {
  const { signIn } = presetOf(provider);
  const [oauth2 = null] = signIn.flatMap((way) => (way.kind === 'oauth2' ? [way.provider] : []));
  return { password: signIn.some(({ kind }) => kind === 'password'), oauth2 };
}
