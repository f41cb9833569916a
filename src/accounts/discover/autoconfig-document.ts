/**
 * The autoconfig document (https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat):
 * the servers that a domain names for its addresses. Read from a stranger, within limits.
 */
import { Parser } from 'htmlparser2';
import { domainOf } from '../provider-presets.ts';
import type { ServerAddress } from '../providers/provider-preset.ts';
import { isHostName } from './srv-records.ts';

/** Characters of a document; real ones have under 10,000. */
const MAX_CHARS = 256 * 1024;
/** Elements of a document. */
const MAX_ELEMENTS = 2000;
/** Servers of one kind. */
const MAX_SERVERS = 20;
/** A name or a word in it. */
const MAX_TEXT_CHARS = 300;

/** One server of the document. */
export interface AutoconfigServer {
  readonly address: ServerAddress;
  readonly user: string;
  readonly signIn: readonly ('password' | 'oauth2')[];
}

/** Its servers, in the order of the document, which is the owner's preference. */
export interface AutoconfigDocument {
  readonly imap: readonly AutoconfigServer[];
  readonly smtp: readonly AutoconfigServer[];
}

/** What stands in one `incomingServer` or `outgoingServer`. */
interface RawServer {
  readonly element: string;
  readonly type: string;
  readonly fields: Map<string, string>;
  readonly authentication: string[];
}

/**
 * Reads a document for an address. Servers without TLS, and those that cannot be used, are left out;
 * a document that is none, or too large, gives a sentence that says so.
 */
export function readAutoconfig(text: string, address: string): AutoconfigDocument | string {
  if (text.length > MAX_CHARS) return `the document is longer than ${MAX_CHARS} characters`;
  const raw = collectServers(text);
  if (typeof raw === 'string') return raw;
  const of = (element: string, type: string): readonly AutoconfigServer[] =>
    raw
      .filter((server) => server.element === element && server.type === type)
      .flatMap((server) => usable(server, address) ?? [])
      .slice(0, MAX_SERVERS);
  return { imap: of('incomingserver', 'imap'), smtp: of('outgoingserver', 'smtp') };
}

function collectServers(text: string): readonly RawServer[] | string {
  const servers: RawServer[] = [];
  const path: string[] = [];
  let elements = 0;
  let inField = '';
  let isDocument = false;
  let isWhole = false;
  const parser = new Parser(
    {
      onopentag: (rawName, attributes) => {
        const name = rawName.toLowerCase();
        elements += 1;
        path.push(name);
        if (path.length === 1) isDocument = name === 'clientconfig';
        if (elements > MAX_ELEMENTS) parser.pause();
        // clientConfig > emailProvider > incomingServer
        if (path.length === 3 && path[1] === 'emailprovider' && /^(in|out)/.test(name)) {
          const type = (attributes['type'] ?? '').toLowerCase();
          servers.push({ element: name, type, fields: new Map(), authentication: [] });
        }
        inField = '';
      },
      ontext: (piece) => {
        if (path.length !== 4) return;
        inField = (inField + piece).slice(0, MAX_TEXT_CHARS);
      },
      onclosetag: (_, isImplied) => {
        const name = path.pop() ?? '';
        isWhole = path.length === 0 && !isImplied;
        const server = servers.at(-1);
        if (path.length === 3 && server !== undefined && path[2] === server.element) {
          const value = inField.trim();
          if (name === 'authentication') server.authentication.push(value.toLowerCase());
          else if (!server.fields.has(name)) server.fields.set(name, value);
        }
        inField = '';
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(text);
  if (elements > MAX_ELEMENTS) return `the document has more than ${MAX_ELEMENTS} elements`;
  parser.end();
  if (!isDocument) return 'the document is no autoconfig document';
  return isWhole ? servers : 'the document breaks off';
}

function usable(raw: RawServer, address: string): AutoconfigServer | undefined {
  const tls = TLS_WORDS.get((raw.fields.get('sockettype') ?? '').toLowerCase());
  const host = fill(raw.fields.get('hostname') ?? '', address)
    .toLowerCase()
    .replace(/\.$/, '');
  const port = Number(raw.fields.get('port'));
  const user = fill(raw.fields.get('username') ?? '%EMAILADDRESS%', address);
  const signIn = [...new Set(raw.authentication.flatMap((word) => SIGN_IN_WORDS.get(word) ?? []))];
  if (tls === undefined || !isHostName(host)) return undefined;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  // A control character in a login name would end up in a file or a command.
  if (user === '' || /\p{Cc}/u.test(user)) return undefined;
  // It names only ways that this program does not have, as Kerberos.
  if (raw.authentication.length > 0 && signIn.length === 0) return undefined;
  return { address: { host, port, tls }, user, signIn };
}

/** `plain` is not here: no password goes over a connection that is not secure. */
const TLS_WORDS: ReadonlyMap<string, ServerAddress['tls']> = new Map([
  ['ssl', 'implicit'],
  ['tls', 'implicit'],
  ['starttls', 'starttls'],
]);

/** Some older documents say `plain` and `secure` for passwords. */
const SIGN_IN_WORDS: ReadonlyMap<string, 'password' | 'oauth2'> = new Map([
  ['password-cleartext', 'password'],
  ['password-encrypted', 'password'],
  ['plain', 'password'],
  ['secure', 'password'],
  ['oauth2', 'oauth2'],
]);

function fill(text: string, address: string): string {
  return text
    .replaceAll('%EMAILADDRESS%', address)
    .replaceAll('%EMAILLOCALPART%', address.slice(0, address.lastIndexOf('@')))
    .replaceAll('%EMAILDOMAIN%', domainOf(address));
}
