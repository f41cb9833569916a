/** Runs the built program as its users do: a process, a folder, an environment variable. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dovecot } from '../servers/dovecot.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';

const MAIN = join(PACKAGE_ROOT, 'dist/src/cli/main.js');

/** How a run of the program ended. */
export interface Ended {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a configuration, and the program in it. */
export interface Workplace {
  readonly directory: string;
  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<Ended>;
  /** Starts a command; `ended` resolves with its end. */
  start(...args: readonly string[]): {
    child: ChildProcess;
    output(): string;
    ended: Promise<Ended>;
  };
  write(file: string, text: string): void;
  /** Changes the environment of what is run from now on. */
  setEnvironment(variables: Readonly<Record<string, string>>): void;
  remove(): void;
}

/** What the configuration says; text goes into mailwright.yaml as it stands. */
export interface WorkplaceOptions {
  readonly server: Pick<Dovecot, 'port' | 'password'>;
  readonly user: string;
  readonly rules: string;
  /** Default: the password of the server, from OFFICE_PASSWORD. */
  readonly auth?: string;
  /** Further lines of the account, indented by four spaces. */
  readonly account?: string;
  readonly safety?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Further lines of mailwright.yaml. */
  readonly more?: string;
}

/** Makes a folder with mailwright.yaml and rules/office.yaml. */
export function makeWorkplace(options: WorkplaceOptions): Workplace {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-e2e-'));
  mkdirSync(join(directory, 'rules'));
  const { port, password } = options.server;
  const write = (file: string, text: string): void => writeFileSync(join(directory, file), text);
  write(
    'mailwright.yaml',
    `accounts:
  office:
    host: 127.0.0.1
    port: ${port}
    tls: none
    user: ${options.user}
    auth: ${options.auth ?? '{ password: { env: OFFICE_PASSWORD } }'}
${options.account ?? ''}
safety: ${options.safety ?? '{ maxMessages: 100000, maxPercent: 100, maxDeletes: 10000 }'}
${options.more ?? ''}
`,
  );
  write('rules/office.yaml', options.rules);
  const env = { ...process.env, OFFICE_PASSWORD: password, NO_COLOR: '1', ...options.env };
  const start = (...args: readonly string[]) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (exit, signal) => resolve({ exit, signal, stdout, stderr }));
    });
    return { child, output: () => stdout + stderr, ended };
  };
  return {
    directory,
    run: async (...args) => await start(...args).ended,
    start,
    write,
    setEnvironment: (variables) => void Object.assign(env, variables),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const MUTATING =
  /^(UID )?(STORE|COPY|MOVE|EXPUNGE|APPEND|CREATE|DELETE|RENAME|CLOSE|SELECT|SUBSCRIBE|REPLACE|SET\w+)$/;

/** The commands of a trace that can change a mailbox; SELECT is one, since it takes \Recent away. */
export function mutatingCommands(trace: string): readonly string[] {
  return sentCommands(trace).filter((verb) => MUTATING.test(verb));
}

/** Every command that the client sent, without its tag and arguments. */
export function sentCommands(trace: string): readonly string[] {
  return trace.split('\n').flatMap((line) => {
    const verb = /^\S+ C: \S+ ((?:UID )?[A-Za-z]+)/.exec(line)?.[1];
    return verb === undefined ? [] : [verb.toUpperCase()];
  });
}
