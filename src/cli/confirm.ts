/** One question, answered by a person at a terminal. */
import { createInterface } from 'node:readline/promises';

/**
 * Asks `question` and resolves with true for "y" or "yes"; every other answer, an end of input and
 * an abort are a no.
 */
export async function confirm(
  question: string,
  streams: { stdin: NodeJS.ReadableStream; stderr: NodeJS.WritableStream },
  signal: AbortSignal,
): Promise<boolean> {
  const lines = createInterface({ input: streams.stdin, output: streams.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted || (error instanceof Error && error.name === 'AbortError')) return false;
    throw error;
  } finally {
    lines.close();
  }
}
