/**
 * The one seam to imapflow's command channel. Every command goes through `send` or `attempt`: the
 * write gate is asked first, a deadline runs, the answer is released, and imapflow's errors become
 * ours. imapflow keeps tags unique and rising, and one command in flight.
 */
import type { ImapAttribute, ImapFlow, ImapResponse } from 'imapflow';
import { AppError } from '../core/app-error.ts';
import type { AccountId } from '../core/brand.ts';
import { LIMITS } from '../core/limits.ts';
import type { MailOutcome, Refusal } from '../mail/mail-outcome.ts';
import type { Pace } from './pace.ts';
import { readStatusText } from './response.ts';
import { refusalOf, textOf } from './to-app-error.ts';
import { assertAllowed, type WireMode } from './write-gate.ts';

/** An argument of a command. */
export type Argument = ImapAttribute;

/** One command: its verb in capitals, its arguments, and what to do with untagged answers. */
export interface WireCommand {
  readonly verb: string;
  readonly arguments?: readonly Argument[];
  /** By response name in capitals. Must not throw. */
  readonly untagged?: Readonly<Record<string, (response: ImapResponse) => void>>;
  /** Called at the server's `+`; IDLE. */
  readonly onContinuation?: () => void;
  /** Milliseconds until the connection is given up; default LIMITS.commandMs. */
  readonly deadlineMs?: number;
}

/** The command channel of one connection. */
export interface Wire {
  readonly account: AccountId;
  /** Sends a reading command. Throws COMMAND_REFUSED on NO and BAD, CONNECTION_LOST otherwise. */
  send(command: WireCommand): Promise<ImapResponse>;
  /** Sends a command that changes something; a lost connection is `unknown`, never an error. */
  attempt<E>(command: WireCommand, evidence: (tagged: ImapResponse) => E): Promise<MailOutcome<E>>;
  /** Writes a bare line: the DONE that ends IDLE. */
  writeLine(line: string): void;
  /** Destroys the connection; never throws. */
  destroy(): void;
  isClosed(): boolean;
}

interface CommandChannel {
  exec(
    command: string,
    attributes: readonly Argument[] | false,
    options: {
      untagged: Record<string, (response: ImapResponse) => Promise<void>>;
      onPlusTag?: () => Promise<void>;
    },
  ): Promise<{ response: ImapResponse; next(): void }>;
  write(line: string): unknown;
}

/** Opens the command channel of a logged-in client. */
export function openWire(
  client: ImapFlow,
  options: { account: AccountId; mode: WireMode; pace: Pace },
): Wire {
  const { account } = options;
  if (!hasChannel(client)) {
    throw new AppError('BUG', 'imapflow no longer has exec()', { sentence: 'imapflow changed' });
  }
  const run = async (command: WireCommand): Promise<ImapResponse> => {
    assertAllowed(command.verb, options.mode);
    await options.pace();
    return await runCommand(client, command);
  };
  return {
    account,
    send: async (command) => {
      try {
        return await run(command);
      } catch (error) {
        throw toReadError(error, account, command.verb);
      }
    },
    attempt: async (command, evidence) => {
      try {
        return { kind: 'done', evidence: evidence(assertOk(await run(command))) };
      } catch (error) {
        if (error instanceof AppError) throw error;
        return refusalOf(error) ?? { kind: 'unknown', reason: textOf(error) };
      }
    },
    writeLine: (line) => void client.write(line),
    destroy: () => client.close(),
    isClosed: () => client.isClosed || !client.usable,
  };
}

async function runCommand(
  client: ImapFlow & CommandChannel,
  command: WireCommand,
): Promise<ImapResponse> {
  const timer = setTimeout(() => client.close(), command.deadlineMs ?? LIMITS.commandMs);
  try {
    const { onContinuation } = command;
    const { response, next } = await client.exec(command.verb, command.arguments ?? false, {
      untagged: asynchronous(command.untagged ?? {}),
      ...(onContinuation === undefined ? {} : { onPlusTag: async () => onContinuation() }),
    });
    next();
    return response;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * imapflow resolves a NO "Some of the requested messages no longer exist" as if it were OK, which
 * suits a FETCH: the rows are missing. For a command that changes something it is a refusal.
 */
function assertOk(tagged: ImapResponse): ImapResponse {
  const responseStatus = tagged.command?.toUpperCase();
  if (responseStatus === 'OK') return tagged;
  const responseText = readStatusText(tagged);
  throw Object.assign(new Error('refused'), { responseStatus, response: tagged, responseText });
}

function toReadError(error: unknown, account: AccountId, verb: string): AppError {
  if (error instanceof AppError) return error;
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refusedError(account, verb, refusal);
  const message = `the connection of account "${account}" was lost during ${verb}: ${textOf(error)}`;
  return new AppError('CONNECTION_LOST', message, { account, command: verb }, { cause: error });
}

function refusedError(account: AccountId, verb: string, refusal: Refusal): AppError {
  const { status, code, serverText } = refusal;
  return new AppError('COMMAND_REFUSED', `the server refused ${verb}: ${status} ${serverText}`, {
    account,
    command: verb,
    status,
    code,
    serverText,
  });
}

function asynchronous(
  handlers: Readonly<Record<string, (response: ImapResponse) => void>>,
): Record<string, (response: ImapResponse) => Promise<void>> {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handle]) => [
      name,
      async (response: ImapResponse) => handle(response),
    ]),
  );
}

/** imapflow 2 has these at run time and leaves them out of its types; the version is pinned. */
function hasChannel(client: ImapFlow): client is ImapFlow & CommandChannel {
  return (
    'exec' in client &&
    typeof client.exec === 'function' &&
    'write' in client &&
    typeof client.write === 'function'
  );
}
