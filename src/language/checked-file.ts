/** A rule file between parsing and compiling, and how its raw values are read. */
import type { SourceDocument } from '../core/diagnostic.ts';
import type { ConditionInput, RuleFileInput } from './rule-schema.ts';

/** What rule files may refer to. */
export interface CompileOptions {
  /** The account names of mailwright.yaml. */
  readonly accounts: readonly string[];
  /** Says why a cron expression and time zone cannot be used, or undefined. */
  checkCron(cron: string, timezone: string): string | undefined;
  /** Reads a list file named by a rule file; a string says why it cannot be read. */
  loadList(path: string, fromFile: string): readonly string[] | string;
}

/** A rule file with its shape checked. */
export interface CheckedFile {
  readonly document: SourceDocument;
  /** Absent when the shape is wrong: checks over the raw value still run. */
  readonly input: RuleFileInput | undefined;
}

/** Sees a checked condition as a mapping again. */
export function asCondition(value: unknown): ConditionInput {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** The named conditions that a condition uses, at any depth. */
export function usedNames(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(usedNames);
  return Object.entries(asCondition(value)).flatMap(([key, operand]) =>
    key === 'use' && typeof operand === 'string' ? [operand] : usedNames(operand),
  );
}
