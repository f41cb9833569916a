/** Exit code, retry class and hint of every error code; a code without a row does not compile. */
import type { AppError, ErrorCode, ErrorFacts } from './app-error.ts';
import { assertNever } from './assert.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** What a daemon does about an error: stop, try again later, or read the mailbox first. */
export type RetryClass = 'never' | 'later' | 'after-resolve';

/** One row: how an error leaves the program and what the reader can do about it. */
export interface ErrorRow<F> {
  readonly exit: ExitCode;
  readonly retry: RetryClass;
  readonly hint: (facts: F) => string;
}

const ERROR_TABLE: { readonly [C in ErrorCode]: ErrorRow<ErrorFacts[C]> } = {
  USAGE: {
    exit: EXIT.usage,
    retry: 'never',
    hint: () => 'see mailwright --help',
  },
  CONFIG_MISSING: {
    exit: EXIT.invalid,
    retry: 'never',
    hint: () =>
      'write a mailwright.yaml (README.md#connect-a-real-account) or name one with --config',
  },
  CONFIG_INVALID: {
    exit: EXIT.invalid,
    retry: 'never',
    hint: () => 'correct the file, then run: mailwright check',
  },
  RULES_INVALID: {
    exit: EXIT.invalid,
    retry: 'never',
    hint: () => 'correct the file, then run: mailwright check',
  },
  ACCOUNT_UNKNOWN: {
    exit: EXIT.usage,
    retry: 'never',
    hint: (facts) => `accounts in the configuration: ${facts.known.join(', ')}`,
  },
  RULE_UNKNOWN: {
    exit: EXIT.usage,
    retry: 'never',
    hint: (facts) => `rules in the rule files: ${facts.known.join(', ')}`,
  },
  CREDENTIAL_UNAVAILABLE: {
    exit: EXIT.invalid,
    retry: 'never',
    hint: (facts) => `make the password available through ${facts.source}`,
  },
  KEYRING_UNAVAILABLE: {
    exit: EXIT.invalid,
    retry: 'never',
    hint: () =>
      'unlock or start it; where there is none keep the password in a file (mode 0600): password: { file: PATH }',
  },
  LOGIN_REFUSED: {
    exit: EXIT.loginRefused,
    retry: 'never',
    hint: (facts) =>
      facts.signIn === 'oauth2'
        ? `check that "${facts.user}" is who gave consent and may use IMAP, then sign in anew: mailwright auth ${facts.account}`
        : `check the user "${facts.user}" and the password source of account "${facts.account}"; many providers want an app password`,
  },
  SIGN_IN_NEEDED: {
    exit: EXIT.loginRefused,
    retry: 'never',
    hint: (facts) => `sign in: mailwright auth ${facts.account}`,
  },
  TOKENS_UNREADABLE: {
    exit: EXIT.invalid,
    retry: 'never',
    hint: (facts) =>
      facts.reason.startsWith('cannot be written')
        ? `see to the disk and the permissions; if the provider had just renewed them, sign in anew: mailwright auth ${facts.account}`
        : `nothing was overwritten; give the key that ${facts.path} was written with (tokens.key), or delete the file and run: mailwright auth ${facts.account}`,
  },
  SERVER_UNREACHABLE: {
    exit: EXIT.unreachable,
    retry: 'later',
    hint: (facts) =>
      `check host and port of account "${facts.account}" (${facts.host}:${facts.port}) and your network`,
  },
  SERVER_BUSY: {
    exit: EXIT.unreachable,
    retry: 'later',
    hint: (facts) =>
      facts.afterMs === null
        ? `${facts.host} asks to be left alone for a while; fewer connections help (accounts.${facts.account}.limits)`
        : `${facts.host} asks to be left alone for ${Math.ceil(facts.afterMs / 1000)} s`,
  },
  TLS_REFUSED: {
    exit: EXIT.unreachable,
    retry: 'never',
    hint: (facts) => `no password was sent; ${tlsAdvice(facts)}`,
  },
  CONNECTION_LOST: {
    exit: EXIT.unreachable,
    retry: 'after-resolve',
    hint: () =>
      'run again: the next run reads both mailboxes and finishes what was begun; nothing is repeated blindly',
  },
  COMMAND_REFUSED: {
    exit: EXIT.failed,
    retry: 'later',
    hint: () => "the text is the server's own; see --trace for the conversation",
  },
  SERVER_LIED: {
    exit: EXIT.failed,
    retry: 'later',
    hint: () => 'nothing was changed on the strength of that answer; see --trace',
  },
  WRONG_STATE: {
    exit: EXIT.bug,
    retry: 'never',
    hint: () => 'this is a bug of Mailwright, please report it',
  },
  WRITE_FORBIDDEN: {
    exit: EXIT.bug,
    retry: 'never',
    hint: () => 'this is a bug of Mailwright, please report it; nothing was sent',
  },
  MAILBOX_MISSING: {
    exit: EXIT.failed,
    retry: 'never',
    hint: (facts) =>
      `create it on the server, correct the name, or add "create: true"; there are: ${facts.known.slice(0, 12).join(', ')}`,
  },
  MAILBOX_READ_ONLY: {
    exit: EXIT.failed,
    retry: 'never',
    hint: () =>
      'ask for write access to the mailbox, or take it out of the rule file; every mail is where it was',
  },
  MAILBOX_NAME_INVALID: {
    exit: EXIT.failed,
    retry: 'never',
    hint: () => 'choose another name in the rule',
  },
  ROLE_MISSING: {
    exit: EXIT.failed,
    retry: 'never',
    hint: (facts) =>
      `name the mailbox yourself in mailwright.yaml: accounts.${facts.account}.roles.${facts.role}: NAME`,
  },
  LIMIT_EXCEEDED: {
    exit: EXIT.refusedByGuard,
    retry: 'never',
    hint: (facts) =>
      `nothing was done; the plan waits for you (mailwright status, then mailwright approve RUN), or raise safety.${facts.limit}`,
  },
  BUDGET_SPENT: {
    exit: EXIT.refusedByGuard,
    retry: 'later',
    hint: (facts) =>
      `it goes on at ${new Date(facts.untilMs).toISOString()}; or raise accounts.${facts.account}.limits.bytesPerDay`,
  },
  NOT_CONFIRMED: {
    exit: EXIT.usage,
    retry: 'never',
    hint: () => 'add --yes to act without a question',
  },
  PLAN_FILE_INVALID: {
    exit: EXIT.invalid,
    retry: 'never',
    hint: () => 'make a new one: mailwright plan --out FILE',
  },
  MESSAGE_MISSING: {
    exit: EXIT.usage,
    retry: 'never',
    hint: () => 'it may have been moved; `plan --json` and `history` tell UIDs',
  },
  MAIL_FILE_UNREADABLE: {
    exit: EXIT.usage,
    retry: 'never',
    hint: () => 'name a .eml file, a directory of them, a Maildir or an mbox',
  },
  RUN_NOT_WAITING: {
    exit: EXIT.usage,
    retry: 'never',
    hint: (facts) =>
      `see mailwright status; plans that wait: ${facts.waiting.join(', ') || 'none'}`,
  },
  RUN_UNKNOWN: {
    exit: EXIT.usage,
    retry: 'never',
    hint: (facts) =>
      `see mailwright history; the latest runs: ${facts.recent.join(', ') || 'none'}`,
  },
  REDIS_UNFIT: {
    exit: EXIT.invalid,
    retry: 'never',
    hint: (facts) => `set in redis.conf, or with CONFIG SET: ${facts.setting}`,
  },
  MONITOR_UNAVAILABLE: {
    exit: EXIT.invalid,
    retry: 'never',
    hint: (facts) =>
      `choose another address than ${facts.address} in mailwright.yaml, or stop what uses it`,
  },
  WORKERS_ALONE: {
    exit: EXIT.usage,
    retry: 'never',
    hint: (facts) =>
      `use \`mailwright start\`, which does the work of ${facts.missing.join(' and ')}, too; or set "backend: { redis: … }" in ${facts.file}`,
  },
  INSTANCE_RUNNING: {
    exit: EXIT.anotherInstance,
    retry: 'later',
    hint: (facts) => `wait for process ${facts.pid} or stop it; it holds ${facts.path}`,
  },
  JOURNAL_UNAVAILABLE: {
    exit: EXIT.failed,
    retry: 'never',
    hint: (facts) =>
      facts.reason.startsWith('it is corrupt')
        ? 'nothing was changed; restore the file from a backup, or move it away: bookmarks and undo are then lost, no mail is'
        : 'nothing was changed: without a journal no mail is touched; check the disk and the permissions of "state:"',
  },
  RUN_NOT_UNDOABLE: {
    exit: EXIT.usage,
    retry: 'never',
    hint: () => 'see mailwright history',
  },
  INTERRUPTED: {
    exit: EXIT.interrupted,
    retry: 'never',
    hint: () => 'the next run finishes what was begun',
  },
  BUG: {
    exit: EXIT.bug,
    retry: 'never',
    hint: () => 'this is a bug of Mailwright, please report it with the lines above',
  },
};

function tlsAdvice({ account, host, port, problem, pin }: ErrorFacts['TLS_REFUSED']): string {
  const at = `accounts.${account}`;
  const pinned =
    pin === undefined
      ? ''
      : `; or pin the key, once you have compared it on the server itself: ${at}.pin: ${pin}`;
  switch (problem) {
    case 'no-tls':
      return `port ${port} seems to speak no TLS at once: 993 does on most servers; for 143 set ${at}.tls: starttls`;
    case 'protocol':
      return `TLS 1.2 or newer is needed; the server, or a box in front of it, has to be updated`;
    case 'untrusted':
      return `if ${host} is signed by a private authority, name its certificate: ${at}.ca: FILE.pem${pinned}`;
    case 'host-name':
      return `set ${at}.host to a name that is in the certificate${pinned}`;
    case 'dates':
      return `compare the clock of this machine; else the server needs a new certificate${pinned}`;
    case 'pin':
      return `ask whoever runs ${host} whether it has a new key before you change ${at}.pin${pin === undefined ? '' : `; the key that was seen is ${pin}`}; somebody may stand in between`;
    case 'starttls':
      return `use tls: implicit with port 993 if the server has it; one that should offer STARTTLS and does not may have somebody in front of it`;
    case 'injected':
      return 'somebody may stand between you and the server; use tls: implicit with port 993';
    case 'preauth':
      return 'a server that knows you before you have said who you are is not to be trusted; check host and port';
    case 'cleartext':
      return `set ${at}.tls: implicit (port 993) or starttls (port 143)`;
    case 'other':
      return `check the host name, set ${at}.ca for a private authority, or ${at}.tls to what port ${port} speaks`;
    default:
      return assertNever(problem);
  }
}

/** Everything a reader of an error sees beside its message. */
export interface ErrorAdvice {
  readonly exit: ExitCode;
  readonly retry: RetryClass;
  readonly hint: string;
}

/** Looks up the row of an error's code and fills in its hint. */
export function adviceFor<C extends ErrorCode>(error: AppError<C>): ErrorAdvice {
  const row: ErrorRow<ErrorFacts[C]> = ERROR_TABLE[error.code];
  const exit =
    error.code === 'INTERRUPTED' && 'signal' in error.facts && error.facts.signal === 'SIGTERM'
      ? EXIT.terminated
      : row.exit;
  return { exit, retry: row.retry, hint: row.hint(error.facts) };
}

/** Lists every code with its exit code, for documentation and its test. */
export function listErrorCodes(): readonly { code: string; exit: number }[] {
  return Object.entries(ERROR_TABLE).map(([code, row]) => ({
    code,
    exit: row.exit,
  }));
}
