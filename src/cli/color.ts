/** Colours for a terminal that wants them; plain text everywhere else (NO_COLOR is honoured). */
import { styleText } from 'node:util';

/** Paints text, or gives it back as it is. */
export interface Palette {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
  cyan(text: string): string;
}

/** Makes a palette; with `enabled` false it paints nothing. */
export function palette(enabled: boolean): Palette {
  const paint =
    (style: Parameters<typeof styleText>[0]) =>
    (text: string): string =>
      // The stream was judged by `wantsColor`; styleText would judge standard output instead.
      enabled ? styleText(style, text, { validateStream: false }) : text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    green: paint('green'),
    yellow: paint('yellow'),
    red: paint('red'),
    cyan: paint('cyan'),
  };
}

/** Says whether a stream should get colours. */
export function wantsColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] !== '0';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
