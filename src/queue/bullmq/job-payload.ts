/** Jobs as they lie in Redis, where anybody with its password may have written them. */
import { type AccountId, accountId } from '../../core/brand.ts';
import type { Job, SweepJob } from '../job.ts';

/** A job and the tries of it that failed. */
export interface JobPayload {
  readonly job: Job;
  readonly attempts: number;
}

const SOURCES: readonly SweepJob['source'][] = ['arrival', 'schedule', 'start', 'due'];

/** Reads a payload; null for one that this program did not write. */
export function parseJobPayload(data: unknown): JobPayload | null {
  if (!isObject(data) || !isObject(data['job'])) return null;
  const { attempts } = data;
  if (!isCount(attempts)) return null;
  const job = parseJob(data['job']);
  return job === null ? null : { job, attempts };
}

function parseJob(data: Readonly<Record<string, unknown>>): Job | null {
  const { kind, source, ruleFile, dueMs } = data;
  const account = readAccount(data['account']);
  if (account === null) return null;
  if (kind === 'apply') return { kind, account };
  const known = SOURCES.find((word) => word === source);
  if (kind !== 'sweep' || known === undefined) return null;
  if (ruleFile !== null && typeof ruleFile !== 'string') return null;
  if (dueMs !== null && !isCount(dueMs)) return null;
  return { kind, account, source: known, ruleFile, dueMs };
}

/** That the account exists is seen when the job is done. */
function readAccount(name: unknown): AccountId | null {
  return typeof name === 'string' && name !== '' ? accountId(name) : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
