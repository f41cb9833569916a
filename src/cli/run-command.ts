/**
 * Runs one command and turns whatever it throws into text, hint and exit code. The only place that
 * prints errors and decides how the process ends.
 */

import { AppError, isAppError } from '../core/app-error.ts';
import { adviceFor } from '../core/error-table.ts';
import { EXIT, type ExitCode } from '../core/exit-codes.ts';
import type { Output } from './output.ts';

/** Options that every command has. */
export interface GlobalOptions {
  readonly config?: string;
  readonly account?: string;
  readonly rule?: string;
  readonly json: boolean;
  readonly trace: boolean;
  /** `--new`, `--yes`, `--live`, `--keep`: false where a command has no such option. */
  readonly new?: boolean;
  readonly yes?: boolean;
  readonly live?: boolean;
  readonly keep?: boolean;
  readonly out?: string;
  readonly limit?: string;
  /** `--log`, `--log-level`. */
  readonly log?: 'pretty' | 'json';
  readonly logLevel?: string;
  readonly directory?: string;
  readonly ruleFile?: string;
  /** `--mail`: a path with mail to decide about; `--mailbox`: where it is taken to lie. */
  readonly mail?: string;
  readonly mailbox?: string;
  /** `--message`, once or more. */
  readonly message?: readonly string[];
}

/** What a command gets to work with. */
export interface CommandContext {
  readonly options: GlobalOptions;
  /** Positional arguments, in order. */
  readonly arguments: readonly string[];
  readonly output: Output;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly streams: {
    stdin: NodeJS.ReadStream;
    stdout: NodeJS.WriteStream;
    stderr: NodeJS.WriteStream;
  };
  /** Aborted with INTERRUPTED at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** A command: does its work and says how the process should end. */
export type Command = (context: CommandContext) => Promise<ExitCode>;

/** Runs `command`; never throws. */
export async function runCommand(command: Command, context: CommandContext): Promise<ExitCode> {
  try {
    return await command(context);
  } catch (error) {
    const reason = context.signal.aborted ? context.signal.reason : error;
    return await reportError(isAppError(reason) ? reason : asBug(error), context);
  } finally {
    context.output.settle();
  }
}

async function reportError(error: AppError, context: CommandContext): Promise<ExitCode> {
  const advice = adviceFor(error);
  const { output } = context;
  if (output.json) {
    const { code, message, facts } = error;
    output.error(JSON.stringify({ code, exit: advice.exit, message, hint: advice.hint, facts }));
    return advice.exit;
  }
  if (isAppError(error, 'CONFIG_INVALID') || isAppError(error, 'RULES_INVALID')) {
    const files = new Set(error.facts.diagnostics.map((diagnostic) => diagnostic.file));
    const { renderDiagnostics } = await import('../config/code-frame.ts');
    const { readSources } = await import('../config/load-config.ts');
    output.error(renderDiagnostics(error.facts.diagnostics, await readSources(files, context.cwd)));
    return advice.exit;
  }
  output.error(`error: ${error.message}`);
  output.error(`  hint: ${advice.hint}`);
  if (advice.exit === EXIT.bug) output.error(error.stack ?? '');
  if (error.cause instanceof Error && advice.exit === EXIT.bug) {
    output.error(`caused by ${error.cause.stack ?? error.cause.message}`);
  }
  return advice.exit;
}

function asBug(error: unknown): AppError {
  const sentence = error instanceof Error ? error.message : String(error);
  return new AppError('BUG', `unexpected: ${sentence}`, { sentence }, { cause: error });
}
