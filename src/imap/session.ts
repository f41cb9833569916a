/** An authenticated session over the command channel: MailSession by composing commands/. */

import { AppError } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { LIMITS } from '../core/limits.ts';
import type {
  Capabilities,
  EndedSession,
  MailboxListing,
  MailSession,
  ReadableMailbox,
  SelectedInfo,
  WritableMailbox,
} from '../mail/mail-session.ts';
import type { MailboxName, Namespace } from '../mail/mailbox-name.ts';
import type { ServerFacts } from '../mail/server-facts.ts';
import type { TlsFacts } from '../mail/tls-facts.ts';
import { appendMessage } from './commands/append.ts';
import { listMailboxes } from './commands/list.ts';
import { createMailbox, deleteMailbox, renameMailbox } from './commands/mailbox-commands.ts';
import { notifyOf } from './commands/notify.ts';
import { quotaOf } from './commands/quota.ts';
import { openMailbox } from './commands/select.ts';
import { statusOf } from './commands/status.ts';
import { readableMailbox, type Selection, writableMailbox } from './mailbox.ts';
import type { Wire } from './wire.ts';
import type { WireMode } from './write-gate.ts';

/** What a session is made of. */
export interface SessionParts {
  readonly wire: Wire;
  /** Names of CAPABILITY after login, in capitals. */
  readonly capabilities: ReadonlySet<string>;
  /** Whether QRESYNC is enabled. */
  readonly qresync: boolean;
  readonly namespace: Namespace;
  readonly server: ServerFacts;
  readonly mode: WireMode;
  readonly tls: TlsFacts | null;
  /** For waits. */
  readonly clock: Clock;
  /** Told of lines that do not pass through the command channel (DONE). */
  readonly onLine: (line: string) => void;
  readonly logout: () => Promise<void>;
}

/** Makes the authenticated session. */
export function createSession(parts: SessionParts): MailSession {
  const { wire, namespace } = parts;
  const capabilities = capabilitiesFrom(parts);
  const { clock, onLine } = parts;
  const told = new Map<string, number>();
  const context = { wire, namespace, capabilities, told, clock, onLine };
  let generation = 0;
  let isEnded = false;

  const assertOpen = (command: string): void => {
    if (isEnded) throw wrongState(command, 'logout');
  };
  const end = (): EndedSession => {
    isEnded = true;
    generation++;
    return { state: 'logout' };
  };
  const open = async (
    mailbox: MailboxName,
    verb: 'SELECT' | 'EXAMINE',
  ): Promise<{ info: SelectedInfo; readOnly: boolean; selection: Selection }> => {
    assertOpen(verb);
    // A failed SELECT leaves nothing selected (RFC 9051 §6.3.2), so older handles end here.
    generation++;
    const own = generation;
    const opened = await openMailbox(context, mailbox, verb);
    const selection: Selection = {
      assertCurrent: (command) => {
        assertOpen(command);
        if (generation !== own) throw wrongState(command, 'another mailbox selected');
      },
      release: () => {
        generation++;
      },
    };
    return { ...opened, selection };
  };

  return {
    state: 'authenticated',
    account: wire.account,
    capabilities,
    separator: namespace.separator,
    prefix: namespace.prefix,
    server: parts.server,
    tls: parts.tls,
    list: async (): Promise<readonly MailboxListing[]> => {
      assertOpen('LIST');
      return await listMailboxes(context);
    },
    status: async (mailbox) => {
      assertOpen('STATUS');
      return await statusOf(context, mailbox);
    },
    quota: async (mailbox) => {
      assertOpen('GETQUOTAROOT');
      return await quotaOf(context, mailbox);
    },
    notify: async (mailboxes) => {
      assertOpen('NOTIFY');
      return await notifyOf(context, mailboxes);
    },
    create: async (mailbox) => {
      assertOpen('CREATE');
      return await createMailbox(context, mailbox);
    },
    rename: async (from, to) => {
      assertOpen('RENAME');
      return await renameMailbox(context, from, to);
    },
    deleteMailbox: async (mailbox) => {
      assertOpen('DELETE');
      return await deleteMailbox(context, mailbox);
    },
    append: async (mailbox, message) => {
      assertOpen('APPEND');
      return await appendMessage(context, mailbox, message);
    },
    select: async (mailbox): Promise<WritableMailbox> => {
      const { info, readOnly, selection } = await open(mailbox, 'SELECT');
      if (!readOnly) return writableMailbox(context, info, selection);
      await readableMailbox(context, info, selection).leave();
      throw new AppError(
        'MAILBOX_READ_ONLY',
        `the server opens "${mailbox}" of account "${wire.account}" for reading only`,
        { account: wire.account, mailbox },
      );
    },
    examine: async (mailbox): Promise<ReadableMailbox> => {
      const { info, selection } = await open(mailbox, 'EXAMINE');
      return readableMailbox(context, info, selection);
    },
    examineToProbe: async (mailbox): Promise<WritableMailbox> => {
      if (parts.mode !== 'probe') throw wrongState('EXAMINE of a probe', parts.mode);
      const { info, selection } = await open(mailbox, 'EXAMINE');
      return writableMailbox(context, info, selection);
    },
    noop: async (deadlineMs = LIMITS.probeMs) => {
      assertOpen('NOOP');
      await wire.send({ verb: 'NOOP', deadlineMs });
    },
    logout: async () => {
      if (!isEnded && !wire.isClosed()) await endQuietly(parts);
      return end();
    },
    destroy: () => {
      wire.destroy();
      return end();
    },
  };
}

/** The work is done when LOGOUT is sent; whether the server still answers changes nothing. */
async function endQuietly(parts: SessionParts): Promise<void> {
  const impatience = setTimeout(() => parts.wire.destroy(), LIMITS.logoutMs);
  try {
    await parts.logout();
  } catch {
    parts.wire.destroy();
  } finally {
    clearTimeout(impatience);
  }
}

function wrongState(command: string, state: string): AppError {
  return new AppError('WRONG_STATE', `${command} was called in the state "${state}"`, {
    command,
    state,
  });
}

function capabilitiesFrom({
  capabilities: names,
  qresync,
}: Pick<SessionParts, 'capabilities' | 'qresync'>): Capabilities {
  return {
    move: names.has('MOVE'),
    uidplus: names.has('UIDPLUS'),
    idle: names.has('IDLE'),
    condstore: names.has('CONDSTORE'),
    qresync,
    esearch: names.has('ESEARCH'),
    unselect: names.has('UNSELECT'),
    specialUse: names.has('SPECIAL-USE'),
    all: names,
  };
}
