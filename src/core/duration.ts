/** Durations as people write them: "90d", "2w", "1h30m". */

const UNIT_MS = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  mo: 30 * 86_400_000,
  y: 365 * 86_400_000,
} as const;

const PART = /(\d+)(mo|[smhdwy])/gy;

/** Reads a duration as milliseconds; undefined when it is none. Units: s m h d w, mo (30 d), y (365 d). */
export function parseDuration(text: string): number | undefined {
  let totalMs = 0;
  let end = 0;
  for (const match of text.matchAll(PART)) {
    const unit = match[2];
    if (unit === undefined || !isUnit(unit)) return undefined;
    totalMs += Number(match[1]) * UNIT_MS[unit];
    end = match.index + match[0].length;
  }
  return end > 0 && end === text.length && Number.isSafeInteger(totalMs) ? totalMs : undefined;
}

/** Writes milliseconds in the largest unit that divides them: 90 days as "90d". */
export function renderDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  }
  return `${ms}ms`;
}

function isUnit(text: string): text is keyof typeof UNIT_MS {
  return text in UNIT_MS;
}
