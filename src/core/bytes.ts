/** Sizes as people write them: "5MB" is 5,000,000 bytes, "5MiB" is 5,242,880. */

const UNIT_BYTES = {
  B: 1,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
} as const;

/** Reads a size as bytes; undefined when it is none. A bare number counts bytes. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s?(B|KB|MB|GB|KiB|MiB|GiB)?$/.exec(text);
  if (match === null) return undefined;
  const unit = match[2] ?? 'B';
  if (!isUnit(unit)) return undefined;
  const bytes = Math.round(Number(match[1]) * UNIT_BYTES[unit]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Writes bytes with at most one decimal in powers of 1000: "1.4 MB". */
export function renderBytes(bytes: number): string {
  for (const unit of ['GB', 'MB', 'KB'] as const) {
    if (bytes >= UNIT_BYTES[unit]) {
      return `${(bytes / UNIT_BYTES[unit]).toFixed(1).replace(/\.0$/, '')} ${unit}`;
    }
  }
  return `${bytes} B`;
}

function isUnit(text: string): text is keyof typeof UNIT_BYTES {
  return text in UNIT_BYTES;
}
