/** Where the mailboxes are: found by the address, chosen, or typed in. */
import type { WrittenServer } from '../../config/write-config.ts';
import {
  adviceOf,
  type FoundServer,
  findServer,
  type WaysIn,
  waysInto,
} from '../../engine/setup/find-server.ts';
import type { CommandContext } from '../run-command.ts';
import {
  type InitOptions,
  isThisMachine,
  serverFromFlags,
  type TlsWord,
  USUAL_PORTS,
  whyNoHost,
  whyNoPort,
  writtenServer,
} from './answers.ts';
import type { Prompts } from './prompts.ts';

/** A server, and who signs in there. */
export interface ChosenServer {
  readonly server: WrittenServer;
  /** The login name, most likely. */
  readonly userHint: string;
  readonly ways: WaysIn;
}

const OTHER = 'another';
/** Of a server that nobody knows. */
const BY_PASSWORD: WaysIn = { password: true, oauth2: null };

/** Looks for it, and asks what cannot be known. */
export async function askServer(by: {
  prompts: Prompts;
  context: CommandContext;
  options: InitOptions;
  address: string;
}): Promise<ChosenServer> {
  const { prompts, context, options, address } = by;
  const named = serverFromFlags(options, context.cwd);
  if (named !== null) return { server: named, userHint: address, ways: BY_PASSWORD };
  prompts.say(`Looking for the server of ${address}`);
  const { servers } = await findServer(address, context.signal);
  const found = await choose(prompts, servers);
  if (found === null) {
    return { server: await typed(prompts), userHint: address, ways: BY_PASSWORD };
  }
  const { provider, user } = found;
  if (provider !== null) {
    const advice = adviceOf(provider);
    if (advice.length > 0) prompts.show('Before you sign in', advice);
  }
  const ways = provider === null ? BY_PASSWORD : waysInto(provider);
  return { server: writtenServer(found), userHint: user, ways };
}

/** Null: it is to be typed in. */
async function choose(
  prompts: Prompts,
  servers: readonly FoundServer[],
): Promise<FoundServer | null> {
  const [only, ...others] = servers;
  if (only === undefined) {
    prompts.say('None was found; your provider tells its name.');
    return null;
  }
  if (others.length === 0 && only.confirm === null) {
    prompts.say(`${only.imap.host}, port ${only.imap.port}: ${only.how}`);
    return only;
  }
  const label = ({ imap }: FoundServer): string => `${imap.host}:${imap.port} ${imap.tls}`;
  const answer = await prompts.choose('Which server has your mailboxes?', [
    ...servers.map((server) => ({ value: label(server), label: label(server), hint: server.how })),
    { value: OTHER, label: 'another one' },
  ]);
  const chosen = servers.find((server) => label(server) === answer) ?? null;
  if (chosen === null || chosen.confirm === null) return chosen;
  return (await prompts.isYes(chosen.confirm, false)) ? chosen : null;
}

async function typed(prompts: Prompts): Promise<WrittenServer> {
  const host = await prompts.ask('The IMAP server', { whyNot: whyNoHost });
  const tls = await prompts.choose<TlsWord>('How is the connection secured?', [
    { value: 'implicit', label: 'TLS from the first byte', hint: 'port 993, the usual' },
    { value: 'starttls', label: 'STARTTLS, required', hint: 'port 143' },
    ...(isThisMachine(host)
      ? [{ value: 'none' as const, label: 'not at all', hint: 'this machine only' }]
      : []),
  ]);
  const port = await prompts.ask('The port', {
    initial: String(USUAL_PORTS[tls]),
    whyNot: whyNoPort,
  });
  return { kind: 'host', host, port: Number(port), tls, ca: null };
}
