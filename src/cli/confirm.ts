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
    // At the end of input readline closes and never answers the question.
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted || (error instanceof Error && error.name === 'AbortError')) return false;
    throw error;
  } finally {
    lines.close();
  }
}
