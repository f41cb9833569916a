/** Figures over many measurements. */

/** "p50 65 ms, p95 90 ms, p99 135 ms, max 140 ms" of measurements in milliseconds, in any order. */
export function percentiles(measured: readonly number[]): string {
  const sorted = [...measured].sort((a, b) => a - b);
  const at = (share: number): string => {
    const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
    return (sorted[index] ?? Number.NaN).toFixed(0);
  };
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}
