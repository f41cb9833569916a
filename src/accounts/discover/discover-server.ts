/**
 * The IMAP server of an address: by its domain, by DNS, by the domain's own document, and only then by
 * guessing. Decides; the world comes in as an argument. Never throws for what the world does, never
 * sends a credential, and says of each server how it was found and whether the user must confirm it.
 */
import { domainToASCII } from 'node:url';
import { domainOf, presetOf, providerOfAddress, serversFor } from '../provider-presets.ts';
import type { ServerAddress } from '../providers/provider-preset.ts';
import { askAutoconfig, askIspdb, askMx, askSrv } from './ask-sources.ts';
import { askWithin, type Question } from './ask-within.ts';
import type {
  Discovery,
  DiscoveryAttempt,
  DiscoveryOptions,
  DiscoveryWorld,
  FoundServer,
} from './discovery.ts';
import { isHostName } from './srv-records.ts';

/** A person waits; a resolver that needs longer has lost the packet. */
const DEADLINE_MS = 3000;

/**
 * Looks for the servers of an address, the best first. A provider's own domain needs no network; else
 * SRV records, autoconfig documents and MX records are asked side by side, each within its deadline,
 * and usual names are tried when all of them know nothing. An address that is none finds nothing.
 */
export async function discoverServer(
  address: string,
  world: DiscoveryWorld,
  options: DiscoveryOptions = {},
): Promise<Discovery> {
  const domain = domainToASCII(domainOf(address));
  const nothing = { address, domain, servers: [], attempts: [] };
  if (address.lastIndexOf('@') < 1 || !isHostName(domain)) return { ...nothing, domain: '' };
  const preset = fromPreset(address);
  if (preset !== null) return { ...nothing, servers: [preset] };
  const question: Question = {
    address,
    domain,
    world,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    signal: options.signal ?? new AbortController().signal,
  };
  const answers = await Promise.all([
    askSrv(question),
    askAutoconfig(question),
    askMx(question),
    ...(options.askIspdb === true ? [askIspdb(question)] : []),
  ]);
  const servers = rank(answers.flatMap((answer) => answer.servers));
  const attempts = answers.flatMap((answer) => answer.attempts);
  if (servers.length > 0) return { ...nothing, servers, attempts };
  const guessed = await guess(question);
  return {
    ...nothing,
    servers: guessed.servers,
    attempts: [...attempts, ...guessed.attempts],
  };
}

function fromPreset(address: string): FoundServer | null {
  const provider = providerOfAddress(address);
  if (provider === null) return null;
  const { imap, smtp } = serversFor(provider, address);
  const { title, signIn } = presetOf(provider);
  return {
    source: 'preset',
    imap,
    smtp,
    user: address,
    provider,
    signIn: [...new Set(signIn.map(({ kind }) => kind))],
    how: `${domainOf(address)} is a domain of ${title}`,
    confirm: null,
  };
}

/** What needs no confirmation goes first; within that the order of the sources. One entry a server. */
function rank(servers: readonly FoundServer[]): readonly FoundServer[] {
  const ordered = [
    ...servers.filter(({ confirm }) => confirm === null),
    ...servers.filter(({ confirm }) => confirm !== null),
  ];
  const keyOf = ({ imap, user }: FoundServer) => `${imap.host}:${imap.port} ${imap.tls} ${user}`;
  return ordered.filter(
    (server, index) => ordered.findIndex((each) => keyOf(each) === keyOf(server)) === index,
  );
}

/** Usual names, the secure port first. */
function usualServers(domain: string): readonly ServerAddress[] {
  const names = [`imap.${domain}`, `mail.${domain}`, domain];
  return [
    ...names.map((host) => ({ host, port: 993, tls: 'implicit' as const })),
    ...names.map((host) => ({ host, port: 143, tls: 'starttls' as const })),
  ];
}

async function guess(
  question: Question,
): Promise<{ servers: readonly FoundServer[]; attempts: readonly DiscoveryAttempt[] }> {
  const { address, domain, world } = question;
  const results = await Promise.all(
    usualServers(domain).map(async (imap) => {
      const asked = `${imap.host}:${imap.port}`;
      const answer = await askWithin(question, (signal) => world.probe(imap, signal));
      if (answer.kind === 'failed') return { imap, asked, reason: answer.reason };
      const { value } = answer;
      return { imap, asked, reason: value.kind === 'answers' ? '' : value.reason };
    }),
  );
  return {
    servers: results
      .filter(({ reason }) => reason === '')
      .map(({ imap, asked }) => ({
        source: 'guess',
        imap,
        smtp: null,
        user: address,
        provider: null,
        signIn: [],
        how: `an IMAP server with a valid certificate answers at ${asked}`,
        confirm: null,
      })),
    attempts: results.map(({ asked, reason }) => ({
      source: 'guess',
      asked,
      result: reason === '' ? 'found' : 'nothing',
      reason,
    })),
  };
}
