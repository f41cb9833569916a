/** What most commands begin with: the configuration read, the engine open, and closed at the end. */

import { renderDiagnostics } from '../../config/code-frame.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Emit } from '../../core/events.ts';
import { type Engine, type EngineOptions, openEngine } from '../../engine/api.ts';
import type { CommandContext } from '../run-command.ts';

/**
 * Opens the engine on the configuration that the options name, works, and closes it. `read` works
 * beside a running daemon; with the embedded backend `write` throws INSTANCE_RUNNING there.
 * Events go to `emit`, by default to the terminal.
 */
export async function withEngine<T>(
  context: CommandContext,
  access: EngineOptions['access'],
  work: (engine: Engine) => Promise<T>,
  emit: Emit = context.output.emit,
): Promise<T> {
  const { options, output, signal, cwd } = context;
  const { config, warnings, texts } = await loadConfig({
    cwd,
    ...(options.config === undefined ? {} : { configPath: options.config }),
  });
  if (warnings.length > 0) output.note(renderDiagnostics(warnings, texts));
  const engine = await openEngine({
    config,
    access,
    emit,
    trace: options.trace,
    signal,
  });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}
