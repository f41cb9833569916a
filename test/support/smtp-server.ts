/** A mail server on loopback that takes one message a connection, or fails where it is told to. */
import { createServer, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { TEST_CERTIFICATE } from './test-certificate.ts';

/** Where a conversation can go wrong. */
export type SmtpStage = 'greeting' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'middle' | 'end';

/** What the server took, and what it was asked. */
export interface SmtpServerModel {
  readonly port: number;
  /** Message octets, dots unstuffed, as latin1. */
  readonly messages: readonly string[];
  /** Lines of the client outside of messages, with credentials decoded. */
  readonly commands: readonly string[];
  close(): Promise<void>;
}

/** How the server is set up. */
export interface SmtpOptions {
  readonly tls?: 'implicit' | 'starttls' | 'none';
  /** Replies instead of the good ones; `cut` closes the connection without one. */
  readonly replies?: Readonly<Partial<Record<SmtpStage, string>>>;
  readonly extensions?: readonly string[];
}

const GOOD: Readonly<Record<SmtpStage, string>> = {
  greeting: '220 test ESMTP',
  EHLO: '250 ok',
  AUTH: '235 welcome',
  MAIL: '250 sender ok',
  RCPT: '250 recipient ok',
  DATA: '354 go on',
  middle: '',
  end: '250 2.0.0 queued as 1',
};

/** Starts a server on a free port of 127.0.0.1. */
export async function startSmtpServer(options: SmtpOptions = {}): Promise<SmtpServerModel> {
  const messages: string[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const talk = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    converse(socket, { options, messages, commands, isSecure: options.tls === 'implicit' });
  };
  const server =
    options.tls === 'implicit'
      ? createTlsServer({ ...TEST_CERTIFICATE }, talk)
      : createServer(talk);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    messages,
    commands,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Talk {
  readonly options: SmtpOptions;
  readonly messages: string[];
  readonly commands: string[];
  readonly isSecure: boolean;
}

function converse(socket: Socket, talk: Talk): void {
  let buffer = '';
  let inData = false;
  const say = (stage: SmtpStage): boolean => {
    const reply = talk.options.replies?.[stage] ?? GOOD[stage];
    if (reply === 'cut') socket.destroy();
    else if (reply !== '') socket.write(`${reply}\r\n`);
    return reply === GOOD[stage];
  };
  const readMessage = (): boolean => {
    if (talk.options.replies?.middle !== undefined && buffer.length > 100_000) say('middle');
    const end = buffer.indexOf('\r\n.\r\n');
    if (end < 0) return false;
    talk.messages.push(buffer.slice(0, end + 2).replaceAll('\r\n.', '\r\n'));
    buffer = buffer.slice(end + 5);
    inData = false;
    say('end');
    return true;
  };
  const readCommand = (): boolean => {
    const end = buffer.indexOf('\r\n');
    if (end < 0) return false;
    const line = buffer.slice(0, end);
    buffer = buffer.slice(end + 2);
    talk.commands.push(line.replace(/^AUTH PLAIN (.*)$/, (_, code: string) => plainOf(code)));
    if (line === 'STARTTLS') {
      upgrade(socket, talk);
      return false;
    }
    inData = answerCommand(line, { socket, talk, say });
    return true;
  };
  socket.on('data', (chunk: Buffer) => {
    buffer += chunk.toString('latin1');
    while (!socket.destroyed && (inData ? readMessage() : readCommand()));
  });
  if (!talk.isSecure || talk.options.tls === 'implicit') say('greeting');
}

/** Answers one command; true when a message follows. */
function answerCommand(
  line: string,
  { socket, talk, say }: { socket: Socket; talk: Talk; say: (stage: SmtpStage) => boolean },
): boolean {
  const verb = line.slice(0, 4).toUpperCase();
  switch (verb) {
    case 'EHLO':
    case 'HELO':
      if (talk.options.replies?.EHLO !== undefined) {
        say('EHLO');
        return false;
      }
      for (const name of extensionsOf(talk)) socket.write(`250-${name}\r\n`);
      socket.write('250 HELP\r\n');
      return false;
    case 'AUTH':
    case 'MAIL':
    case 'RCPT':
      say(verb);
      return false;
    case 'DATA':
      return say('DATA');
    case 'QUIT':
      socket.end('221 bye\r\n');
      return false;
    default:
      socket.write('250 ok\r\n');
      return false;
  }
}

function extensionsOf({ options, isSecure }: Talk): readonly string[] {
  if (options.extensions !== undefined) return ['test', ...options.extensions];
  return options.tls === 'starttls' && !isSecure ? ['test', 'STARTTLS'] : ['test', 'AUTH PLAIN'];
}

function plainOf(code: string): string {
  return `AUTH PLAIN ${Buffer.from(code, 'base64').toString('utf8').replaceAll('\u0000', '|')}`;
}

function upgrade(socket: Socket, talk: Talk): void {
  socket.removeAllListeners('data');
  socket.write('220 go\r\n');
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext: createSecureContext({ ...TEST_CERTIFICATE }),
  });
  secure.on('error', () => socket.destroy());
  converse(secure, { ...talk, isSecure: true });
}
