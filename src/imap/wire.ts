/**
 * The one seam to imapflow's command channel. Every command goes through `send` or `attempt`: the
 * write gate is asked first, the line is measured, a deadline runs, the answer is released, and
 * imapflow's errors become ours. imapflow keeps tags unique and rising, and one command in flight.
 */
import type { ImapAttribute, ImapFlow, ImapResponse } from 'imapflow';
import { AppError } from '../core/app-error.ts';
import type { AccountId } from '../core/brand.ts';
import type { Clock } from '../core/clock.ts';
import { LIMITS } from '../core/limits.ts';
import { createTurnstile } from '../core/turnstile.ts';
import type { MailOutcome, Refusal } from '../mail/mail-outcome.ts';
import type { Budget } from './budget.ts';
import { lineBytes } from './line-length.ts';
import type { Redact } from './redact.ts';
import { isThrottle, isUnwritable, refusalIn, refusalOf, textOf } from './to-app-error.ts';
import type { SkippedLines } from './trace.ts';
import { openGate, type WireMode, type WriteGate } from './write-gate.ts';

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
  /** Lines of the server that could not be read, and were passed over, until now. */
  skippedLines(): number;
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

/** What a channel is made of, beside the client. */
export interface WireOptions {
  readonly account: AccountId;
  readonly mode: WireMode;
  /** Asked before each command, and told what mail it moved over the wire. */
  readonly budget: Budget;
  /** Takes secrets out of what the server says. */
  readonly redact: Redact;
  /** For the deadline of each command. */
  readonly clock: Clock;
  readonly skipped: SkippedLines;
}

/** How one command ended. */
type Answer =
  | { readonly kind: 'ok'; readonly tagged: ImapResponse }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly isThrottled: boolean }
  | { readonly kind: 'lost'; readonly reason: string };

/** Opens the command channel of a logged-in client. */
export function openWire(client: ImapFlow, options: WireOptions): Wire {
  const { account } = options;
  const gated = { ...options, gate: openGate(options.mode) };
  if (!hasChannel(client)) {
    throw new AppError('BUG', 'imapflow no longer has exec()', { sentence: 'imapflow changed' });
  }
  // One command is under way at a time: what waits behind it has neither a deadline nor a share yet.
  const line = createTurnstile(1);
  const run = (command: WireCommand): Promise<Answer> =>
    line.pass(() => runCommand(client, command, gated));
  return {
    account,
    send: async (command) => {
      const answer = await run(command);
      if (answer.kind === 'ok') return answer.tagged;
      if (answer.kind === 'refused') throw refusedError(account, command.verb, answer.refusal);
      const { verb } = command;
      const message = `the connection of account "${account}" was lost during ${verb}: ${answer.reason}`;
      throw new AppError('CONNECTION_LOST', message, { account, command: verb });
    },
    attempt: async (command, evidence) => {
      const answer = await run(command);
      if (answer.kind === 'ok') return { kind: 'done', evidence: evidence(answer.tagged) };
      if (answer.kind === 'lost') return { kind: 'unknown', reason: answer.reason };
      const { refusal } = answer;
      // Throttled in the middle of its work, a server may have done a part of it.
      return answer.isThrottled ? { kind: 'unknown', reason: refusal.serverText } : refusal;
    },
    writeLine: (line) => {
      try {
        client.write(line);
      } catch {
        // The socket went before imapflow noticed; the command that waits will end as lost.
        client.close();
      }
    },
    destroy: () => client.close(),
    isClosed: () => client.isClosed || !client.usable,
    skippedLines: options.skipped.count,
  };
}

async function runCommand(
  client: ImapFlow & CommandChannel,
  command: WireCommand,
  options: WireOptions & { readonly gate: WriteGate },
): Promise<Answer> {
  const { verb, arguments: words = [], deadlineMs = LIMITS.commandMs } = command;
  options.gate.admit(verb, words);
  assertShort(verb, words);
  const isTransfer = TRANSFERS.has(verb);
  if (isTransfer) options.budget.admit();
  await options.budget.pace();
  const bytesBefore = isTransfer ? transferred(client) : 0;
  let isLate = false;
  const disarm = options.clock.after(deadlineMs, () => {
    isLate = true;
    client.close();
  });
  try {
    const { onContinuation } = command;
    const { response, next } = await client.exec(verb, words.length === 0 ? false : words, {
      untagged: asynchronous(command.untagged ?? {}),
      ...(onContinuation === undefined ? {} : { onPlusTag: async () => onContinuation() }),
    });
    next();
    const refusal = refusalIn(response);
    if (refusal === undefined) {
      options.gate.done(verb, words);
      return { kind: 'ok', tagged: response };
    }
    return refused(refusal, options.redact);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) return refused(refusal, options.redact, isThrottle(error));
    if (isUnwritable(error)) throw unwritable(verb, textOf(error));
    // After an answer that fits no command nothing that follows on this connection can be trusted.
    client.close();
    const reason = isLate ? `no answer within ${deadlineMs / 1000} seconds` : textOf(error);
    return { kind: 'lost', reason: options.redact(reason) };
  } finally {
    disarm();
    if (isTransfer) options.budget.spend(transferred(client) - bytesBefore);
  }
}

/** The commands that carry mail. */
const TRANSFERS: ReadonlySet<string> = new Set(['FETCH', 'UID FETCH', 'APPEND']);

function transferred(client: ImapFlow): number {
  const { sent, received } = client.stats();
  return sent + received;
}

function refused(refusal: Refusal, redact: Redact, isThrottled = false): Answer {
  const serverText = redact(refusal.serverText);
  return { kind: 'refused', refusal: { ...refusal, serverText }, isThrottled };
}

/** Callers split long sets; a line that is still too long is refused before a byte is written. */
function assertShort(verb: string, words: readonly Argument[]): void {
  const bytes = lineBytes(verb, words);
  if (bytes > LIMITS.commandLineBytes) {
    throw unwritable(verb, `the line would be ${bytes} bytes long`);
  }
}

function unwritable(verb: string, why: string): AppError {
  const sentence = `${verb} cannot be sent: ${why}; nothing was sent`;
  return new AppError('BUG', sentence, { sentence });
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
