/**
 * SIGKILL in the middle of a run of 2,000 messages, again and again: the next run finishes what was
 * begun, and the witness finds every message once, where the reference puts it (I1, I2, I5 to I7).
 */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { difference, lineOf, standing, takeSnapshot } from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { Profile } from '../servers/dovecot-config.ts';
import { generateLetters, randomFrom, toMessage } from './generate-mail.ts';
import { fateOf, OFFICE_RULES } from './office-rules.ts';
import { makeWorkplace } from './program.ts';

const KILLS = 20;
const SCRIPT = fileURLToPath(new URL('run-impatiently.mjs', import.meta.url));
const MUTATING = /^\S+ (UID )?(STORE|COPY|MOVE|EXPUNGE|CREATE)\b/;

describe.each<[Profile, number]>([
  ['modern', 11],
  ['bare', 12],
])('on a %s server', (profile, seed) => {
  let server: Dovecot;
  beforeAll(async () => {
    server = await startDovecot(profile);
  });
  afterAll(async () => {
    await server?.stop();
  });

  test(`${KILLS} kills at random moments lose nothing and double nothing`, async () => {
    const random = randomFrom(seed);
    let kills = 0;
    for (let round = 0; kills < KILLS; round++) {
      const office = await makeOffice(server, seed + round);
      try {
        let ending = await office.runUntil(random);
        while (ending.killed) {
          kills += 1;
          ending = kills < KILLS ? await office.runUntil(random) : await office.runUntil(null);
        }
        expect(ending).toEqual({ killed: false, exit: 0, complaints: '' });
        expect(await office.check()).toEqual([]);
      } finally {
        office.remove();
      }
    }
  }, 600_000);
});

interface Ending {
  readonly killed: boolean;
  readonly exit: number | null;
  readonly complaints: string;
}

async function makeOffice(server: Dovecot, seed: number) {
  const nowMs = Date.now();
  const access = { port: server.port, user: server.newUser(), password: server.password };
  const letters = generateLetters(2000, seed, nowMs);
  const client = await openPlainImap(access);
  await client.append('INBOX', letters.map(toMessage));
  // Somebody else's \Deleted mail, which no rule names: it must survive every run.
  const bait = {
    raw: 'X-Test-Id: bait\r\nSubject: bait\r\n\r\nstay\r\n',
    internalDate: new Date(0),
  };
  await client.append('INBOX', [{ ...bait, flags: ['\\Deleted'] }]);
  await client.close();
  const place = makeWorkplace({
    server,
    user: access.user,
    rules: OFFICE_RULES,
    account: '    roles: { junk: Junk, trash: Trash }',
  });
  return {
    remove: () => place.remove(),
    runUntil: (random: (() => number) | null): Promise<Ending> =>
      runAndKill(place.directory, server.password, random),
    check: async (): Promise<readonly string[]> => {
      const expected = letters.flatMap((letter) => {
        const { mailbox, flags, copies } = fateOf(letter, nowMs);
        const internalDateMs = letter.internalDate.getTime();
        return [mailbox, ...copies].map((each) =>
          lineOf(each, { id: letter.id, flags, internalDateMs }),
        );
      });
      const found = await takeSnapshot(access);
      const baits = found.get('INBOX')?.filter(({ id }) => id === 'bait').length;
      return [
        ...difference(expected, standing(found)),
        ...(baits === 1 ? [] : ['the bait is gone']),
      ];
    },
  };
}

/** Runs once; with `random`, kills after a few commands that change something, and a moment. */
async function runAndKill(
  cwd: string,
  password: string,
  random: (() => number) | null,
): Promise<Ending> {
  const child = spawn(process.execPath, [SCRIPT], {
    cwd,
    env: { ...process.env, OFFICE_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  let commandsLeft = random === null ? Number.POSITIVE_INFINITY : 1 + Math.floor(random() * 5);
  const waitMs = random === null ? 0 : random() * 12;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      if (!MUTATING.test(line)) continue;
      commandsLeft -= 1;
      if (commandsLeft === 0) void delay(waitMs).then(() => child.kill('SIGKILL'));
    }
  });
  const [exit, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (...end) => resolve(end));
  });
  const killed = signal === 'SIGKILL';
  return { killed, exit, complaints: killed ? '' : complaints };
}
