import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockInstance } from '../../src/journal/instance-lock.ts';
import { availableDrivers } from '../../src/journal/sqlite-driver.ts';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-test-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test.each(availableDrivers())('a second holder is told the first one (%s)', (driver) => {
  const release = lockInstance(directory, driver);
  expect(() => lockInstance(directory, driver)).toThrow(
    expect.objectContaining({
      code: 'INSTANCE_RUNNING',
      facts: { path: directory, pid: process.pid },
    }),
  );
  release();
  lockInstance(directory, driver)();
});

test('the pid of a process that is long gone keeps nobody out', () => {
  writeFileSync(join(directory, 'lock.pid'), '1\n');
  lockInstance(directory)();
});

test('a directory that is not there is JOURNAL_UNAVAILABLE, not a running instance', () => {
  expect(() => lockInstance(join(directory, 'absent'))).toThrow(
    expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }),
  );
});

test('another process keeps the journal to itself until it is killed', async () => {
  const child = await holderProcess();
  try {
    await expect(openSqliteJournal({ directory })).rejects.toMatchObject({
      code: 'INSTANCE_RUNNING',
      facts: { path: directory, pid: child.pid },
    });
    const reader = await openSqliteJournal({ directory, readOnly: true });
    expect(await reader.runs(1)).toEqual([]);
    await reader.close();
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  await (await openSqliteJournal({ directory })).close();
}, 30_000);

/** A process that has opened the journal for writing and waits to be killed. */
async function holderProcess(): Promise<ChildProcess> {
  // Node 20 cannot load TypeScript by itself; the test runner's loader can.
  const script = `
    import { createViteServer } from 'vitest/node';
    const server = await createViteServer({
      configFile: false, appType: 'custom', logLevel: 'error', optimizeDeps: { noDiscovery: true },
      server: { middlewareMode: true, ws: false, watch: null, hmr: false },
    });
    const { openSqliteJournal } = await server.ssrLoadModule('/src/journal/sqlite-journal.ts');
    await openSqliteJournal({ directory: process.argv[1] });
    process.stdout.write('open');
    setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, directory], {
    cwd: new URL('../..', import.meta.url).pathname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const first = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(String(first[0])).toBe('open');
  return child;
}
