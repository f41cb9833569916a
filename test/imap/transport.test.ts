/**
 * What stands between the client and its server plays every trick of the transport (safety.md §15):
 * no credential leaves, it is not even read, and the error says what to do.
 */
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/accounts/account.ts';
import { type AppError, isAppError } from '../../src/core/app-error.ts';
import { adviceFor } from '../../src/core/error-table.ts';
import { openSession } from '../../src/imap/connect.ts';
import {
  CREDENTIAL_FORMS,
  type HostileServer,
  startHostileServer,
  type Talk,
} from '../support/hostile-imap-server.ts';
import { AUTHORITY, EXPIRED, GOOD, ROGUE, WRONG_HOST } from '../support/server-certificates.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';

type Script = (talk: Talk) => Promise<void>;

let server: HostileServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Logs in, which has to fail, and looks at everything that was sent. */
async function refusal(script: Script, account: Partial<Account>): Promise<AppError> {
  server = await startHostileServer(script, { ca: AUTHORITY, ...account });
  const options = { mode: 'write' as const, emit: () => {}, trace: false };
  const outcome = await openSession(server.account, options)
    .login()
    .catch((error: unknown) => error);
  if (!isAppError(outcome)) throw new Error(`it was let in: ${inspect(outcome)}`);
  for (const form of CREDENTIAL_FORMS) expect(server.sent()).not.toContain(form);
  expect(server.sent()).not.toMatch(/LOGIN|AUTHENTICATE/i);
  expect(server.passwordReads()).toBe(0);
  expect(inspect(outcome, { depth: 9 })).not.toContain(CREDENTIAL_FORMS[0]);
  return outcome;
}

const PLAIN = '* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED';

/** Greets, and answers CAPABILITY and STARTTLS up to the OK. */
async function untilStarttls(talk: Talk): Promise<void> {
  talk.say('* OK ready');
  await talk.hear();
  talk.say(PLAIN, 'TAG OK done');
  await talk.hear();
}

/** Goes on under TLS after STARTTLS: capabilities and then silence. */
const upgraded =
  (certificate: object): Script =>
  async (talk) => {
    await untilStarttls(talk);
    talk.say('TAG OK go ahead');
    await talk.secure(certificate);
    await talk.hear();
    talk.say('* CAPABILITY IMAP4rev1 AUTH=PLAIN', 'TAG OK done');
  };

/** Speaks TLS from the first octet, greets, and offers everything. */
const implicit =
  (certificate: object): Script =>
  async (talk) => {
    await talk.secure(certificate);
    talk.say('* OK ready');
    await talk.hear();
    talk.say('* CAPABILITY IMAP4rev1 AUTH=PLAIN', 'TAG OK done');
  };

const answer =
  (...replies: (readonly string[])[]): Script =>
  async (talk) => {
    for (const lines of replies) {
      talk.say(...lines);
      await talk.hear();
    }
  };

describe('STARTTLS that is asked for', () => {
  test.each<[string, Script, RegExp]>([
    [
      '40: stripped from the capabilities',
      answer(['* OK ready'], ['* CAPABILITY IMAP4rev1 AUTH=PLAIN', 'TAG OK done']),
      /port 993/,
    ],
    ['answered NO', answer(['* OK ready'], [PLAIN, 'TAG OK'], ['TAG NO not today']), /port 993/],
    ['answered BAD', answer(['* OK ready'], [PLAIN, 'TAG OK'], ['TAG BAD what?']), /port 993/],
    [
      '41: barred by a PREAUTH greeting',
      answer(['* PREAUTH welcome'], [PLAIN, 'TAG OK']),
      /before you have said who you are/,
    ],
    [
      'barred by PREAUTH without a word about STARTTLS',
      answer(['* PREAUTH [CAPABILITY IMAP4rev1] welcome'], ['* CAPABILITY IMAP4rev1', 'TAG OK']),
      /before you have said who you are/,
    ],
    [
      '42: with words in the packet of its OK',
      answer(
        ['* OK ready'],
        [PLAIN, 'TAG OK'],
        ['TAG OK go', '* CAPABILITY IMAP4rev1 AUTH=PLAIN', 'B OK done'],
      ),
      /somebody may stand between/,
    ],
  ])('%s', async (_, script, advice) => {
    const error = await refusal(script, { tls: 'starttls' });
    expect(error.code).toBe('TLS_REFUSED');
    expect(adviceFor(error).hint).toMatch(/^no password was sent; /);
    expect(adviceFor(error).hint).toMatch(advice);
  });

  test('42: with words between its OK and the handshake', async () => {
    const error = await refusal(
      async (talk) => {
        await untilStarttls(talk);
        talk.say('TAG OK go');
        // By now the handshake has begun, and this is read as a part of it.
        await talk.hearAnything();
        talk.say('* CAPABILITY IMAP4rev1 AUTH=PLAIN', 'B OK done');
      },
      { tls: 'starttls' },
    );
    expect(error).toMatchObject({ code: 'TLS_REFUSED' });
  });
});

describe.each<['starttls' | 'implicit', (certificate: object) => Script]>([
  ['starttls', upgraded],
  ['implicit', implicit],
])('under %s', (tls, secured) => {
  test.each<[string, object, Partial<Account>, string, RegExp]>([
    ['for another host', WRONG_HOST, {}, 'host-name', /name that is in the certificate/],
    ['for another host, by name', WRONG_HOST, { host: 'localhost' }, 'host-name', /host to a name/],
    // Node would take "localhost" where no name is given.
    ['that is expired', EXPIRED, {}, 'dates', /clock of this machine/],
    ['signed by itself', TEST_CERTIFICATE, {}, 'untrusted', /\.ca: FILE\.pem/],
    ['of an unknown authority', ROGUE, {}, 'untrusted', /\.ca: FILE\.pem/],
    ['of an authority that only this test knows', GOOD, { ca: null }, 'untrusted', /\.ca: FILE/],
  ])('a certificate %s is refused', async (_, certificate, account, problem, advice) => {
    const error = await refusal(secured(certificate), { tls, ...account });
    expect(error).toMatchObject({ code: 'TLS_REFUSED', facts: { problem } });
    expect(adviceFor(error).hint).toMatch(advice);
    expect(adviceFor(error).hint).toMatch(/pin: sha256\/[A-Za-z0-9+/]{43}=$/);
  });

  test.each(['TLSv1', 'TLSv1.1'] as const)(
    'a server that has %s only is refused',
    async (version) => {
      const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      const error = await refusal(secured({ ...GOOD, ...old }), { tls });
      expect(error).toMatchObject({ code: 'TLS_REFUSED', facts: { problem: 'protocol' } });
      expect(adviceFor(error).hint).toMatch(/TLS 1.2 or newer/);
    },
  );
});

describe('after a good handshake', () => {
  const greeted =
    (...lines: string[]): Script =>
    async (talk) => {
      await talk.secure(GOOD);
      talk.say(...lines);
      await talk.hear();
      talk.say('* CAPABILITY IMAP4rev1 AUTH=PLAIN', 'TAG OK done');
    };

  test('a PREAUTH greeting is refused: nobody knows as whom', async () => {
    const error = await refusal(greeted('* PREAUTH welcome'), { tls: 'implicit' });
    expect(error).toMatchObject({ code: 'TLS_REFUSED', facts: { problem: 'preauth' } });
    expect(adviceFor(error).hint).toMatch(/check host and port/);
  });

  test('a goodbye with hostile words is told without them driving the terminal', async () => {
    const error = await refusal(
      greeted(
        '* BYE \u001b[2J\u001b]0;owned\u0007 call \u202e+1 555 now; visit https://evil.example',
      ),
      { tls: 'implicit' },
    );
    expect(error.code).toBe('SERVER_UNREACHABLE');
    expect(error.message).toContain('https://evil.example');
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('a server that goes after its greeting is unreachable, and may be tried later', async () => {
    const error = await refusal(
      async (talk) => {
        await talk.secure(GOOD);
        talk.say('* OK ready');
        talk.hangUp();
      },
      { tls: 'implicit' },
    );
    expect(error.code).toBe('SERVER_UNREACHABLE');
    expect(adviceFor(error).retry).toBe('later');
  });

  test.each<[string, string, RegExp]>([
    ['no mechanism at all', 'LOGINDISABLED', /logins switched off/],
    ['a challenge only', 'LOGINDISABLED AUTH=CRAM-MD5', /offers CRAM-MD5/],
    ['tokens only', 'LOGINDISABLED AUTH=XOAUTH2 AUTH=OAUTHBEARER', /offers XOAUTH2, OAUTHBEARER/],
    ['a mechanism without a secret', 'LOGINDISABLED AUTH=ANONYMOUS', /offers ANONYMOUS/],
  ])('LOGINDISABLED and %s: no password is read', async (_, offered, words) => {
    const error = await refusal(
      async (talk) => {
        await untilStarttls(talk);
        talk.say('TAG OK go ahead');
        await talk.secure(GOOD);
        await talk.hear();
        talk.say(`* CAPABILITY IMAP4rev1 ${offered}`, 'TAG OK done');
      },
      { tls: 'starttls' },
    );
    expect(error.code).toBe('LOGIN_REFUSED');
    expect(error.message).toMatch(words);
  });

  test('43: what the server said before STARTTLS counts for nothing', async () => {
    const error = await refusal(
      async (talk) => {
        talk.say('* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready');
        expect(await talk.hear()).toBe('STARTTLS');
        talk.say('TAG OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] go ahead');
        await talk.secure(GOOD);
        expect(await talk.hear()).toBe('CAPABILITY');
        talk.say('* CAPABILITY IMAP4rev1 LOGINDISABLED', 'TAG OK done');
      },
      { tls: 'starttls' },
    );
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(error.message).toContain('switched off');
  });
});

test('a plain server on the port of implicit TLS hears a handshake and no more', async () => {
  const error = await refusal(answer(['* OK ready'], ['TAG BAD what?']), { tls: 'implicit' });
  expect(error).toMatchObject({ code: 'TLS_REFUSED', facts: { problem: 'no-tls' } });
  expect(adviceFor(error).hint).toMatch(/tls: starttls/);
});

test('NODE_TLS_REJECT_UNAUTHORIZED does not switch the verification off', async () => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    const error = await refusal(implicit(ROGUE), { tls: 'implicit' });
    expect(error).toMatchObject({ code: 'TLS_REFUSED', facts: { problem: 'untrusted' } });
  } finally {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  }
});

describe('51: a server that sends its client elsewhere (RFC 2221)', () => {
  test.each<[string, (elsewhere: string) => Script, string]>([
    [
      'in its greeting',
      (url) => async (talk) => {
        await talk.secure(GOOD);
        talk.say(`* BYE [REFERRAL ${url}] over there`);
      },
      'SERVER_UNREACHABLE',
    ],
    [
      'with its refusal of the login',
      (url) => loginAnswered(`TAG NO [REFERRAL ${url}] over there`),
      'LOGIN_REFUSED',
    ],
  ])('%s is not followed', async (_, script, code) => {
    const elsewhere = await startHostileServer(() => {});
    const { port } = elsewhere.account;
    server = await startHostileServer(script(`imap://ann;AUTH=*@127.0.0.1:${port}/`), {
      ...{ tls: 'implicit', ca: AUTHORITY },
    });
    const options = { mode: 'write' as const, emit: () => {}, trace: false };
    const failing = openSession(server.account, options).login();
    await expect(failing).rejects.toMatchObject({ code });
    expect(elsewhere.connections()).toBe(0);
    expect(server.connections()).toBe(1);
    await elsewhere.close();
  });

  test('nor where the login was taken', async () => {
    const elsewhere = await startHostileServer(() => {});
    const url = `imap://ann;AUTH=*@127.0.0.1:${elsewhere.account.port}/`;
    server = await startHostileServer(loginAnswered(`TAG OK [REFERRAL ${url}] or rather there`), {
      ...{ tls: 'implicit', ca: AUTHORITY },
    });
    const options = { mode: 'write' as const, emit: () => {}, trace: false };
    const session = await openSession(server.account, options).login();
    expect(session.state).toBe('authenticated');
    session.destroy();
    expect(elsewhere.connections()).toBe(0);
    await elsewhere.close();
  });
});

/** Takes a login by PLAIN and answers it; behaves afterwards. */
function loginAnswered(...lines: string[]): Script {
  return async (talk) => {
    await talk.secure(GOOD);
    talk.say('* OK ready');
    for (let heard = await talk.hear(); heard !== null; heard = await talk.hear()) {
      if (heard === 'CAPABILITY') talk.say('* CAPABILITY IMAP4rev1 AUTH=PLAIN', 'TAG OK done');
      else if (heard === 'AUTHENTICATE PLAIN') {
        talk.say('+ ');
        await talk.hear();
        talk.say(...lines);
      } else if (heard.startsWith('LIST')) talk.say('* LIST () "/" INBOX', 'TAG OK done');
      else talk.say('TAG OK done');
    }
  };
}
