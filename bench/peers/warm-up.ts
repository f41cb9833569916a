/** Lets every kind of contender look at the mail once, so that the server's caches favour none. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilingRule } from '../corpus/rule-set.ts';
import type { Stage } from '../corpus/stage.ts';
import { measure } from '../measure.ts';
import { imapfilterDry } from './imapfilter.ts';
import { configure } from './mailwright.ts';

/** Rules enough that each kind of search has been made. */
const RULES = 5;

/**
 * `mailwright plan` and `imapfilter -n`, each twice: Dovecot caches a header field when it is asked for
 * again. Then puts the mail away.
 */
export async function warmUp(stage: Stage): Promise<void> {
  const rules: readonly FilingRule[] = stage.plan.rules.slice(0, RULES);
  const few: Stage = { ...stage, plan: { ...stage.plan, rules } };
  for (let look = 0; look < 2; look++) {
    const directory = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
    const { port, password } = stage.server;
    const setting = { port, password, user: stage.user, rules };
    await measure(configure(directory, setting)('plan'));
    await measure(imapfilterDry(few, directory));
    rmSync(directory, { recursive: true });
  }
  await stage.untilQuiet();
  stage.keep();
}
