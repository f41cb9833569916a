/** The providers that are known beforehand, and how to find one by an address or a mail exchanger. */
import { fastmail } from './providers/fastmail.ts';
import { gmail } from './providers/gmail.ts';
import { gmx } from './providers/gmx.ts';
import { icloud } from './providers/icloud.ts';
import { outlook } from './providers/outlook.ts';
import {
  PROVIDERS,
  type Provider,
  type ProviderPreset,
  type ProviderServers,
} from './providers/provider-preset.ts';
import { yahoo } from './providers/yahoo.ts';
import { yandex } from './providers/yandex.ts';
import { zoho } from './providers/zoho.ts';

/** One for each name; a name without a preset does not compile. */
const PRESETS: Readonly<Record<Provider, ProviderPreset>> = {
  gmail,
  outlook,
  icloud,
  yahoo,
  fastmail,
  gmx,
  zoho,
  yandex,
};

/** What is known of a provider. */
export function presetOf(provider: Provider): ProviderPreset {
  return PRESETS[provider];
}

/** Its servers for a login name: some providers have others for some domains. */
export function serversFor(provider: Provider, user: string): ProviderServers {
  const preset = PRESETS[provider];
  return preset.otherServers[domainOf(user)] ?? preset;
}

/** The provider whose own domain an address has (`me@gmail.com`), or null. */
export function providerOfAddress(address: string): Provider | null {
  const domain = domainOf(address);
  return PROVIDERS.find((name) => PRESETS[name].domains.includes(domain)) ?? null;
}

/**
 * The provider that receives the mail of a domain, by the name of one of its exchangers
 * (`aspmx.l.google.com`), or null. DNS answers are not signed: it is a hint, not a proof.
 */
export function providerOfExchanger(exchanger: string): Provider | null {
  const name = exchanger.toLowerCase().replace(/\.$/, '');
  return PROVIDERS.find((each) => PRESETS[each].mx.some((end) => isWithin(name, end))) ?? null;
}

/** The provider to which an IMAP server belongs, by its exact name, or null. */
export function providerOfHost(host: string): Provider | null {
  const name = host.toLowerCase().replace(/\.$/, '');
  const servers = (preset: ProviderPreset) => [preset, ...Object.values(preset.otherServers)];
  return (
    PROVIDERS.find((each) => servers(PRESETS[each]).some(({ imap }) => imap.host === name)) ?? null
  );
}

/** `host` is `domain` or lies below it; both in small letters, without a dot at the end. */
export function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** What stands behind the last @, in small letters; empty where there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1).toLowerCase();
}
