/** What a scenario gets, and what it tells. */

/** How large, and how often. */
export interface BenchOptions {
  readonly runs: number;
  /** Divides the numbers of messages: 1 for the figures of README.md, 20 with `--quick`. */
  readonly divisor: number;
  readonly deliveries: number;
  /** Numbers of rules to measure with; empty: those of the scenario. */
  readonly rules: readonly number[];
  /** Words for a person who waits. */
  note(text: string): void;
}

/** One line of the table. */
export interface Figure {
  readonly what: string;
  /** The figure with its unit. */
  readonly value: string;
  /** A target, and what was measured against it. */
  readonly target?: Target;
}

/** At most, or at least, so much. */
export interface Target {
  readonly words: string;
  readonly measured: number;
  readonly bound: number;
  readonly isAtLeast?: boolean;
}

/** A point of the chart. */
export interface Point {
  readonly who: string;
  readonly rules: number;
  readonly wallMs: number;
}

/** Figures as they are found, and points for the chart. */
export type Scenario = (options: BenchOptions) => AsyncIterable<Figure | Point>;

/** Whether what was measured keeps the target. */
export function isMet({ measured, bound, isAtLeast = false }: Target): boolean {
  return isAtLeast ? measured >= bound : measured <= bound;
}
