/** For embedding: read a configuration, open an engine on it, and tell errors apart. */
export type { Config } from './config/config.ts';
export { checkConfig, loadConfig } from './config/load-config.ts';
export { type AppError, isAppError } from './core/app-error.ts';
export type { AppEvent, Emit } from './core/events.ts';
export {
  type Approve,
  type Engine,
  type EngineOptions,
  openEngine,
  type PlanResult,
  type Selection,
} from './engine/api.ts';
export type { RunReport } from './engine/report.ts';
export type { PlanPreview } from './plan/preview.ts';
export { renderPlan } from './plan/render-plan.ts';
