/**
 * `npm run faults -- [--seeds N] [--first SEED]`: the fault rig on the sandbox server, in as many
 * processes as the machine has cores. `--proxy` plays on real Dovecot behind a proxy with faults, as
 * many seeds on a modern server and on a bare one. `--kills N` kills real processes with SIGKILL on
 * real Dovecot. `--cluster` plays many workers around one Redis, killed at random; with
 * `--flush` Redis is emptied, too. `--flapping` plays days of a bad network on simulated time. `--planted` plants known bugs and shows that each is caught.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runClusterRig } from './cluster/cluster-rig.ts';
import { playDay } from './flapping/flapping-rig.ts';
import { runKillRig } from './kills/kill-rig.ts';
import type { CaseResult } from './model/stage.ts';
import { catchBug, PLANTED_BUGS } from './planted.ts';
import { playSeedsOnDovecot } from './proxy/play-seeds.ts';
import { addResult, newTally, renderTally, type Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '0' },
    planted: { type: 'boolean', default: false },
    proxy: { type: 'boolean', default: false },
    kills: { type: 'string' },
    cluster: { type: 'boolean', default: false },
    flapping: { type: 'boolean', default: false },
    hours: { type: 'string', default: '24' },
    flush: { type: 'boolean', default: false },
    accounts: { type: 'string', default: '50' },
    messages: { type: 'string', default: '5000' },
    people: { type: 'string', default: '1' },
  },
});
const range = { first: Number(values.first), seeds: Number(values.seeds) };

/** Messages of one set of jobs that is killed. */
const MESSAGES = 500;

/** Plays the range, each process taking a slice of it. */
async function playAll(): Promise<Tally> {
  const tally = newTally();
  const workers = availableParallelism();
  const share = Math.ceil(range.seeds / workers);
  const slices = Array.from({ length: workers }, (_, index) => {
    const from = index * share;
    return { first: range.first + from, count: Math.max(0, Math.min(share, range.seeds - from)) };
  });
  await Promise.all(slices.map((slice) => playSlice(slice, tally)));
  return tally;
}

async function playSlice(slice: { first: number; count: number }, tally: Tally): Promise<void> {
  if (slice.count === 0) return;
  const file = fileURLToPath(new URL('./model/play-range.js', import.meta.url));
  const child = fork(file, [String(slice.first), String(slice.count)]);
  child.on('message', (result: CaseResult) => take(tally, result, 'seed'));
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a process of the rig ended with ${code}`)),
    );
  });
}

async function playProxied(): Promise<Tally> {
  const tally = newTally();
  for (const profile of ['modern', 'bare'] as const) {
    await playSeedsOnDovecot(profile, range, (result) => take(tally, result, `${profile} seed`));
  }
  return tally;
}

function take(tally: Tally, result: CaseResult, what: string): void {
  addResult(tally, result);
  for (const problem of result.problems) {
    process.stdout.write(`${what} ${result.seed}: ${problem}\n`);
  }
}

function playPlanted(): boolean {
  let isWell = true;
  for (const bug of PLANTED_BUGS) {
    const { seed, problem } = catchBug(bug, { firstSeed: range.first, seeds: range.seeds });
    if (seed === null) isWell = false;
    const verdict = seed === null ? 'NOT CAUGHT' : `caught by seed ${seed}: ${problem}`;
    process.stdout.write(`${bug.name}: ${verdict}\n`);
  }
  return isWell;
}

/** Half of the kills on each kind of server. */
async function killProcesses(kills: number): Promise<boolean> {
  let isWell = true;
  for (const [index, profile] of (['modern', 'bare'] as const).entries()) {
    const share = index === 0 ? Math.ceil(kills / 2) : Math.floor(kills / 2);
    const options = { profile, kills: share, messages: MESSAGES, seed: range.first + index };
    const report = await runKillRig(options);
    if (report.problems.length > 0) isWell = false;
    for (const problem of report.problems) process.stdout.write(`${profile}: ${problem}\n`);
    process.stdout.write(
      `${profile}: ${report.kills} kills over ${report.jobSets} sets of ${MESSAGES} messages, ` +
        `${report.problems.length} problems, at most ${(report.longestMs / 1000).toFixed(1)} s from the last kill to the end\n`,
    );
  }
  return isWell;
}

/** Days of a bad network, one after the other. */
async function playDays(): Promise<boolean> {
  let isWell = true;
  const hours = Number(values.hours);
  const days = values.seeds === '1000' ? 1 : range.seeds;
  for (let seed = range.first + 1; seed <= range.first + days; seed++) {
    const { delivered, connects, cuts, delaysMs, problems } = await playDay({
      ...{ seed, hours, accounts: 12 },
    });
    if (problems.length > 0) isWell = false;
    for (const problem of problems) process.stdout.write(`seed ${seed}: ${problem}\n`);
    const sorted = [...delaysMs].sort((a, b) => a - b);
    const at = (share: number): string =>
      ((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) / 1000).toFixed(0);
    process.stdout.write(
      `seed ${seed}: ${hours} hours, 12 accounts, ${delivered} delivered, ${problems.length} problems; ` +
        `${connects} connections, ${cuts} cut; filed after p50 ${at(0.5)} s, p99 ${at(0.99)} s, ` +
        `at most ${at(1)} s from when the network was back\n`,
    );
  }
  return isWell;
}

async function playCluster(): Promise<boolean> {
  const workers = { trigger: 2, scan: 2, act: 3 };
  const [accounts, messages] = [Number(values.accounts), Number(values.messages)];
  const report = await runClusterRig({
    ...{ accounts, messages, workers, seed: range.first + 1, people: Number(values.people) },
    ...{ killEveryMs: 2500, redisCrashes: 2, flush: values.flush, patienceMs: 600_000 },
  });
  for (const problem of report.problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(
    `${accounts} accounts, ${messages} messages, ${JSON.stringify(workers)}: ${report.kills} workers killed, ` +
      `${report.commands} commands given beside them, Redis killed ${report.redisCrashes} times; ${report.problems.length} problems; ` +
      `all at rest ${(report.restMs / 1000).toFixed(1)} s after the last kill\n`,
  );
  return report.problems.length === 0;
}

if (values.planted) {
  process.exitCode = playPlanted() ? 0 : 1;
} else if (values.flapping) {
  process.exitCode = (await playDays()) ? 0 : 1;
} else if (values.cluster) {
  process.exitCode = (await playCluster()) ? 0 : 1;
} else if (values.kills !== undefined) {
  process.exitCode = (await killProcesses(Number(values.kills))) ? 0 : 1;
} else {
  const startedMs = Date.now();
  const tally = values.proxy ? await playProxied() : await playAll();
  process.stdout.write(renderTally(tally, Date.now() - startedMs));
  process.exitCode = tally.failedSeeds.length === 0 ? 0 : 1;
}
