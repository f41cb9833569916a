/**
 * One connection, one command at a time: sends through the write gate, holds the deadline, and says
 * how each command ended. What the answers mean for mail is decided in commands/.
 */
import type { ImapFlow, ImapResponse } from 'imapflow';
import { AppError } from '../core/app-error.ts';
import { assert } from '../core/assert.ts';
import type { AccountId } from '../core/brand.ts';
import { LIMITS } from '../core/limits.ts';
import type { MailOutcome, Refusal } from '../mail/mail-outcome.ts';
import {
  execCommand,
  type ImapFlowFault,
  listenBetweenCommands,
  readFault,
  type UntaggedHandler,
  type WireNode,
  writeLine,
} from './exec.ts';
import { oneLine, responseCode, responseStatus, responseText } from './response.ts';
import type { Tracer } from './trace.ts';
import type { Verb } from './write-gate.ts';

/** A command to send, and who listens to its untagged responses. */
export interface Command {
  readonly verb: Verb;
  readonly args?: readonly WireNode[];
  /** By response name in capitals: `FETCH`, `SEARCH`, `OK`. Must not throw. */
  readonly listen?: Readonly<Record<string, (response: ImapResponse) => void>>;
  readonly onContinuation?: () => void;
  readonly deadlineMs?: number;
}

/** How a command ended. `lost` is neither success nor failure: the server may still be at work. */
export type Answer =
  | { readonly kind: 'ok'; readonly tagged: ImapResponse }
  | Refusal
  | { readonly kind: 'lost'; readonly reason: string };

/** What the server reports about the selected mailbox at any time. */
export const UNSOLICITED = ['EXISTS', 'EXPUNGE', 'VANISHED', 'FETCH'] as const;

/** Takes every response of UNSOLICITED; `during` is null between commands. */
export type Observer = (
  name: (typeof UNSOLICITED)[number],
  response: ImapResponse,
  during: Verb | null,
) => void;

/** The connection of a session. */
export interface Wire {
  readonly account: AccountId;
  /** Sends one command. Throws WRITE_FORBIDDEN or BUG before a byte is sent, else never. */
  send(command: Command): Promise<Answer>;
  /** Sends a line that belongs to the running command. */
  sendLine(line: string): void;
  /** From now on `observer` hears of the selected mailbox. */
  observe(observer: Observer): void;
  /** Says LOGOUT and closes; never throws. */
  logout(): Promise<void>;
  /** Cuts the connection; never throws. */
  destroy(): void;
  readonly isOpen: boolean;
}

/** Makes the wire of a client that is logged in. */
export function createWire(client: ImapFlow, account: AccountId, tracer: Tracer): Wire {
  let observer: Observer = () => {};
  let running: Verb | null = null;
  const heard =
    (name: (typeof UNSOLICITED)[number]): UntaggedHandler =>
    async (response) =>
      observer(name, response, running);
  listenBetweenCommands(client, Object.fromEntries(UNSOLICITED.map((name) => [name, heard(name)])));
  return {
    account,
    get isOpen() {
      return !client.isClosed && client.state !== client.states.LOGOUT;
    },
    observe: (next) => {
      observer = next;
    },
    send: async (command) => {
      running = command.verb;
      try {
        return await sendOne(client, command, (name, response) =>
          observer(name, response, command.verb),
        );
      } finally {
        running = null;
      }
    },
    sendLine: (line) => {
      tracer.line('client', line);
      writeLine(client, line);
    },
    logout: async () => {
      try {
        await client.logout();
      } catch {
        // The connection is over either way, and nothing was left to save on it.
        client.close();
      }
    },
    destroy: () => client.close(),
  };
}

async function sendOne(
  client: ImapFlow,
  command: Command,
  observed: (name: (typeof UNSOLICITED)[number], response: ImapResponse) => void,
): Promise<Answer> {
  let isLate = false;
  const deadlineMs = command.deadlineMs ?? LIMITS.commandMs;
  const timer = setTimeout(() => {
    isLate = true;
    client.close();
  }, deadlineMs);
  try {
    const tagged = await execCommand(client, command.verb, command.args ?? [], {
      untagged: untaggedHandlers(command, observed),
      ...(command.onContinuation === undefined
        ? {}
        : { onPlusTag: async () => command.onContinuation?.() }),
    });
    return answerOf(tagged);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const fault = readFault(error);
    assert(!isOurFault(fault), `a command that can be written was built (${fault.message})`);
    if (isLate) return { kind: 'lost', reason: `no answer in ${deadlineMs} ms` };
    const answer = refusalOf(fault) ?? { kind: 'lost', reason: lossReason(fault) };
    // After an answer that cannot be read, nothing on this connection can be believed.
    if (answer.kind === 'lost') client.close();
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

function untaggedHandlers(
  command: Command,
  observed: (name: (typeof UNSOLICITED)[number], response: ImapResponse) => void,
): Record<string, UntaggedHandler> {
  const handlers: Record<string, UntaggedHandler> = {};
  for (const [name, listen] of Object.entries(command.listen ?? {})) {
    handlers[name] = async (response) => listen(response);
  }
  for (const name of UNSOLICITED) {
    const listen = command.listen?.[name];
    handlers[name] = async (response) => {
      observed(name, response);
      listen?.(response);
    };
  }
  return handlers;
}

/** imapflow resolves one kind of NO as if it were OK, so the status is looked at again. */
function answerOf(tagged: ImapResponse): Answer {
  const status = responseStatus(tagged);
  if (status === 'OK') return { kind: 'ok', tagged };
  return refusal(status === 'BAD' ? 'BAD' : 'NO', tagged, undefined);
}

function refusalOf(fault: ImapFlowFault): Refusal | undefined {
  if (fault.status === undefined) return undefined;
  // Without a tag it may not be the answer to our command; throttled, the command may still run.
  if (fault.code === 'MissingTag' || fault.code === 'ETHROTTLE') return undefined;
  return refusal(fault.status, fault.response, fault.responseText);
}

function refusal(
  status: 'NO' | 'BAD',
  response: ImapResponse | undefined,
  text: string | undefined,
): Refusal {
  return {
    kind: 'refused',
    status,
    code: responseCode(response)?.name ?? null,
    serverText: responseText(response) || oneLine(text ?? ''),
  };
}

/** Codes of imapflow's compiler: the command was never written. */
function isOurFault(fault: ImapFlowFault): boolean {
  return /^Invalid(StringValue|TokenValue|SequenceSet|TextValue)$/.test(fault.code ?? '');
}

function lossReason(fault: ImapFlowFault): string {
  if (fault.byeReason !== undefined) return oneLine(`the server said goodbye: ${fault.byeReason}`);
  if (fault.code === 'ETHROTTLE') return oneLine(`throttled: ${fault.responseText ?? ''}`);
  if (fault.code === 'NoConnection' || fault.code === 'EConnectionClosed') {
    return 'the connection was cut';
  }
  return oneLine(
    `${fault.message}${fault.responseText === undefined ? '' : `: ${fault.responseText}`}`,
  );
}

/**
 * The tagged OK of a command that only reads. Throws COMMAND_REFUSED on NO and BAD, and
 * CONNECTION_LOST when there was no answer.
 */
export function expectOk(wire: Wire, command: string, answer: Answer): ImapResponse {
  if (answer.kind === 'ok') return answer.tagged;
  const account = wire.account;
  if (answer.kind === 'lost') {
    throw new AppError('CONNECTION_LOST', `connection lost during ${command}: ${answer.reason}`, {
      account,
      command,
    });
  }
  const { status, code, serverText } = answer;
  const said = [status, code === null ? '' : `[${code}]`, serverText].filter(Boolean).join(' ');
  throw new AppError('COMMAND_REFUSED', `the server refused ${command}: ${said}`, {
    account,
    command,
    status,
    code,
    serverText,
  });
}

/** The outcome of a command that changes something: a lost connection is `unknown`, never thrown. */
export function toOutcome<E>(
  answer: Answer,
  evidence: (tagged: ImapResponse) => E,
): MailOutcome<E> {
  if (answer.kind === 'ok') return { kind: 'done', evidence: evidence(answer.tagged) };
  return answer.kind === 'lost' ? { kind: 'unknown', reason: answer.reason } : answer;
}
