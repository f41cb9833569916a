/** Intents and outcomes as they stand in rows. */
import { accountId, runId, type StepId, stepId } from '../core/brand.ts';
import {
  type Reader,
  readBoolean,
  readCount,
  readList,
  readObject,
  readString,
  readWord,
  ShapeError,
} from '../plan/json-shape.ts';
import type { Intent, Phase, TargetOutcome } from './journal.ts';
import { corrupt, readRowCount, readRowText } from './rows.ts';
import type { SqliteRow } from './sqlite-driver.ts';

const PHASES: readonly Phase[] = [
  ...(['create', 'store', 'copy', 'move', 'delete', 'expunge', 'append', 'effect'] as const),
  ...(['claim', 'yield', 'release', 'remove'] as const),
];

/** Reads a row of `intent`. Throws JOURNAL_UNAVAILABLE when it is damaged. */
export function readIntentRow(row: SqliteRow, path: string): Intent {
  const validity = row['baseline_validity'];
  return {
    step: readStepId(row, path),
    phase: parse(readWord(PHASES), row['phase'], path),
    atMs: readRowCount(row, 'at_ms', path),
    uids: parse(readList(readCount), jsonOf(row, 'uids', path), path),
    baseline:
      validity === null
        ? null
        : {
            uidValidity: readRowCount(row, 'baseline_validity', path),
            uidNext: readRowCount(row, 'baseline_next', path),
          },
  };
}

/** Reads the column `step`. */
export function readStepId(row: SqliteRow, path: string): StepId {
  const [run = '', account = '', number = ''] = readRowText(row, 'step', path).split('/');
  return stepId(runId(run), accountId(account), Number(number));
}

/** Reads the outcomes of a row of `outcome`. Throws JOURNAL_UNAVAILABLE when it is damaged. */
export function readOutcomes(row: SqliteRow, path: string): readonly TargetOutcome[] {
  return parse(readList(readOutcome), jsonOf(row, 'json', path), path);
}

const readOutcome = readObject<TargetOutcome>((member) => {
  const reason = member('reason', optional(readString));
  const destination = member('destination', optional(readDestination));
  const stays = member('stays', optional(readBoolean));
  const tombstone = member('tombstone', optional(readBoolean));
  const uncertain = member('uncertain', optional(readBoolean));
  const untried = member('untried', optional(readBoolean));
  const backup = member('backup', optional(readString));
  const flagsBefore = member('flagsBefore', optional(readList(readString)));
  return {
    uid: member('uid', readCount),
    result: member('result', readWord(['done', 'parked', 'superseded'])),
    ...(reason === undefined ? {} : { reason }),
    ...(destination === undefined ? {} : { destination }),
    ...(stays === undefined ? {} : { stays }),
    ...(tombstone === undefined ? {} : { tombstone }),
    ...(uncertain === undefined ? {} : { uncertain }),
    ...(untried === undefined ? {} : { untried }),
    ...(backup === undefined ? {} : { backup }),
    ...(flagsBefore === undefined ? {} : { flagsBefore }),
  };
});

const readDestination = readObject((member) => ({
  uidValidity: member('uidValidity', readCount),
  uid: member('uid', readCount),
}));

function optional<T>(read: Reader<T>): Reader<T | undefined> {
  return (value, place) => (value === undefined ? undefined : read(value, place));
}

function jsonOf(row: SqliteRow, column: string, path: string): unknown {
  try {
    return JSON.parse(readRowText(row, column, path));
  } catch (error) {
    if (error instanceof SyntaxError) return corrupt(path, `${column}: ${error.message}`);
    throw error;
  }
}

function parse<T>(read: Reader<T>, value: unknown, path: string): T {
  try {
    return read(value, 'row');
  } catch (error) {
    if (error instanceof ShapeError) return corrupt(path, error.message);
    throw error;
  }
}
