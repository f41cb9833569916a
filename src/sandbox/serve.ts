/** One client connection: commands in, responses out, in the order in which they came. */
import type { Socket } from 'node:net';
import { capabilityWords } from './capabilities.ts';
import { MAILBOX_COMMANDS } from './commands/mailbox-commands.ts';
import { MESSAGE_COMMANDS } from './commands/message-commands.ts';
import { SESSION_COMMANDS } from './commands/session-commands.ts';
import {
  bad,
  type CommandSpec,
  type Connection,
  type ConnectionState,
  type Reply,
  type ServerSettings,
  type TamperedWire,
} from './connection.ts';
import { type ParsedCommand, parseCommand } from './parse-command.ts';
import { createReader, type RawCommand } from './read-commands.ts';
import type { View } from './view.ts';

const COMMANDS: ReadonlyMap<string, CommandSpec> = new Map(
  Object.entries({ ...SESSION_COMMANDS, ...MAILBOX_COMMANDS, ...MESSAGE_COMMANDS }),
);

/** Serves IMAP on a socket until either side ends it. */
export function serveConnection(socket: Socket, settings: ServerSettings, number: number): void {
  let state: ConnectionState = 'not authenticated';
  let view: View | null = null;
  let qresync = false;
  let takeLine: ((line: string) => void) | null = null;
  const { tamper } = settings;
  const wire: TamperedWire = {
    number,
    get mailbox() {
      return view?.mailbox ?? null;
    },
    get readOnly() {
      return view?.readOnly ?? false;
    },
    send: (text) => {
      if (socket.writable) socket.write(text, 'latin1');
    },
    cut: () => {
      // What was written is flushed first: a client reads it before it sees the end.
      socket.uncork();
      socket.destroySoon();
    },
  };
  const write = (data: string | Buffer): void => {
    if (!socket.writable) return;
    socket.write(tamper === undefined ? data : tamper.output(wire, Buffer.from(data)));
  };
  const connection: Connection = {
    settings,
    get state() {
      return state;
    },
    get view() {
      return view;
    },
    get qresync() {
      return qresync;
    },
    login: () => {
      state = 'authenticated';
    },
    enableQresync: () => {
      qresync = true;
    },
    select: (next) => {
      view = next;
      state = next === null ? 'authenticated' : 'selected';
    },
    end: () => {
      state = 'logout';
    },
    line: (text) => write(`${text}\r\n`),
    pieces: (pieces) => {
      for (const piece of pieces) write(piece);
    },
    awaitLine: (take) => {
      takeLine = take;
    },
    catchUp: (expunges) => {
      for (const line of view?.catchUp(expunges) ?? []) write(`${line}\r\n`);
    },
    finish: (tag, reply) => {
      const code = reply.code === undefined ? '' : `[${reply.code}] `;
      write(`${tag} ${reply.status} ${code}${reply.text}\r\n`);
      if (state === 'logout') socket.end();
    },
  };
  const read = createReader({
    command: (raw) => {
      const take = takeLine;
      takeLine = null;
      if (take === null) handle(connection, raw, wire);
      else take(raw.text);
    },
    literal: () => connection.line('+ go on'),
    refuse: (reason) => {
      connection.line(`* BYE ${reason}`);
      socket.end();
    },
  });
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    socket.cork();
    read(chunk);
    socket.uncork();
  });
  // A client may vanish at any time; that is no fault of the server.
  socket.on('error', () => socket.destroy());
  // An idling client that vanished must not be told of changes any more.
  socket.on('close', () => takeLine?.(''));
  connection.line(
    `* OK [CAPABILITY ${capabilityWords(settings.capabilities, false)}] sandbox ready`,
  );
}

function handle(connection: Connection, raw: RawCommand, wire: TamperedWire): void {
  const command = parseCommand(raw);
  if (command.kind === 'broken') {
    connection.finish(command.tag, bad(command.reason));
    return;
  }
  const spec = COMMANDS.get(command.verb);
  const run = (as = command): Reply | 'later' => carryOut(connection, as, COMMANDS.get(as.verb));
  const reply = connection.settings.tamper?.command({ wire, command, run }) ?? run();
  if (reply === 'later') return;
  if (reply === 'silence') {
    connection.settings.store.announce();
    return;
  }
  connection.catchUp(spec?.keepsNumbers !== true);
  connection.finish(command.tag, reply);
  connection.settings.store.announce();
}

function carryOut(
  connection: Connection,
  command: ParsedCommand,
  spec: CommandSpec | undefined,
): Reply | 'later' {
  const { capabilities } = connection.settings;
  const isKnown = spec !== undefined && (spec.needs === undefined || capabilities[spec.needs]);
  if (!isKnown) return bad(`${command.verb} is not known here`);
  if (!spec.states.includes(connection.state)) {
    return bad(`${command.verb} is not possible in the state "${connection.state}"`);
  }
  return spec.run(connection, command);
}
