/** A real pseudo-terminal with somebody before it: tmux, whose screen a test can read. */
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureTmux } from './install.ts';

/** A terminal in which one program runs. */
export interface Terminal {
  /** Types text as it is. */
  type(text: string): void;
  /** Presses keys by their tmux names: Enter, Down, Space, C-c. */
  press(...keys: readonly string[]): void;
  /** What is on the screen, without blanks at the ends of lines and without empty lines at its end. */
  screen(): string;
  /** Waits until the screen is as `isSo` wants it, and gives it; after 30 s as it then is. */
  until(isSo: (screen: string) => boolean): Promise<string>;
  /** Ends the program and the terminal. */
  close(): void;
}

const WAIT_MS = 30_000;
const LOOK_MS = 25;
let terminals = 0;

/** Runs a program in a terminal of 100 columns; "[exit N]" stands at its end. */
export function openTerminal(place: {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly program: readonly string[];
}): Terminal {
  const binary = ensureTmux();
  const socket = `mailwright-test-${process.pid}-${++terminals}`;
  const tmux = (...args: readonly string[]): string =>
    execFileSync(binary, ['-L', socket, '-f', '/dev/null', '-u', ...args], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', TMUX: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const words = place.program.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const env = Object.entries({ NO_COLOR: '1', ...place.env }).flatMap(([name, value]) => [
    '-e',
    `${name}=${value}`,
  ]);
  const size = ['-x', '100', '-y', '60'];
  const command = `${words}; echo "[exit $?]"; exec sleep 600`;
  tmux('new-session', '-d', ...size, '-c', place.cwd, ...env, command);
  const screen = (): string =>
    tmux('capture-pane', '-p', '-t', '0')
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  return {
    type: (text) => void tmux('send-keys', '-t', '0', '-l', text),
    press: (...keys) => void tmux('send-keys', '-t', '0', ...keys),
    screen,
    until: async (isSo) => {
      const deadline = Date.now() + WAIT_MS;
      for (;;) {
        const seen = screen();
        if (isSo(seen) || Date.now() > deadline) return seen;
        await delay(LOOK_MS);
      }
    },
    close: () => void tmux('kill-server'),
  };
}
