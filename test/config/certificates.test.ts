/** `ca:` and `pin:` of an account: good ones arrive, bad ones are told with their place. */
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { AUTHORITY } from '../support/server-certificates.ts';
import { defectsOf, withFiles } from './support.ts';

const PIN = `sha256/${'A'.repeat(43)}=`;
const NEXT = `sha256/${'B'.repeat(42)}A=`;
const account = (more: string): string =>
  `accounts:\n  home: { host: localhost, user: u, auth: { password: { env: PW } }, ${more} }\n`;

describe('a mistake', () => {
  test.each([
    ['pin: sha256/short=', '2:75 a pin is "sha256/" and Base64'],
    ['pin: sha1/AAAA', '2:75 a pin begins with "sha256/"'],
    [`pin: [${PIN}, sha256/AAAA]`, '2:129 a pin has 32 octets (44 characters of Base64)'],
    ['pin: []', '2:75 this list is empty'],
    [`tls: none, pin: ${PIN}`, '2:86 without encryption there is no key to be pinned'],
    ['ca: gone.pem', '2:74 the certificate authority cannot be read'],
    ['ca: mailwright.yaml', '2:74 the certificate authority cannot be read'],
  ])('%s is told: %s', async (more, expected) => {
    const cwd = withFiles({ 'mailwright.yaml': account(more) });
    const [first] = await defectsOf(cwd);
    expect(first).toContain(expected);
    await expect(loadConfig({ cwd })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

test.each([
  [`pin: ${PIN}`, [PIN]],
  [`pin: [${PIN}, ${NEXT}]`, [PIN, NEXT]],
  ['port: 993', undefined],
])('%s arrives in the account', async (more, pins) => {
  const cwd = withFiles({ 'mailwright.yaml': account(`ca: ca.pem, ${more}`), 'ca.pem': AUTHORITY });
  const { config } = await loadConfig({ cwd });
  const [home] = [...config.accounts.values()];
  expect(home?.pins).toEqual(pins);
  expect(home?.ca).toBe(AUTHORITY);
});
