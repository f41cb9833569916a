/** The daemon as others see it: health, readiness and metrics over HTTP, as long as it runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeWorkbench } from './workbench.ts';

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 5000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error('it did not happen within 5 s');
    await delay(5);
  }
}

test('health, readiness and metrics are served while the daemon runs', async () => {
  const bench = await makeWorkbench();
  const config = readFileSync(join(bench.directory, 'mailwright.yaml'), 'utf8');
  bench.write('mailwright.yaml', `${config}monitor: { listen: "127.0.0.1:0" }\n`);
  const engine = await bench.open();
  const watching = engine.watch();
  const address = (): string =>
    bench.events.flatMap((event) =>
      event.kind === 'notice' ? [/http:\S+/.exec(event.text)?.[0] ?? ''] : [],
    )[0] ?? '';
  await until(() => address() !== '');
  const url = address();
  await until(() => bench.events.some(({ kind }) => kind === 'job-ended'));
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
    /mailwright_job_seconds_count\{outcome="done"\} [1-9]/,
  );
  bench.abort.abort();
  await watching;
  await engine.close();
  await bench.close();
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});
