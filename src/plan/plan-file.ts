/** Plans as a file that a person can review and hand to `apply`. */
import { createHash } from 'node:crypto';
import { readList, readObject, readString, ShapeError } from './json-shape.ts';
import type { Plan } from './plan.ts';
import { readPlan } from './plan-json.ts';

const FORMAT = 'mailwright-plan-1';

/** Writes the plans of one run, with a digest that shows whether the file was edited or cut. */
export function serializePlans(plans: readonly Plan[]): string {
  const file = { format: FORMAT, digest: digestOf(plans), plans };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/** Reads a plan file; refuses anything that `serializePlans` did not write. */
export function parsePlanFile(
  text: string,
):
  | { readonly kind: 'ok'; readonly plans: readonly Plan[] }
  | { readonly kind: 'invalid'; readonly reason: string } {
  try {
    const value: unknown = JSON.parse(text);
    const file = readObject((member) => ({
      format: member('format', readString),
      digest: member('digest', readString),
      plans: member('plans', readList(readPlan)),
    }))(value, 'the file');
    if (file.format !== FORMAT) return invalid(`its format is "${file.format}", not "${FORMAT}"`);
    return file.digest === digestOf(file.plans)
      ? { kind: 'ok', plans: file.plans }
      : invalid('it was edited or cut since it was written');
  } catch (error) {
    // Anything but a plan file: not JSON, or JSON of another shape.
    if (error instanceof SyntaxError || error instanceof ShapeError) return invalid(error.message);
    throw error;
  }
}

function invalid(reason: string): { kind: 'invalid'; reason: string } {
  return { kind: 'invalid', reason };
}

/** Key order does not count. */
function digestOf(plans: readonly Plan[]): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(plans)))
    .digest('hex');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => [key, sortKeys(inner)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
