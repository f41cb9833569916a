/** `mailwright apply FILE`: carry out a reviewed plan. */
import { readFile } from 'node:fs/promises';
import { AppError } from '../../core/app-error.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Command } from '../run-command.ts';
import { approver } from './approve.ts';
import { withEngine } from './open.ts';
import { finish } from './outcome.ts';

/**
 * Applies a plan file. Reviewing it was the approval, so the safety limits do not stop it; messages
 * that changed since are left alone and reported.
 */
export const apply: Command = async (context) => {
  const file = context.arguments[0] ?? '';
  const text = await readPlanFile(file);
  return await withEngine(context, 'write', async (engine) =>
    finish(await engine.apply({ file, text }, approver(context, 'proceed')), context.output),
  );
};

async function readPlanFile(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length <= LIMITS.planFileChars) return text;
    throw new AppError('PLAN_FILE_INVALID', `${file} is too large for a plan`, {
      file,
      reason: 'too large',
    });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      'PLAN_FILE_INVALID',
      `cannot read the plan file ${file}: ${reason}`,
      { file, reason },
      { cause },
    );
  }
}
