/** The documented, stable exit codes of the command line (README.md#exit-codes). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  partlyDone: 3,
  invalid: 4,
  ruleTestsFailed: 5,
  refusedByGuard: 6,
  loginRefused: 10,
  unreachable: 11,
  anotherInstance: 12,
  parked: 13,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
