import { expect, test } from 'vitest';
import { tlsFindings } from '../../src/engine/doctor/server.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

const END_MS = Date.UTC(2026, 3, 1);
const TLS = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  certificate: {
    subject: 'mail.example',
    issuer: 'Some Authority',
    validToMs: END_MS,
    pin: 'sha256/AAAA',
  },
};

test.each<[number, string, RegExp]>([
  [90, 'ok', /^certificate of mail\.example by Some Authority, until 2026-04-01: 90 days left$/],
  [14, 'ok', /14 days left$/],
  [13, 'warning', /13 days left; after that every login is refused/],
])('says that a certificate has %i days left', (days, severity, text) => {
  const account = loopbackAccount({ port: 1, user: 'a', password: 'b' });
  expect(tlsFindings(TLS, account, END_MS - days * 86_400_000)).toMatchObject([
    { severity: 'ok', text: 'TLSv1.3, TLS_AES_256_GCM_SHA384' },
    { severity, text: expect.stringMatching(text) },
    { severity: 'ok', text: 'to pin its key: pin: sha256/AAAA' },
  ]);
});
