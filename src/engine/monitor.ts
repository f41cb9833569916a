/** What others see of a running engine: health, readiness and metrics, where the owner wants them. */
import type { Config } from '../config/config.ts';
import type { Emit } from '../core/events.ts';
import { createHealth } from '../observe/health.ts';
import { createMetrics } from '../observe/metrics.ts';
import { serveMonitor } from '../observe/serve.ts';
import type { EngineContext } from './context.ts';

/** Works with events that are also counted and served, as long as the work lasts. */
export async function withMonitor<T>(
  context: EngineContext,
  work: (context: EngineContext) => Promise<T>,
): Promise<T> {
  const { monitor }: Config = context.config;
  if (monitor === null) return await work(context);
  const health = createHealth();
  const metrics = createMetrics();
  const server = await serveMonitor(monitor, { health, metrics });
  const emit: Emit = (event) => {
    health.take(event);
    metrics.take(event);
    if (event.kind === 'reloaded') {
      for (const account of event.stopped) {
        if (!event.started.includes(account)) metrics.forget(account);
      }
    }
    context.emit(event);
  };
  const text = `health, readiness and metrics: http://${monitor.host}:${server.port}`;
  context.emit({ kind: 'notice', text });
  try {
    return await work({ ...context, emit });
  } finally {
    await server.stop();
  }
}
