/** What a command handler sees of its connection, and how it answers. */
import type { Clock } from '../core/clock.ts';
import type { CapabilityProfile } from './capabilities.ts';
import type { Store, StoredMailbox } from './model.ts';
import { type ParsedCommand, textOf } from './parse-command.ts';
import { openView, type View } from './view.ts';

/**
 * Something that stands between the server and its clients, for tests of what clients do about bad
 * servers and bad networks. A server without one behaves.
 */
export interface Tamper {
  /** A command is about to be carried out. The result is answered in place of what `run` gives. */
  command(call: {
    readonly wire: TamperedWire;
    readonly command: ParsedCommand;
    /** Carries out this command, or another one in its place. */
    run(instead?: ParsedCommand): Reply | 'later';
  }): Reply | 'later' | 'silence';
  /** Octets on their way to a client; what is given is sent instead. */
  output(wire: TamperedWire, octets: Buffer): Buffer;
}

/** One connection as a tamper sees it. */
export interface TamperedWire {
  /** 1 for the first connection of the server. */
  readonly number: number;
  /** The selected mailbox. */
  readonly mailbox: StoredMailbox | null;
  readonly readOnly: boolean;
  /** Sends octets as they are, past `output`. */
  send(text: string): void;
  /** Ends the connection as a network fault does, with whatever was sent still on its way. */
  cut(): void;
}

/** What all connections of a server share. */
export interface ServerSettings {
  readonly store: Store;
  readonly capabilities: CapabilityProfile;
  readonly clock: Clock;
  readonly user: string;
  readonly password: string;
  readonly tamper?: Tamper;
}

/** The states of RFC 9051 §3. */
export type ConnectionState = 'not authenticated' | 'authenticated' | 'selected' | 'logout';

/** One client. */
export interface Connection {
  readonly settings: ServerSettings;
  readonly state: ConnectionState;
  /** The selected mailbox. */
  readonly view: View | null;
  /** The client has enabled QRESYNC (RFC 7162 §3.2.3). */
  readonly qresync: boolean;
  login(): void;
  enableQresync(): void;
  select(view: View | null): void;
  /** Ends the connection once what was sent is out. */
  end(): void;
  /** Sends one line; the line break is added. */
  line(text: string): void;
  /** Sends octets as they are. */
  pieces(pieces: readonly (string | Buffer)[]): void;
  /** Gives the next line of the client to `take` instead of reading it as a command. */
  awaitLine(take: (line: string) => void): void;
  /** Sends the responses that are due. */
  catchUp(expunges: boolean): void;
  /** Answers a command whose handler gave `later`. */
  finish(tag: string, reply: Reply): void;
}

/** The tagged response of a command. */
export interface Reply {
  readonly status: 'OK' | 'NO' | 'BAD';
  readonly text: string;
  /** Without brackets. */
  readonly code?: string;
}

/** Carries out one command. `later` means that it answers by itself with `finish`. */
export type Handler = (connection: Connection, command: ParsedCommand) => Reply | 'later';

/** A handler and where it may be called. */
export interface CommandSpec {
  readonly states: readonly ConnectionState[];
  readonly run: Handler;
  /** The extension that brings the command. */
  readonly needs?: keyof CapabilityProfile;
  /** True where EXPUNGE responses may not be sent with this command (RFC 9051 §7.5.1). */
  readonly keepsNumbers?: boolean;
}

/** The states in which a user is logged in. */
export const LOGGED_IN: readonly ConnectionState[] = ['authenticated', 'selected'];
/** Every state of an open connection. */
export const ANY_STATE: readonly ConnectionState[] = ['not authenticated', ...LOGGED_IN];

/** A tagged OK. */
export function ok(text: string, code?: string): Reply {
  return { status: 'OK', text, ...(code === undefined ? {} : { code }) };
}

/** A tagged NO. */
export function no(text: string, code?: string): Reply {
  return { status: 'NO', text, ...(code === undefined ? {} : { code }) };
}

/** A tagged BAD. */
export function bad(text: string): Reply {
  return { status: 'BAD', text };
}

/** The text of the argument at `index`, or the empty string. */
export function argumentOf(command: ParsedCommand, index: number): string {
  return textOf(command.tokens[index]) ?? '';
}

/** Selects a mailbox with a view of its own. */
export function selectMailbox(
  connection: Connection,
  mailbox: StoredMailbox,
  readOnly: boolean,
): View {
  const view = openView(mailbox, { readOnly, qresync: connection.qresync });
  connection.select(view);
  return view;
}
