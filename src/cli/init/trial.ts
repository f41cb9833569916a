/** A configuration before it is written: read and checked in a folder of its own, which then goes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Secret } from '../../core/secret.ts';
import { openEngine } from '../../engine/api.ts';
import type { PlanResult } from '../../engine/request.ts';
import { withPasswordInHand } from '../../engine/setup/in-hand.ts';
import type { CommandContext } from '../run-command.ts';
import { CONFIG_FILE, RULES_FILE } from './folder.ts';

/** The texts of both files, and the account with its password. */
export interface Trial {
  readonly config: string;
  readonly rules: string;
  readonly account: string;
  /** Null: the account keeps its own way of signing in. */
  readonly password: Secret | null;
}

/** Reads and checks both as `check` does, and works with them. Throws CONFIG_INVALID, RULES_INVALID. */
export async function withTrial<T>(
  { config, rules, account, password }: Trial,
  work: (config: Config) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'mailwright-init-'));
  try {
    await mkdir(join(directory, 'rules'));
    await writeFile(join(directory, CONFIG_FILE), config);
    await writeFile(join(directory, RULES_FILE), rules);
    const loaded = await loadConfig({ cwd: directory });
    const own = loaded.config;
    return await work(password === null ? own : withPasswordInHand(own, account, password));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The plan of a configuration, read-only; nothing is kept. */
export async function planWith(context: CommandContext, config: Config): Promise<PlanResult> {
  const { output, signal, options } = context;
  const { emit } = output;
  const engine = await openEngine({ config, access: 'read', emit, trace: options.trace, signal });
  try {
    return await engine.plan({ scope: 'all', account: undefined, rule: undefined });
  } finally {
    // A question may come next, on the line of the progress bar.
    output.settle();
    await engine.close();
  }
}
