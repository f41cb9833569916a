/** The pause between a plan and its first command. */
import { AppError } from '../../core/app-error.ts';
import type { PlanPreview } from '../../plan/preview.ts';
import { renderPlan } from '../../plan/render-plan.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../run-command.ts';

/**
 * Shows what will be done and asks for a yes, unless `--yes` was given. Where nobody is there to ask,
 * `refuse` throws NOT_CONFIRMED, and `proceed` goes on: the command itself named what is to be done.
 */
export function approver(
  context: CommandContext,
  unattended: 'refuse' | 'proceed',
): (previews: readonly PlanPreview[]) => Promise<boolean> {
  return async (previews) => {
    const { output, options, streams, signal } = context;
    for (const preview of previews) output.print(renderPlan(preview, output));
    if (options.yes === true) return true;
    if (!output.interactive) {
      if (unattended === 'proceed') return true;
      throw new AppError('NOT_CONFIRMED', 'nobody is at the terminal to say yes', {
        what: 'the plan above',
      });
    }
    output.settle();
    return await confirm('Carry this out?', streams, signal);
  };
}
