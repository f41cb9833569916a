/** Progress of long work: a bar on a terminal, a plain line now and then elsewhere. */
import { countOf } from '../core/count.ts';
import type { AppEvent } from '../core/events.ts';
import { visible } from '../plan/render-plan.ts';

/** Shows progress events and keeps out of the way of other lines. */
export interface Progress {
  /** Shows the event when it is one of progress; says whether it was. */
  take(event: AppEvent): boolean;
  /** Takes the bar off the terminal. */
  clear(): void;
}

const BAR_CELLS = 24;
/** A plain line at most this often, and none for work that is shorter. */
const PLAIN_EVERY_MS = 5000;
const BAR_EVERY_MS = 80;

/** Makes the progress display of one command. `silent` shows nothing. */
export function createProgress(stream: NodeJS.WriteStream, silent: boolean): Progress {
  let shown = false;
  let lastMs = Date.now();
  const clear = (): void => {
    if (shown) stream.write('\r\u001b[2K');
    shown = false;
  };
  const isDue = (): boolean => {
    const everyMs = stream.isTTY ? BAR_EVERY_MS : PLAIN_EVERY_MS;
    if (silent || Date.now() - lastMs < everyMs) return false;
    lastMs = Date.now();
    return true;
  };
  // It is told of each of a million files: words are found only for what is shown.
  const count = (path: string, done: number): void => {
    if (!isDue()) return;
    const text = `reading ${visible(path)}: ${countOf(done, 'message')} so far`;
    stream.write(stream.isTTY ? `\r\u001b[2K${text}` : `${text}\n`);
    shown = stream.isTTY;
  };
  const draw = (text: string, done: number, total: number): void => {
    if (total === 0 || !isDue()) return;
    if (!stream.isTTY) {
      stream.write(`${text}: ${done} of ${total}\n`);
      return;
    }
    const filled = Math.round((Math.min(done, total) / total) * BAR_CELLS);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
    stream.write(`\r\u001b[2K${bar} ${done}/${total} ${text}`);
    shown = true;
  };
  return {
    take: (event) => {
      if (event.kind === 'scan-progress') {
        draw(`reading ${event.account} ${event.mailbox}`, event.done, event.total);
        return true;
      }
      if (event.kind === 'files-progress') {
        count(event.path, event.done);
        return true;
      }
      if (event.kind === 'act-progress') {
        draw('carrying out', event.done, event.total);
        return true;
      }
      return false;
    },
    clear,
  };
}
