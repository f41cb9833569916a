/** What the thread that fuzzes shows the one that watches it, even when it hangs. */

/** Longer inputs are not made. */
const ROOM = 1024 * 1024;
const RUN = 0;
const TARGET = 1;
const LENGTH = 2;

/** The shared octets: three numbers, then the input. */
export function createWindow(): SharedArrayBuffer {
  return new SharedArrayBuffer(12 + ROOM);
}

/** Shows what is about to be read. */
export function show(window: SharedArrayBuffer, at: { target: number; input: Buffer }): void {
  const numbers = new Int32Array(window, 0, 3);
  new Uint8Array(window, 12).set(at.input.subarray(0, ROOM));
  Atomics.store(numbers, TARGET, at.target);
  Atomics.store(numbers, LENGTH, Math.min(ROOM, at.input.length));
  Atomics.add(numbers, RUN, 1);
}

/** What is shown; `run` counts the inputs. */
export function look(window: SharedArrayBuffer): { run: number; target: number; input: Buffer } {
  const [run = 0, target = 0, length = 0] = new Int32Array(window, 0, 3);
  return { run, target, input: Buffer.from(new Uint8Array(window, 12, length).slice()) };
}
