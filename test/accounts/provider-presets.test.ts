import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isHostName } from '../../src/accounts/discover/srv-records.ts';
import {
  presetOf,
  providerOfAddress,
  providerOfExchanger,
  providerOfHost,
  serversFor,
} from '../../src/accounts/provider-presets.ts';
import { PROVIDERS } from '../../src/accounts/providers/provider-preset.ts';
import { readThrottle } from '../../src/mail/throttle.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';

const PAGE = readFileSync(join(PACKAGE_ROOT, 'docs/providers.md'), 'utf8');

describe.each(PROVIDERS)('%s', (provider) => {
  const preset = presetOf(provider);

  test('has servers with TLS, whose names are ones', () => {
    for (const { imap, smtp } of [preset, ...Object.values(preset.otherServers)]) {
      expect([imap.port, imap.tls]).toEqual([993, 'implicit']);
      expect([
        [465, 'implicit'],
        [587, 'starttls'],
      ]).toContainEqual([smtp.port, smtp.tls]);
      expect([imap.host, smtp.host].filter((host) => !isHostName(host))).toEqual([]);
    }
  });

  test('has limits that the configuration accepts', () => {
    const { connections, commandsPerMinute, bytesPerDay = 1 } = preset.limits;
    expect(connections).toBeGreaterThanOrEqual(1);
    expect(connections).toBeLessThanOrEqual(15);
    expect(commandsPerMinute).toBeGreaterThanOrEqual(10);
    expect(bytesPerDay).toBeGreaterThan(0);
  });

  test('names its sources, and stands with them in docs/providers.md', () => {
    const { connections, commandsPerMinute } = preset.limits;
    expect(PAGE).toContain(`| \`${provider}\``);
    expect(PAGE).toContain(`${preset.imap.host}:${preset.imap.port}`);
    expect(PAGE).toContain(`${preset.smtp.host}:${preset.smtp.port} (${preset.smtp.tls})`);
    expect(PAGE).toContain(`${connections} connections, ${commandsPerMinute} commands a minute`);
    expect(preset.sources.filter((source) => !PAGE.includes(`<${source}>`))).toEqual([]);
    expect(preset.sources.length).toBeGreaterThan(0);
    for (const source of preset.sources) expect(source).toMatch(/^https:\/\//);
  });

  test('is found by its domains and by its server, and shares none', () => {
    for (const domain of preset.domains) {
      expect(providerOfAddress(`me@${domain}`)).toBe(provider);
      expect(providerOfHost(serversFor(provider, `me@${domain}`).imap.host)).toBe(provider);
    }
    for (const end of preset.mx) expect(providerOfExchanger(`mx1.${end}`)).toBe(provider);
  });

  test.each(preset.quirks.busy)('says "%s", and is left alone', (text) => {
    const code = /^\[(\w+)\]/.exec(text)?.[1] ?? null;
    expect(readThrottle({ code, text })).not.toBeNull();
    // Some servers say it without the code.
    expect(readThrottle({ code: null, text: text.replace(/^\[\w+\] /, '') })).not.toBeNull();
  });
});

test('Microsoft is left alone for as long as it asks', () => {
  const text = 'Request is throttled. Suggested Backoff Time: 299961 milliseconds';
  expect(readThrottle({ code: null, text })).toEqual({ afterMs: 299_961 });
});

test.each(['me@example.org', 'gmail.com', '', 'me@gmail.com.attacker.example', 'me@notgmail.com'])(
  '%j belongs to no provider',
  (address) => {
    expect(providerOfAddress(address)).toBeNull();
  },
);

test.each([
  ['gmx', 'me@gmx.de', 'imap.gmx.net'],
  ['gmx', 'me@gmx.com', 'imap.gmx.com'],
  ['gmx', 'me@vanity.example', 'imap.gmx.net'],
  ['zoho', 'me@zoho.eu', 'imap.zoho.eu'],
  ['zoho', 'me@my.example', 'imappro.zoho.com'],
  ['gmail', 'me@my.example', 'imap.gmail.com'],
  ['gmail', 'me', 'imap.gmail.com'],
] as const)('%s for %s is %s', (provider, user, host) => {
  expect(serversFor(provider, user).imap.host).toBe(host);
});
