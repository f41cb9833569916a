/**
 * The floor: sends a conversation over bare sockets and waits for the tagged answers. It reads nothing
 * of them but where they end. `node floor-program.js FILE`.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Conversation, Part } from './conversation.ts';
import { createScanner } from './response-scanner.ts';

const file = process.argv[2] ?? '';
const { port, connections }: Conversation = JSON.parse(readFileSync(file, 'utf8'));
await Promise.all(connections.map(hold));

async function hold(parts: readonly Part[]): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  let answers = 0;
  let next = 0;
  await new Promise<void>((resolve, reject) => {
    const goOn = (): void => {
      for (let part = parts[next]; part !== undefined; part = parts[next]) {
        if (part.afterAnswers > answers) return;
        socket.write(part.send, 'latin1');
        next += 1;
      }
    };
    const scan = createScanner((line) => {
      answers += 1;
      if (/^\S+ (NO|BAD)/.test(line)) reject(new Error(`the server refused: ${line}`));
      goOn();
    });
    socket.on('data', (chunk: Buffer) => scan(chunk));
    socket.on('error', reject);
    // LOGOUT is the last command, and the server closes after it.
    socket.on('close', () => {
      if (next === parts.length) resolve();
      else reject(new Error(`the server closed after ${next} of ${parts.length} parts`));
    });
  });
}
