/** `pin:`: a key that is named stands for the server; the key of an authority comes on top. */
import { createHash, X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/accounts/account.ts';
import { type Pin, parsePin, whyNoPin } from '../../src/accounts/pin.ts';
import { isAppError } from '../../src/core/app-error.ts';
import { adviceFor } from '../../src/core/error-table.ts';
import { openSession } from '../../src/imap/connect.ts';
import type { MailSession } from '../../src/mail/mail-session.ts';
import {
  CREDENTIAL_FORMS,
  type HostileServer,
  startHostileServer,
  type Talk,
} from '../support/hostile-imap-server.ts';
import {
  AUTHORITY,
  EXPIRED,
  GOOD,
  OTHER_AUTHORITY,
  ROGUE,
  type ServerCertificate,
  WRONG_HOST,
} from '../support/server-certificates.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';

let server: HostileServer | undefined;
let session: MailSession | undefined;
afterEach(async () => {
  session?.destroy();
  await server?.close();
});

/** As `openssl x509 -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256` has it. */
function pinFor(pem: string): Pin {
  const der = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  const pin = parsePin(`sha256/${createHash('sha256').update(der).digest('base64')}`);
  if (pin === undefined) throw new Error('this is a pin');
  return pin;
}

/** A server that behaves, with this certificate. */
async function login(
  certificate: ServerCertificate,
  account: Partial<Account>,
): Promise<MailSession> {
  server = await startHostileServer(
    async (talk) => {
      if (account.tls === 'starttls') {
        talk.say('* OK ready');
        await talk.hear();
        talk.say('* CAPABILITY IMAP4rev1 STARTTLS', 'TAG OK done');
        await talk.hear();
        talk.say('TAG OK go');
        await talk.secure(certificate);
      } else {
        await talk.secure(certificate);
        talk.say('* OK ready');
      }
      await behave(talk);
    },
    { tls: 'implicit', ...account },
  );
  const options = { mode: 'read' as const, emit: () => {}, trace: false };
  session = await openSession(server.account, options).login();
  return session;
}

async function behave(talk: Talk): Promise<void> {
  for (let command = await talk.hear(); command !== null; command = await talk.hear()) {
    if (command === 'CAPABILITY') talk.say('* CAPABILITY IMAP4rev1', 'TAG OK done');
    else if (command.startsWith('LIST')) talk.say('* LIST () "/" INBOX', 'TAG OK done');
    else talk.say('TAG OK done');
  }
}

describe.each(['implicit', 'starttls'] as const)('with %s', (tls) => {
  test.each<[string, ServerCertificate, Partial<Account>]>([
    ['signed by itself', TEST_CERTIFICATE, { ca: null }],
    ['of an unknown authority', ROGUE, { ca: null }],
    ['for another host', WRONG_HOST, { ca: AUTHORITY }],
    ['that is expired', EXPIRED, { ca: AUTHORITY }],
    ['that is right anyhow', GOOD, { ca: AUTHORITY }],
  ])('the pinned key is let in behind a certificate %s', async (_, certificate, account) => {
    const { state } = await login(certificate, {
      ...account,
      tls,
      pins: [pinFor(certificate.cert)],
    });
    expect(state).toBe('authenticated');
  });

  test('another key is refused, whoever signed it, and the error tells both ways out', async () => {
    const failing = login(GOOD, { ca: AUTHORITY, tls, pins: [pinFor(TEST_CERTIFICATE.cert)] });
    const error: unknown = await failing.catch((reason: unknown) => reason);
    if (!isAppError(error, 'TLS_REFUSED')) throw error;
    expect(error.facts).toMatchObject({ problem: 'pin', pin: pinFor(GOOD.cert) });
    expect(adviceFor(error).hint).toContain(`the key that was seen is ${pinFor(GOOD.cert)}`);
    for (const form of CREDENTIAL_FORMS) expect(server?.sent()).not.toContain(form);
    expect(server?.passwordReads()).toBe(0);
  });
});

describe('the pin of an authority', () => {
  const pins = [pinFor(AUTHORITY)];

  test('lets in what it signed, for this host, in time', async () => {
    const { state } = await login(GOOD, { ca: AUTHORITY, pins });
    expect(state).toBe('authenticated');
  });

  test.each<[string, ServerCertificate, string, string]>([
    ['what another trusted authority signed', ROGUE, AUTHORITY + OTHER_AUTHORITY, 'pin'],
    [
      'what another one signed, with the pinned certificate sent along',
      { ...ROGUE, cert: ROGUE.cert + AUTHORITY },
      AUTHORITY + OTHER_AUTHORITY,
      'pin',
    ],
    [
      'what nobody signed, with the pinned certificate sent along',
      { ...TEST_CERTIFICATE, cert: TEST_CERTIFICATE.cert + AUTHORITY },
      AUTHORITY,
      'pin',
    ],
    ['another host', WRONG_HOST, AUTHORITY, 'host-name'],
    ['an expired certificate', EXPIRED, AUTHORITY, 'dates'],
  ])('does not let in %s', async (_, certificate, ca, problem) => {
    const failing = login(certificate, { ca, pins });
    await expect(failing).rejects.toMatchObject({ code: 'TLS_REFUSED', facts: { problem } });
    expect(server?.passwordReads()).toBe(0);
  });

  test('does not stand for trust: its authority must be named, too', async () => {
    const failing = login({ ...GOOD, cert: GOOD.cert + AUTHORITY }, { ca: null, pins });
    await expect(failing).rejects.toMatchObject({ facts: { problem: 'untrusted' } });
  });
});

test('one of several pins is enough, so that the next key can be named beforehand', async () => {
  const pins = [pinFor(TEST_CERTIFICATE.cert), pinFor(GOOD.cert)];
  expect((await login(GOOD, { ca: null, pins })).state).toBe('authenticated');
});

test('a session tells how it is encrypted, and by whom', async () => {
  const { tls } = await login(GOOD, { ca: AUTHORITY });
  expect(tls).toEqual({
    protocol: 'TLSv1.3',
    cipher: expect.stringMatching(/^TLS_/),
    certificate: {
      subject: 'Mail server',
      issuer: 'Mailwright tests, Test authority',
      validToMs: expect.any(Number),
      pin: pinFor(GOOD.cert),
    },
  });
  expect(new Date(tls?.certificate?.validToMs ?? 0).getUTCFullYear()).toBe(2126);
});

test('the password is read once, when everything else is known to be right', async () => {
  await login(GOOD, { ca: AUTHORITY });
  expect(server?.passwordReads()).toBe(1);
});

test.each([
  ['', 'a pin begins with "sha256/"'],
  ['sha1/AAAA', 'a pin begins with "sha256/"'],
  ['sha256/', 'this one has 0'],
  ['sha256/AAAA', 'this one has 3'],
  ['sha256/not base64', 'Base64'],
  [`sha256/${'A'.repeat(43)}`, 'Base64'],
  [`sha256/${'_'.repeat(43)}=`, 'Base64'],
  [`sha256/${'A'.repeat(43)}=\n`, 'Base64'],
  [`sha256/${'A'.repeat(43)}=`, undefined],
])('as a pin %j is %s', (text, why) => {
  if (why === undefined) expect(whyNoPin(text)).toBeUndefined();
  else expect(whyNoPin(text)).toContain(why);
});
