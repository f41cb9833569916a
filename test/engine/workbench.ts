/** An engine on a sandbox server, with a configuration read from a folder of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { type Engine, openEngine } from '../../src/engine/api.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { CapabilityProfile } from '../../src/sandbox/capabilities.ts';
import type { Tamper } from '../../src/sandbox/connection.ts';
import type { NewMessage } from '../../src/sandbox/model.ts';
import { type Sandbox, type SandboxMailbox, startSandbox } from '../../src/sandbox/server.ts';

/** Files builds and stars the boss. */
export const RULES = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ mark_read, { move: Builds, create: true } ]
  - name: Boss
    when: { from: boss@corp.example }
    then: [ star, { copy: Archive } ]
`;

/** A message from somebody. */
export function mailFrom(from: string, subject = 'hello'): NewMessage {
  return {
    raw: Buffer.from(
      `From: ${from}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@x>\r\n\r\nhi\r\n`,
    ),
    internalDateMs: Date.UTC(2026, 0, 1),
    flags: [],
  };
}

/** Two builds, the boss, a friend. */
export const MAIL: readonly NewMessage[] = [
  mailFrom('ci@build.example', 'one'),
  mailFrom('boss@corp.example', 'two'),
  mailFrom('ci@build.example', 'three'),
  mailFrom('ann@friend.example', 'four'),
];

/** The parts of a test. */
export interface Workbench {
  readonly sandbox: Sandbox;
  /** The folder of the configuration. */
  readonly directory: string;
  readonly events: AppEvent[];
  readonly abort: AbortController;
  /** Opens an engine on the configuration as it stands in the folder. */
  open(access?: 'read' | 'write'): Promise<Engine>;
  /** Writes a file of the folder. */
  write(file: string, text: string): void;
  /** Subjects and flags by mailbox, for mailboxes that hold something. */
  contents(): Readonly<Record<string, readonly string[]>>;
  close(): Promise<void>;
}

/** Starts a sandbox with `MAIL` in INBOX and writes a configuration for it. */
export async function makeWorkbench(
  options: {
    rules?: string;
    safety?: string;
    mail?: readonly NewMessage[];
    /** Further mailboxes with their messages. */
    mailboxes?: readonly SandboxMailbox[];
    /** In place of INBOX with `mail`, Archive and Trash. */
    allMailboxes?: readonly SandboxMailbox[];
    capabilities?: Partial<CapabilityProfile>;
    /** Further lines of the account, in flow style: `roles: { sent: Sent }`. */
    account?: string;
    /** Stands between the server and the program. */
    tamper?: Tamper;
    /** Default: the machine's. */
    clock?: Clock;
    /** Adds an account whose password is wrong. */
    secondAccount?: boolean;
    /** A whole further line under `accounts:`. */
    otherAccount?: string;
  } = {},
): Promise<Workbench> {
  const sandbox = await startSandbox({
    user: 'ann',
    password: 'pass',
    ...(options.tamper === undefined ? {} : { tamper: options.tamper }),
    ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
    mailboxes: options.allMailboxes ?? [
      { name: parseMailboxName('INBOX'), messages: options.mail ?? MAIL },
      { name: parseMailboxName('Archive'), role: 'archive' },
      { name: parseMailboxName('Trash'), role: 'trash' },
      ...(options.mailboxes ?? []),
    ],
  });
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-engine-'));
  mkdirSync(join(directory, 'rules'));
  const write = (file: string, text: string): void => {
    writeFileSync(join(directory, file), text, { mode: 0o600 });
  };
  write('password', 'pass\n');
  write('wrong', 'not this\n');
  write('rules/a.yaml', options.rules ?? RULES);
  const account = (name: string, file: string): string =>
    `  ${name}: { host: 127.0.0.1, port: ${sandbox.port}, tls: none, user: ann, auth: { password: { file: ${file} } }${options.account === undefined ? '' : `, ${options.account}`} }\n`;
  const safety = options.safety === undefined ? '' : `safety: ${options.safety}\n`;
  const second = options.secondAccount === true ? account('away', 'wrong') : '';
  write(
    'mailwright.yaml',
    `accounts:\n${account('home', 'password')}${second}${options.otherAccount ?? ''}${safety}`,
  );
  const events: AppEvent[] = [];
  const abort = new AbortController();
  return {
    sandbox,
    directory,
    events,
    abort,
    write,
    open: async (access = 'write') => {
      const { config } = await loadConfig({ cwd: directory });
      return await openEngine({
        config,
        access,
        emit: (event) => void events.push(event),
        trace: true,
        signal: abort.signal,
        timing: { settleMs: 5, graceMs: 20 },
        ...(options.clock === undefined ? {} : { clock: options.clock }),
      });
    },
    contents: () =>
      Object.fromEntries(
        sandbox
          .snapshot()
          .filter(({ messages }) => messages.length > 0)
          .map(({ name, messages }) => [name, messages.map(describeMessage)]),
      ),
    close: async () => {
      await sandbox.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function describeMessage({ raw, flags }: { raw: Uint8Array; flags: Iterable<string> }): string {
  const subject = /^Subject: (.*)\r$/m.exec(Buffer.from(raw).toString())?.[1] ?? '';
  return [subject, ...[...flags].filter((flag) => flag !== '\\Recent').sort()].join(' ');
}
