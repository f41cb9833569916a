/**
 * Two limits that no client can pass: the very commands of ours without a thought between them, and
 * the fewest commands that can do the work at all.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderUidSet } from '../../src/mail/uid-set.ts';
import { quote } from '../../test/oracle/plain-imap.ts';
import { generateCorpus } from '../corpus/messages.ts';
import type { Stage } from '../corpus/stage.ts';
import { type Command, measure } from '../measure.ts';
import type { Contender } from './contender.ts';
import { type Conversation, startRecorder } from './conversation.ts';
import { configure } from './mailwright.ts';

const PROGRAM = fileURLToPath(new URL('./floor-program.js', import.meta.url));

/** Sends what `mailwright run` sends, which is taken down from a run of its own. */
export async function floorOf(stage: Stage): Promise<Contender> {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
  const { server, user, plan } = stage;
  await stage.restore();
  const recorder = await startRecorder(server.port);
  const setting = { port: recorder.port, password: server.password, user, rules: plan.rules };
  await measure(configure(directory, setting)('run', '--yes'));
  const conversation = await recorder.end();
  rmSync(directory, { recursive: true });
  return { name: 'floor', prepare: (_, place) => play(conversation, place) };
}

/**
 * Selects INBOX, fetches the headers that the rules ask for, and moves each destination's messages,
 * all said at once: its author knew the result.
 */
export function fewestCommands(stage: Stage): Contender {
  const { server, user, plan } = stage;
  const uids = new Map<string, number[]>();
  let uid = 0;
  for (const { destination } of generateCorpus(plan)) {
    uid += 1;
    uids.set(destination, [...(uids.get(destination) ?? []), uid]);
  }
  uids.delete('INBOX');
  const byAge = plan.rules[0]?.test.kind === 'before';
  const commands = [
    `LOGIN ${quote(user)} ${quote(server.password)}`,
    'SELECT INBOX',
    byAge ? 'UID SEARCH BEFORE 1-Jan-2020' : FETCH,
    ...[...uids].map(([mailbox, set]) => `UID MOVE ${renderUidSet(set)} ${quote(mailbox)}`),
    'LOGOUT',
  ];
  const send = commands.map((text, index) => `f${index} ${text}\r\n`).join('');
  const conversation = { port: server.port, connections: [[{ send, afterAnswers: 1 }]] };
  return { name: 'fewest commands', prepare: (_, place) => play(conversation, place) };
}

const FETCH = 'UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (FROM SUBJECT LIST-ID)])';

function play(conversation: Conversation, directory: string): Command {
  const file = join(directory, 'conversation.json');
  writeFileSync(file, JSON.stringify(conversation));
  return { program: process.execPath, args: [PROGRAM, file], cwd: directory };
}
