/**
 * SIGKILL at random moments of real processes over a set of jobs on a real server: in the middle of
 * its commands, and anywhere between its start and its end.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { randomFrom } from '../../e2e/generate-mail.ts';
import { type Ending, makeOffice } from '../../e2e/office.ts';
import { startDovecot } from '../../servers/dovecot.ts';
import type { Profile } from '../../servers/dovecot-config.ts';

/** How often, over how many messages. */
export interface KillOptions {
  readonly profile: Profile;
  readonly kills: number;
  readonly messages: number;
  readonly seed: number;
}

/** What came of it. */
export interface KillReport {
  readonly kills: number;
  /** Accounts that were filled and worked through. */
  readonly jobSets: number;
  /** Everything that was not as it must be. */
  readonly problems: readonly string[];
  /** From the last kill of a job set until all was well, in milliseconds. */
  readonly longestMs: number;
}

/** Lines of one set that are shown when it went wrong. */
const SHOWN = 5;

type Office = Awaited<ReturnType<typeof makeOffice>>;

/** Kills `kills` times in all; a set of jobs that is done is followed by the next. */
export async function runKillRig(options: KillOptions): Promise<KillReport> {
  const server = await startDovecot(options.profile);
  const random = randomFrom(options.seed);
  const problems: string[] = [];
  let kills = 0;
  let jobSets = 0;
  let longestMs = 0;
  try {
    while (kills < options.kills) {
      const seed = options.seed + jobSets;
      const office = await makeOffice(server, { seed, messages: options.messages });
      jobSets += 1;
      // Some sets are killed a few times, some again and again.
      let left = Math.min(options.kills - kills, 1 + Math.floor(random() * 12));
      for (; left > 0; left--) {
        const ending = await runAndKill(office, random);
        if (!ending.killed) break;
        kills += 1;
      }
      const begunMs = performance.now();
      const end = await office.run();
      longestMs = Math.max(longestMs, performance.now() - begunMs);
      if (end.exit !== 0) problems.push(`set ${jobSets} ended with ${end.exit}: ${end.complaints}`);
      const wrong = await office.check();
      problems.push(...wrong.slice(0, SHOWN).map((line) => `set ${jobSets}: ${line}`));
      office.remove();
    }
  } finally {
    await server.stop();
  }
  return { kills, jobSets, problems, longestMs };
}

/** After a few commands that change something and a moment, or after any time at all. */
async function runAndKill(office: Office, random: () => number): Promise<Ending> {
  const kill = (child: { kill(signal: NodeJS.Signals): boolean }, afterMs: number): void => {
    void delay(afterMs).then(() => child.kill('SIGKILL'));
  };
  if (random() < 0.3) {
    return await office.run(undefined, (child) => kill(child, 100 + random() * 900));
  }
  const last = 1 + Math.floor(random() * 8);
  return await office.run((child, count) => {
    if (count === last) kill(child, random() * 12);
  });
}
