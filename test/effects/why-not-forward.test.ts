import { describe, expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import {
  type Forwarding,
  forwardedMark,
  whyNotForward,
} from '../../src/effects/why-not-forward.ts';
import { createHeaders } from '../../src/mime/parse-headers.ts';

const forwarding: Forwarding = {
  account: accountId('home'),
  own: ['me@home.example', 'Alias@home.example'],
  to: 'friend@else.example',
};

const why = (header: string, more: Partial<Forwarding> = {}): string | null =>
  whyNotForward(createHeaders(Buffer.from(`${header}\r\n\r\n`), 'all'), { ...forwarding, ...more });

const FROM = 'From: shop@shop.example\r\n';

test.each([
  [`X-Mailwright-Forwarded: ${forwardedMark(forwarding)}`, 'has forwarded it before'],
  [
    `X-Mailwright-Forwarded: other\r\nx-mailwright-FORWARDED:  ${forwardedMark(forwarding)} `,
    'has forwarded it before',
  ],
  ['Auto-Submitted: auto-replied', 'Auto-Submitted: auto-replied'],
  ['Auto-Submitted: AUTO-GENERATED; owner-email="x@y"', 'a machine sent it'],
  ['Auto-Submitted: ', 'a machine sent it'],
  ['Auto-Submitted: no\r\nAuto-Submitted: auto-notified', 'a machine sent it'],
  ['Precedence: bulk', 'Precedence: bulk'],
  ['Precedence: List', 'Precedence: List'],
  ['Precedence: junk (really)', 'bulk mail'],
  ['List-Id: <talk.lists.example>', 'mailing list'],
  ['List-Id:', 'mailing list'],
  ['Return-Path: <>', 'Return-Path: <>'],
  ['Return-Path: < > (nobody)', 'Return-Path: <>'],
  ['Return-Path: <FRIEND@else.example>', 'friend@else.example sent it (return-path)'],
  ['From: A friend <Friend@Else.Example>', 'friend@else.example sent it (from)'],
  ['Sender: friend@else.example', 'friend@else.example sent it (sender)'],
  ['From: x@y.example, alias@HOME.example', 'this account sent it (from)'],
  ['From: "me" <me@home.example>', 'this account sent it'],
  ['Received: x\r\n'.repeat(26).trimEnd(), '26 servers'],
  [`Precedence: bulk ${'x'.repeat(70_000)}`, 'precedence cannot be read'],
  [`X: ${'x\r\n '.repeat(400_000)}`, 'cannot be read'],
])('mail with %s is not sent on', (field, said) => {
  expect(why(`${FROM}${field}`)).toContain(said);
});

test.each([
  'Auto-Submitted: no',
  'Auto-Submitted: No (a person wrote it)',
  'Precedence: first-class',
  'X-Mailwright-Forwarded: somebody-else',
  'Return-Path: <shop@shop.example>',
  'Received: x\r\n'.repeat(25).trimEnd(),
  'To: me@home.example',
])('mail with %s is sent on', (field) => {
  expect(why(`${FROM}${field}`)).toBeNull();
});

describe('the guard', () => {
  test('refuses a target that is the account itself', () => {
    expect(why(FROM, { to: 'ALIAS@home.example' })).toContain('is an address of this account');
  });

  test('wants the fields that it looks at', () => {
    const headers = createHeaders(Buffer.from(FROM), ['from']);
    expect(() => whyNotForward(headers, forwarding)).toThrow('the loop guard has the field');
  });

  test('knows accounts of the same name apart by their address', () => {
    const other = { ...forwarding, own: ['you@home.example'] };
    expect(forwardedMark(other)).not.toBe(forwardedMark(forwarding));
    expect(forwardedMark(forwarding)).toMatch(/^[0-9a-f]{32}$/);
  });
});
