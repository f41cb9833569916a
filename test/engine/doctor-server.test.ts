import { expect, test } from 'vitest';
import { tlsFindings } from '../../src/engine/doctor/server.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

test.each<[number, string, RegExp]>([
  [
    90,
    'ok',
    /^certificate of Mail, mail.example by Some Authority, until 2026-04-01: 90 days left$/,
  ],
  [13, 'warning', /13 days left; after that every login is refused/],
])('says that a certificate has %i days left', (days, severity, text) => {
  const nowMs = Date.UTC(2026, 3, 1) - days * 86_400_000;
  const certificate = {
    subject: 'Mail, mail.example',
    issuer: 'Some Authority',
    validToMs: Date.UTC(2026, 3, 1),
    pin: 'sha256/AAAA',
  };
  const tls = { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', certificate };
  const account = loopbackAccount({ port: 1, user: 'a', password: 'b' });
  expect(tlsFindings({ tls, namespaces: [], software: null }, account, nowMs)).toMatchObject([
    { severity: 'ok', text: 'TLSv1.3, TLS_AES_256_GCM_SHA384' },
    { severity, text: expect.stringMatching(text) },
    { severity: 'info', text: expect.stringContaining('sha256/AAAA') },
  ]);
});
