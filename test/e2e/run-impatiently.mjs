/**
 * `mailwright run --yes` with short waits for unknown outcomes, for tests that kill it many times:
 * the server is on this machine, and done with a command in milliseconds. Tells each command it
 * sends on standard output, so that a test can choose its moment.
 */
import { loadConfig, openEngine } from '../../dist/src/index.js';

const { config } = await loadConfig({ cwd: process.cwd() });
const engine = await openEngine({
  config,
  access: 'write',
  emit: (event) => {
    if (event.kind === 'trace' && event.from === 'client') console.log(event.line);
    if (event.kind === 'problem') console.error(event.code, event.text);
  },
  trace: true,
  signal: new AbortController().signal,
  timing: { settleMs: 250, graceMs: 1500 },
});
const report = await engine.run({ scope: 'all' }, async () => true);
await engine.close();
const failed = report.accounts.filter((account) => account.kind === 'failed');
for (const { error } of failed) console.error(error.code, error.message);
const parked = [
  ...report.recovered,
  ...report.accounts.flatMap((account) => (account.kind === 'done' ? [account.report] : [])),
].flatMap((each) => each.parked);
for (const { mailbox, uid, reason } of parked) console.error('parked', mailbox, uid, reason);
process.exitCode = failed.length + parked.length > 0 ? 1 : 0;
