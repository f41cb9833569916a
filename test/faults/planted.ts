/**
 * Known bugs, planted into a compiled copy of the program, so that the rig can show that it notices
 * each of them. A rig that cannot find these would not find others either.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compiled } from '../support/compiled.ts';

/** One bug: text of compiled files that is replaced by worse text. */
export interface PlantedBug {
  readonly name: string;
  readonly edits: readonly {
    readonly file: string;
    readonly find: string;
    readonly replace: string;
  }[];
}

/** The bugs that people have made before. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'COPY is repeated blindly after a lost answer',
    edits: [
      {
        file: 'src/act/steps/copy.js',
        find: "const attempts = attemptsOf(request.past, 'copy');",
        replace: 'const attempts = null;',
      },
    ],
  },
  {
    name: 'MOVE is trusted on OK',
    edits: [
      {
        file: 'src/act/steps/move.js',
        find: 'const believed = isWhole && copyUid !== null ? outcomesBy(copyUid, uids) : null;',
        replace: "const believed = uids.map((uid) => ({ uid, result: 'done' }));",
      },
    ],
  },
  {
    name: 'EXPUNGE is sent without UIDs',
    edits: [
      {
        file: 'src/imap/commands/expunge.js',
        find: "verb: 'UID EXPUNGE',",
        replace: "verb: 'EXPUNGE',",
      },
      { file: 'src/imap/write-gate.js', find: "'UID EXPUNGE',", replace: "'EXPUNGE'," },
    ],
  },
  {
    name: 'the bookmark is written before the plan',
    edits: [
      {
        file: 'src/engine/run-accounts.js',
        find: 'await keepMemory(context, account, sweep);',
        replace:
          'await keepMemory(context, account, sweep); await context.journal.saveCursors(sweep.cursors);',
      },
    ],
  },
  {
    name: 'an undo does not suppress the rules that it takes back',
    edits: [
      {
        file: 'src/engine/carry-out.js',
        find: 'savePlan(plan, work.cursors, work.suppressions)',
        replace: 'savePlan(plan, work.cursors, [])',
      },
    ],
  },
  {
    name: 'FLAGS replaces what +FLAGS should add to',
    edits: [{ file: 'src/imap/commands/store.js', find: "'+FLAGS'", replace: "'FLAGS'" }],
  },
  {
    name: 'what a server with QRESYNC says was changed is not looked at again',
    edits: [
      {
        file: 'src/imap/commands/changed-since.js',
        find: 'changed.add(row.uid)',
        replace: 'changed.delete(row.uid)',
      },
    ],
  },
];

/** What came of one bug. */
export interface Caught {
  readonly bug: string;
  /** The first seed whose verdict was not clean; null when the rig saw nothing. */
  readonly seed: number | null;
  /** What the rig said. */
  readonly problem: string;
}

/**
 * Plays seeds from `firstSeed` on a program with the bug, `seeds` at most, until the rig notices.
 * Throws when the place of the bug is not in the program any more.
 */
export function catchBug(bug: PlantedBug, range: { firstSeed: number; seeds: number }): Caught {
  const entry = compiled('test/faults/model/play-range.ts');
  const root = new URL('../../../', entry);
  for (const { file, find, replace } of bug.edits) {
    const path = fileURLToPath(new URL(file, root));
    const text = readFileSync(path, 'utf8');
    if (!text.includes(find))
      throw new Error(`${file} has no ${find}: the planted bug has no place`);
    writeFileSync(path, text.replace(find, replace));
  }
  const words = [String(range.firstSeed), String(range.seeds), 'first'];
  const output = execFileSync(process.execPath, [fileURLToPath(entry), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [seed = '', problem = ''] = (output.trim().split('\n').at(-1) ?? '').split('\t');
  return { bug: bug.name, seed: /^\d+$/.test(seed) ? Number(seed) : null, problem };
}
