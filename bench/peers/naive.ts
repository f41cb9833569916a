/** The naive program as a contender. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.ts';
import type { NaiveInput } from './naive-program.ts';

const PROGRAM = fileURLToPath(new URL('./naive-program.js', import.meta.url));

/** One message at a time; for the picture it runs once. */
export const naive: Contender = {
  name: 'naive client',
  runs: 1,
  prepare: ({ server, user, plan }, directory) => {
    const { port, password } = server;
    const input: NaiveInput = { port, user, password, rules: plan.rules };
    writeFileSync(join(directory, 'input.json'), JSON.stringify(input));
    return { program: process.execPath, args: [PROGRAM, 'input.json'], cwd: directory };
  },
};
