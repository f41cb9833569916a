/**
 * The one error class. Expected results are values; what is thrown carries a code of a closed set,
 * typed facts, and its cause. Text, hint, exit code and retry class live in error-table.ts.
 */
import type { AccountId, RunId } from './brand.ts';
import type { Diagnostic } from './diagnostic.ts';

/** The facts of each error code. Add a code here first; error-table.ts then asks for its row. */
export interface ErrorFacts {
  USAGE: { readonly what: string };
  CONFIG_MISSING: { readonly looked: readonly string[] };
  CONFIG_INVALID: { readonly diagnostics: readonly Diagnostic[] };
  RULES_INVALID: { readonly diagnostics: readonly Diagnostic[] };
  ACCOUNT_UNKNOWN: {
    readonly account: string;
    readonly known: readonly string[];
  };
  RULE_UNKNOWN: { readonly rule: string; readonly known: readonly string[] };
  CREDENTIAL_UNAVAILABLE: {
    readonly account: AccountId;
    readonly source: string;
  };
  KEYRING_UNAVAILABLE: { readonly reason: string };
  LOGIN_REFUSED: {
    readonly account: AccountId;
    readonly user: string;
    readonly serverText: string;
    /** Default: by a password. */
    readonly signIn?: 'password' | 'oauth2';
  };
  SIGN_IN_NEEDED: { readonly account: AccountId; readonly reason: string };
  TOKENS_UNREADABLE: {
    readonly account: AccountId;
    readonly path: string;
    readonly reason: string;
  };
  SERVER_UNREACHABLE: {
    readonly account: AccountId;
    readonly host: string;
    readonly port: number;
    readonly reason: string;
  };
  SERVER_BUSY: {
    readonly account: AccountId;
    readonly host: string;
    readonly serverText: string;
    /** The wait that the server asked for; null where it named none. */
    readonly afterMs: number | null;
  };
  TLS_REFUSED: {
    readonly account: AccountId;
    readonly host: string;
    readonly port: number;
    readonly reason: string;
    readonly problem: TlsProblem;
    /** The pin of the key that the server showed, where it came to that. */
    readonly pin?: string;
  };
  CONNECTION_LOST: { readonly account: AccountId; readonly command: string };
  COMMAND_REFUSED: {
    readonly account: AccountId;
    readonly command: string;
    readonly status: 'NO' | 'BAD';
    readonly code: string | null;
    readonly serverText: string;
  };
  SERVER_LIED: { readonly account: AccountId; readonly detail: string };
  WRONG_STATE: { readonly command: string; readonly state: string };
  WRITE_FORBIDDEN: { readonly command: string };
  MAILBOX_MISSING: {
    readonly account: AccountId;
    readonly mailbox: string;
    readonly known: readonly string[];
  };
  MAILBOX_READ_ONLY: { readonly account: AccountId; readonly mailbox: string };
  MAILBOX_NAME_INVALID: { readonly mailbox: string; readonly reason: string };
  ROLE_MISSING: { readonly account: AccountId; readonly role: string };
  LIMIT_EXCEEDED: {
    readonly limit: 'maxMessages' | 'maxPercent' | 'maxDeletes' | 'maxCreates';
    readonly allowed: number;
    readonly wanted: number;
    readonly where: string;
  };
  BUDGET_SPENT: {
    readonly account: AccountId;
    readonly bytesPerDay: number;
    /** When the day turns, in milliseconds since the epoch. */
    readonly untilMs: number;
  };
  NOT_CONFIRMED: { readonly what: string };
  PLAN_FILE_INVALID: { readonly file: string; readonly reason: string };
  MESSAGE_MISSING: { readonly mailbox: string; readonly uid: number };
  MAIL_FILE_UNREADABLE: { readonly path: string; readonly reason: string };
  RUN_NOT_WAITING: { readonly run: RunId; readonly waiting: readonly RunId[] };
  RUN_UNKNOWN: { readonly run: string; readonly recent: readonly string[] };
  REDIS_UNFIT: { readonly setting: string; readonly reason: string };
  MONITOR_UNAVAILABLE: { readonly address: string };
  WORKERS_ALONE: { readonly file: string; readonly missing: readonly string[] };
  INSTANCE_RUNNING: { readonly path: string; readonly pid: number };
  JOURNAL_UNAVAILABLE: { readonly path: string; readonly reason: string };
  RUN_NOT_UNDOABLE: { readonly run: RunId; readonly reason: string };
  INTERRUPTED: { readonly signal: 'SIGINT' | 'SIGTERM' };
  BUG: { readonly sentence: string };
}

/** Why a connection is not secure; each has its own advice. */
export type TlsProblem =
  /** The port speaks something else. */
  | 'no-tls'
  /** Nothing that both sides speak: TLS 1.2 and 1.3 are accepted. */
  | 'protocol'
  /** Signed by nobody who is trusted. */
  | 'untrusted'
  | 'host-name'
  /** Expired, or not valid yet. */
  | 'dates'
  | 'pin'
  /** Not offered, or refused. */
  | 'starttls'
  /** Words between STARTTLS and the handshake. */
  | 'injected'
  | 'preauth'
  /** Unencrypted beyond this machine. */
  | 'cleartext'
  | 'other';

/** The closed set of error codes. */
export type ErrorCode = keyof ErrorFacts;

/** An error with a code of the closed set and the facts of that code. */
export class AppError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'AppError';
  readonly code: C;
  readonly facts: ErrorFacts[C];

  constructor(code: C, message: string, facts: ErrorFacts[C], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.facts = facts;
  }
}

/** Tells whether `error` is an AppError, of the given code where one is named. */
export function isAppError<C extends ErrorCode>(error: unknown, code?: C): error is AppError<C> {
  return error instanceof AppError && (code === undefined || error.code === code);
}
