/**
 * A scripted IMAP server on loopback: each expected command has its answer, which may be wrong, late
 * or a cut connection. It checks nothing; tests read `received` afterwards.
 */
import { createServer, type Socket } from 'node:net';
import type { Account } from '../../src/accounts/account.ts';
import { accountId } from '../../src/core/brand.ts';
import { secret } from '../../src/core/secret.ts';

/** The password of every scripted account; it must never show up anywhere. */
export const CANARY = 'canary-7f3a-password';

/**
 * Lines to answer with; no line, no answer. `TAG` becomes the tag, and in the answer to a line
 * without one (DONE, a SASL response, a literal) `IDLETAG` that of the command it belongs to. `cut`
 * resets the connection instead.
 */
export type Reply = readonly string[] | 'cut';

/** Answers by the beginning of a command; the longest match wins, a list is used up in order. */
export type Script = Readonly<Record<string, Reply | readonly Reply[]>>;

/** A running server. */
export interface ScriptedServer {
  readonly account: Account;
  /** Command lines as they came, without tags. */
  readonly received: readonly string[];
  /** Sends lines that nobody asked for. */
  push(...lines: string[]): void;
  close(): Promise<void>;
}

/** What a server that behaves says. Tests override single entries. */
const ORDINARY: Script = {
  CAPABILITY: [
    '* CAPABILITY IMAP4rev1 NAMESPACE MOVE UIDPLUS IDLE ESEARCH UNSELECT',
    'TAG OK done',
  ],
  LOGIN: ['TAG OK logged in'],
  NAMESPACE: ['* NAMESPACE (("" "/")) NIL NIL', 'TAG OK done'],
  LIST: ['* LIST () "/" INBOX', 'TAG OK done'],
  SELECT: [
    '* 3 EXISTS',
    '* FLAGS (\\Seen \\Deleted)',
    '* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] ok',
    '* OK [UIDVALIDITY 7] ok',
    '* OK [UIDNEXT 10] ok',
    '* OK [HIGHESTMODSEQ 99] ok',
    'TAG OK [READ-WRITE] selected',
  ],
  EXAMINE: ['* 3 EXISTS', '* OK [UIDVALIDITY 7] ok', 'TAG OK [READ-ONLY] examined'],
  NOOP: ['TAG OK done'],
  UNSELECT: ['TAG OK done'],
  IDLE: ['+ idling'],
  DONE: ['IDLETAG OK done'],
  LOGOUT: ['* BYE bye', 'TAG OK done'],
};

/** Starts a server that follows `script` where it says something, and behaves elsewhere. */
export async function startScriptedServer(
  script: Script = {},
  greeting: readonly string[] = ['* OK ready'],
): Promise<ScriptedServer> {
  const rules = new Map<string, Reply[]>(
    Object.entries({ ...ORDINARY, ...script }).map(([key, reply]) => [key, repliesOf(reply)]),
  );
  const sockets = new Set<Socket>();
  const received: string[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let idleTag = '';
    let text = '';
    if (greeting.length > 0) socket.write(`${greeting.join('\r\n')}\r\n`);
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        const [, tag = '', command = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
        if (command !== '') idleTag = tag;
        received.push(command || line);
        answer(socket, replyTo(rules, command || line), { tag, idleTag });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    account: scriptedAccount(port),
    received,
    push: (...lines) => {
      for (const socket of sockets) socket.write(`${lines.join('\r\n')}\r\n`);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** An account on loopback without encryption. */
export function scriptedAccount(port: number): Account {
  return {
    id: accountId('test'),
    host: '127.0.0.1',
    port,
    tls: 'none',
    ca: null,
    user: 'ann',
    signIn: {
      kind: 'password',
      password: { description: 'a test', read: async () => secret(CANARY) },
    },
    variables: {},
    roles: {},
    trustServerText: false,
    authServId: null,
    smtp: null,
    limits: { connections: 3, commandsPerMinute: 600 },
  };
}

function repliesOf(reply: Reply | readonly Reply[]): Reply[] {
  if (reply === 'cut') return ['cut'];
  const lines: string[] = [];
  const replies: Reply[] = [];
  for (const each of reply) {
    if (typeof each === 'string' && each !== 'cut') lines.push(each);
    else replies.push(each);
  }
  return replies.length > 0 ? replies : [lines];
}

function replyTo(rules: Map<string, Reply[]>, command: string): Reply {
  const key = [...rules.keys()]
    .filter((each) => command.toUpperCase().startsWith(each))
    .sort((a, b) => b.length - a.length)[0];
  const queue = rules.get(key ?? '') ?? [];
  return (queue.length > 1 ? queue.shift() : queue[0]) ?? ['TAG BAD unknown command'];
}

function answer(socket: Socket, reply: Reply, tags: { tag: string; idleTag: string }): void {
  if (reply === 'cut') {
    socket.resetAndDestroy();
    return;
  }
  for (const line of reply) {
    socket.write(`${line.replace(/^IDLETAG/, tags.idleTag).replace(/\bTAG\b/, tags.tag)}\r\n`);
  }
}
