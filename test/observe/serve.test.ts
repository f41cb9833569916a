/** What the monitoring endpoints say, to whom, and what the documentation says of them. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import { accountId } from '../../src/core/brand.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { createHealth } from '../../src/observe/health.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { type MonitorServer, serveMonitor } from '../../src/observe/serve.ts';

const HOME = accountId('home');
const health = () => createHealth();
let server: MonitorServer;
let parts: { health: ReturnType<typeof createHealth>; metrics: ReturnType<typeof createMetrics> };
beforeEach(async () => {
  parts = { health: health(), metrics: createMetrics() };
  server = await serveMonitor({ host: '127.0.0.1', port: 0 }, parts);
});
afterEach(async () => {
  await server.stop();
});

function tell(event: AppEvent): void {
  parts.health.take(event);
  parts.metrics.take(event);
}

const state = (name: 'idle' | 'auth failed'): AppEvent => ({
  ...{ kind: 'account-state', account: HOME, state: name, untilMs: null, reason: 'refused' },
});

async function ask(
  path: string,
  options: { method?: string; host?: string } = {},
): Promise<{ status: number; text: string }> {
  const { method = 'GET', host = 'localhost' } = options;
  return await new Promise((resolve, reject) => {
    const asked = request({ port: server.port, path, method, headers: { host } }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => {
        text += data.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.once('error', reject);
    asked.end();
  });
}

test('it is ready once accounts are watched, and not while one needs a person', async () => {
  expect(await ask('/healthz')).toEqual({ status: 200, text: 'alive\n' });
  expect((await ask('/readyz')).status).toBe(503);
  tell(state('idle'));
  expect(await ask('/readyz')).toEqual({ status: 200, text: 'ready\n' });
  tell(state('auth failed'));
  expect(await ask('/readyz')).toEqual({ status: 503, text: 'account "home": refused\n' });
  tell({ kind: 'reloaded', started: [], stopped: [HOME] });
  expect((await ask('/readyz')).status).toBe(200);
});

test('a journal that cannot be written is not ready', async () => {
  tell(state('idle'));
  tell({ kind: 'problem', code: 'JOURNAL_UNAVAILABLE', text: 'disk full', hint: 'make room' });
  expect(await ask('/readyz')).toEqual({ status: 503, text: 'disk full\n' });
});

test('events are counted', async () => {
  tell(state('idle'));
  tell({ ...{ kind: 'job-ended', account: HOME, source: 'arrival' }, outcome: 'done', ms: 40 });
  tell({ kind: 'problem', code: 'LOGIN_REFUSED', text: 'secret words', hint: '' });
  const { text } = await ask('/metrics');
  expect(text).toContain('mailwright_account_state{account="home",state="idle"} 1');
  expect(text).toContain('mailwright_account_state{account="home",state="throttled"} 0');
  expect(text).toContain('mailwright_job_seconds_bucket{le="0.05",outcome="done"} 1');
  expect(text).toContain('mailwright_problems_total{code="LOGIN_REFUSED"} 1');
  expect(text).toContain('process_resident_memory_bytes');
  expect(text).not.toContain('secret words');
});

test.each([
  ['/metrics', { method: 'POST' }, 405],
  ['/metrics', { host: 'evil.example' }, 403],
  ['/metrics', { host: '127.0.0.1:9464' }, 200],
  ['/metrics', { host: '[::1]:9464' }, 200],
  ['/metrics?x=1', {}, 200],
  ['/../mailwright.yaml', {}, 404],
  ['/', {}, 404],
])('%s with %j is answered %i', async (path, options, status) => {
  expect((await ask(path, options)).status).toBe(status);
});

test('an address that is taken is an error that names it', async () => {
  const taken = serveMonitor({ host: '127.0.0.1', port: server.port }, parts);
  await expect(taken).rejects.toSatisfy((error) => isAppError(error, 'MONITOR_UNAVAILABLE'));
});

test('docs/monitoring.md has every metric, and every event of the catalogue', () => {
  const page = readFileSync('docs/monitoring.md', 'utf8');
  for (const { name, help } of parts.metrics.described) {
    expect(page).toContain(`\`${name}\``);
    expect(page).toContain(help);
  }
  const catalogue = readFileSync('src/core/events.ts', 'utf8');
  const kinds = [...catalogue.matchAll(/readonly kind: '([a-z-]+)'/g)].map(([, kind]) => kind);
  expect(kinds.length).toBeGreaterThan(15);
  for (const kind of kinds) expect(page).toContain(`| \`${kind}\``);
});
