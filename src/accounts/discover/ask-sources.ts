/** The sources that are asked: SRV, the autoconfig document, Mozilla's database, MX. */
import {
  isWithin,
  presetOf,
  providerOfExchanger,
  providerOfHost,
  serversFor,
} from '../provider-presets.ts';
import type { ServerAddress } from '../providers/provider-preset.ts';
import { askWithin, plainReason, type Question } from './ask-within.ts';
import { type AutoconfigServer, readAutoconfig } from './autoconfig-document.ts';
import type { DiscoveryAttempt, DiscoverySource, FoundServer } from './discovery.ts';
import { IMAP_SERVICES, type MailService, orderSrv, SUBMISSION_SERVICES } from './srv-records.ts';

/** What one source gave. */
export interface SourceAnswer {
  readonly servers: readonly FoundServer[];
  readonly attempts: readonly DiscoveryAttempt[];
}

/** RFC 6186, RFC 8314: `_imaps._tcp` before `_imap._tcp`, and the way out likewise. */
export async function askSrv(question: Question): Promise<SourceAnswer> {
  const { address, domain } = question;
  const [imap, submission] = await Promise.all([
    Promise.all(IMAP_SERVICES.map((service) => lookUp(question, service))),
    Promise.all(SUBMISSION_SERVICES.map((service) => lookUp(question, service))),
  ]);
  const [smtp = null] = submission.flatMap(({ servers }) => servers);
  const servers = imap.flatMap(({ servers: found, attempt }) =>
    found.map(
      (server): FoundServer => ({
        source: 'srv',
        imap: server,
        smtp,
        user: address,
        provider: providerOfHost(server.host),
        signIn: [],
        how: `the SRV record ${attempt.asked} names ${server.host}`,
        confirm: isWithin(server.host, domain)
          ? null
          : `DNS names ${server.host}, which is outside ${domain}; is it your provider's?`,
      }),
    ),
  );
  return { servers, attempts: imap.map(({ attempt }) => attempt) };
}

async function lookUp(
  question: Question,
  service: MailService,
): Promise<{ servers: readonly ServerAddress[]; attempt: DiscoveryAttempt }> {
  const asked = `${service.label}.${question.domain}`;
  const answer = await askWithin(question, () => question.world.resolveSrv(asked));
  if (answer.kind === 'failed') {
    const attempt = { source: 'srv', asked, result: 'failed', reason: answer.reason } as const;
    return { servers: [], attempt };
  }
  const servers = orderSrv(answer.value, () => question.world.random()).map(({ name, port }) => ({
    host: name,
    port,
    tls: service.tls,
  }));
  if (servers.length > 0) {
    return { servers, attempt: { source: 'srv', asked, result: 'found', reason: '' } };
  }
  const reason = answer.value.length === 0 ? 'there is no record' : 'the domain does not offer it';
  return { servers, attempt: { source: 'srv', asked, result: 'nothing', reason } };
}

/** The domain's own document, at either of its places; the first that has servers counts. */
export async function askAutoconfig(question: Question): Promise<SourceAnswer> {
  const { address, domain } = question;
  const query = `?emailaddress=${encodeURIComponent(address)}`;
  const answers = await Promise.all([
    askDocument(question, {
      source: 'autoconfig',
      url: `https://autoconfig.${domain}/mail/config-v1.1.xml${query}`,
    }),
    askDocument(question, {
      source: 'autoconfig',
      url: `https://${domain}/.well-known/autoconfig/mail/config-v1.1.xml${query}`,
    }),
  ]);
  const first = answers.find(({ servers }) => servers.length > 0);
  return {
    servers: first?.servers ?? [],
    attempts: answers.flatMap(({ attempts }) => attempts),
  };
}

/** Mozilla's database; it is told the domain, not the address. */
export async function askIspdb(question: Question): Promise<SourceAnswer> {
  return await askDocument(question, {
    source: 'ispdb',
    url: `https://autoconfig.thunderbird.net/v1.1/${question.domain}`,
  });
}

async function askDocument(
  question: Question,
  from: { source: Extract<DiscoverySource, 'autoconfig' | 'ispdb'>; url: string },
): Promise<SourceAnswer> {
  const { source, url } = from;
  const asked = url.replace(/\?.*$/, '');
  const without = (result: DiscoveryAttempt['result'], reason: string): SourceAnswer => ({
    servers: [],
    attempts: [{ source, asked, result, reason: plainReason(reason) }],
  });
  const answer = await askWithin(question, (signal) => question.world.fetch(url, signal));
  if (answer.kind === 'failed') return without('failed', answer.reason);
  if (answer.value.kind !== 'document') return without(answer.value.kind, answer.value.reason);
  const document = readAutoconfig(answer.value.text, question.address);
  if (typeof document === 'string') return without('refused', document);
  if (document.imap.length === 0) return without('nothing', 'it names no IMAP server with TLS');
  const smtp = document.smtp[0]?.address ?? null;
  return {
    servers: document.imap.map((server) => fromDocument(server, { source, asked, smtp })),
    attempts: [{ source, asked, result: 'found', reason: '' }],
  };
}

/** Fetched by HTTPS from the domain itself, or from Mozilla: a certificate vouches for what it says. */
function fromDocument(
  server: AutoconfigServer,
  from: { source: 'autoconfig' | 'ispdb'; asked: string; smtp: ServerAddress | null },
): FoundServer {
  const { address: imap, user, signIn } = server;
  return {
    source: from.source,
    imap,
    smtp: from.smtp,
    user,
    provider: providerOfHost(imap.host),
    signIn,
    how: `the document ${from.asked} names ${imap.host}`,
    confirm: null,
  };
}

/** A provider that receives the domain's mail most likely keeps it, too. */
export async function askMx(question: Question): Promise<SourceAnswer> {
  const { address, domain, world } = question;
  const attempt = (result: DiscoveryAttempt['result'], reason: string): DiscoveryAttempt[] => [
    { source: 'mx', asked: domain, result, reason },
  ];
  const answer = await askWithin(question, () => world.resolveMx(domain));
  if (answer.kind === 'failed') return { servers: [], attempts: attempt('failed', answer.reason) };
  const [first] = [...answer.value].sort((a, b) => a.priority - b.priority);
  if (first === undefined)
    return { servers: [], attempts: attempt('nothing', 'there is no record') };
  const provider = providerOfExchanger(first.exchange);
  if (provider === null) {
    const reason = plainReason(`${first.exchange} belongs to no known provider`);
    return { servers: [], attempts: attempt('nothing', reason) };
  }
  const { title, signIn } = presetOf(provider);
  const servers = serversFor(provider, address);
  const found: FoundServer = {
    source: 'mx',
    imap: servers.imap,
    smtp: servers.smtp,
    user: address,
    provider,
    signIn: [...new Set(signIn.map(({ kind }) => kind))],
    how: `${title} receives the mail of ${domain}`,
    confirm: `DNS says that ${title} receives the mail of ${domain}; is ${title} your provider?`,
  };
  return { servers: [found], attempts: attempt('found', '') };
}
