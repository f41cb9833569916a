/** Steps are numbered from 1 in their order, also after some were taken out. */
import { stepId } from '../core/brand.ts';
import type { Plan } from './plan.ts';

/** Gives each step the id of its place. Only for plans of which nothing is stored yet. */
export function numberSteps(plan: Plan): Plan {
  const { run, account } = plan;
  const steps = plan.steps.map((step, index) => ({ ...step, id: stepId(run, account, index + 1) }));
  return { ...plan, steps };
}
