/** The example of docs/outside.md, as a receiver would copy it, against real calls. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { secret } from '../../src/core/secret.ts';
import { callWebhook } from '../../src/effects/webhook.ts';
import { answer, startWebServer } from '../support/web-server.ts';

test('the signature check of the documentation accepts our calls and no others', async () => {
  const page = readFileSync(new URL('../../docs/outside.md', import.meta.url), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-example-'));
  const server = await startWebServer([answer(204)]);
  try {
    writeFileSync(join(directory, 'example.mjs'), code);
    const { isFromMailwright } = await import(
      /* @vite-ignore */ pathToFileURL(join(directory, 'example.mjs')).href
    );
    const nowMs = Date.UTC(2026, 0, 2);
    await callWebhook({
      url: `http://127.0.0.1:${server.port}/`,
      body: { subject: 'naïve – ✓' },
      secret: secret('shared'),
      idempotencyKey: 'key',
      nowMs,
      allowPrivate: true,
    });
    const [{ headers, body } = { headers: {}, body: '' }] = server.seen;
    const now = nowMs / 1000;
    expect(isFromMailwright(headers, body, 'shared', now)).toBe(true);
    expect(isFromMailwright(headers, body, 'shared', now + 299)).toBe(true);
    expect(isFromMailwright(headers, body, 'shared', now + 301)).toBe(false);
    expect(isFromMailwright(headers, body, 'other', now)).toBe(false);
    expect(isFromMailwright(headers, `${body} `, 'shared', now)).toBe(false);
    expect(isFromMailwright({}, body, 'shared', now)).toBe(false);
    const later = { ...headers, 'x-mailwright-timestamp': String(now + 60) };
    expect(isFromMailwright(later, body, 'shared', now + 60)).toBe(false);
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
