/**
 * The configuration of a running daemon: read again when its files change or SIGHUP comes. A bad
 * edit is told and changes nothing; a good one is in force from the next job on.
 */
import { renderDiagnostics } from '../config/code-frame.ts';
import type { Config, RereadConfig } from '../config/config.ts';
import { watchFiles } from '../config/watch-files.ts';
import { isAppError } from '../core/app-error.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { adviceFor } from '../core/error-table.ts';
import { createTurnstile } from '../core/turnstile.ts';
import type { EngineContext } from './context.ts';

/** A bad edit is told with this many of its defects; `check` tells them all. */
const DEFECTS_TOLD = 3;

/** The configuration as it is now. */
export interface LiveConfig {
  /** As it was read last. */
  now(): Config;
  /** The same with its list files as they are at this moment. */
  fresh(): Promise<Config>;
  /** Reads everything again. `onChange` is called where that was asked for by name, or made a difference. */
  reload(how: 'asked' | 'noticed'): Promise<void>;
  /** Stops looking at the files. */
  stop(): void;
}

/** Starts to look at the files; `onChange` gets each configuration that is taken over. */
export function openLiveConfig(
  context: EngineContext,
  onChange: (config: Config) => void,
): LiveConfig {
  let { config } = context;
  const turn = createTurnstile(1);
  const reload = async (how: 'asked' | 'noticed'): Promise<void> => {
    const read = await rereadOrTell(context, config);
    if (read === null || context.signal.aborted) return;
    if (read.kind === 'changed') {
      unwatch();
      config = keepState(context, config, read.config);
      unwatch = watchFiles({ paths: config.sources, onChange: notice });
    }
    if (read.kind === 'changed' || how === 'asked') onChange(config);
  };
  const notice = (): void => {
    turn.pass(() => reload('noticed')).catch(endProcess);
  };
  let unwatch = watchFiles({ paths: config.sources, onChange: notice });
  return {
    now: () => config,
    fresh: async () => {
      const before = config;
      const read = await before.rereadLists();
      // What was read of an older configuration says nothing about this one.
      if (before !== config) return config;
      if (read.kind === 'changed') config = { ...config, ruleSet: read.ruleSet };
      if (read.kind === 'invalid') tellDefects(context, 'a list has changed', read.diagnostics);
      return config;
    },
    reload: async (how) => await turn.pass(() => reload(how)),
    stop: () => unwatch(),
  };
}

/** Null where nothing could be read that would do; that has been told then. */
async function rereadOrTell(
  context: EngineContext,
  config: Config,
): Promise<Exclude<RereadConfig, { kind: 'invalid' }> | null> {
  try {
    const read = await config.reread();
    if (read.kind === 'invalid') {
      tellDefects(context, 'the configuration has changed', read.diagnostics, read.texts);
      return null;
    }
    return read;
  } catch (error) {
    if (!isAppError(error) || error.code === 'BUG') throw error;
    const { hint } = adviceFor(error);
    context.emit({ kind: 'problem', code: error.code, text: error.message, hint });
    return null;
  }
}

function tellDefects(
  context: EngineContext,
  what: string,
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string> = new Map(),
): void {
  const told = renderDiagnostics(diagnostics.slice(0, DEFECTS_TOLD), texts);
  const rest = diagnostics.length - DEFECTS_TOLD;
  const more = rest > 0 ? `\nand ${rest} more` : '';
  context.emit({
    kind: 'problem',
    code: diagnostics.every(({ file }) => file === context.config.file)
      ? 'CONFIG_INVALID'
      : 'RULES_INVALID',
    text: `${what}, and cannot be used:\n${told}${more}`,
    hint: 'everything goes on as it was; correct the file, and it is read again',
  });
}

/** The journal is open where it is. */
function keepState(context: EngineContext, before: Config, now: Config): Config {
  const { stateDirectory } = before;
  if (now.stateDirectory === stateDirectory) return now;
  context.emit({
    kind: 'problem',
    code: 'CONFIG_INVALID',
    text: `${now.file} names another directory in "state:"; the daemon goes on with ${stateDirectory}`,
    hint: 'stop it and start it again to change the directory',
  });
  return { ...now, stateDirectory };
}

/** Nobody waits for a notice; what is thrown there is a bug, and ends the process. */
function endProcess(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
