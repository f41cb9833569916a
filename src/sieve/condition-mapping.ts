/** What a Sieve test becomes. */

/** A condition mapping of a rule file. */
export type ConditionMapping = Readonly<Record<string, unknown>>;

/** A condition, or the reason why there is none. */
export type ReadTest = ConditionMapping | string;
