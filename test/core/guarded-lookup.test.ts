import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import {
  AddressRefused,
  guardedLookup,
  type Reach,
  type Resolve,
} from '../../src/core/guarded-lookup.ts';

const PUBLIC: LookupAddress = { address: '93.184.216.34', family: 4 };
const PUBLIC_6: LookupAddress = { address: '2606:4700::1111', family: 6 };
const LOOPBACK: LookupAddress = { address: '127.0.0.1', family: 4 };
const PRIVATE: LookupAddress = { address: '10.0.0.1', family: 4 };
const MULTICAST: LookupAddress = { address: '224.0.0.1', family: 4 };

/** Gives one answer after the other, and counts the questions. */
function resolver(...answers: readonly (readonly LookupAddress[])[]): {
  readonly resolve: Resolve;
  readonly count: () => number;
} {
  let asked = 0;
  return {
    resolve: (_, answer) => {
      answer(null, answers[Math.min(asked, answers.length - 1)] ?? []);
      asked += 1;
    },
    count: () => asked,
  };
}

function look(reach: Reach, resolve: Resolve, all: boolean): Promise<unknown> {
  return new Promise((done, fail) => {
    guardedLookup(reach, resolve)('hooks.example', { all }, (error, address, family) => {
      if (error !== null) fail(error);
      else done(family === undefined ? address : { address, family });
    });
  });
}

describe('a name', () => {
  test.each<[Reach, readonly LookupAddress[]]>([
    ['public', [LOOPBACK]],
    ['public', [PRIVATE]],
    ['public', [PUBLIC, LOOPBACK]],
    ['public', [PUBLIC_6, PUBLIC, PRIVATE]],
    ['private too', [MULTICAST]],
    ['private too', [PRIVATE, MULTICAST]],
    ['loopback only', [PUBLIC]],
    ['loopback only', [LOOPBACK, PRIVATE]],
  ])('within %s that resolves to %j is refused', async (reach, addresses) => {
    const { resolve } = resolver(addresses);
    await expect(look(reach, resolve, true)).rejects.toBeInstanceOf(AddressRefused);
    await expect(look(reach, resolve, false)).rejects.toBeInstanceOf(AddressRefused);
  });

  test.each<[Reach, readonly LookupAddress[]]>([
    ['public', [PUBLIC, PUBLIC_6]],
    ['private too', [PRIVATE, PUBLIC, LOOPBACK]],
    ['loopback only', [LOOPBACK]],
  ])('within %s that resolves to %j is reached there', async (reach, addresses) => {
    const { resolve } = resolver(addresses);
    expect(await look(reach, resolve, true)).toEqual(addresses);
    expect(await look(reach, resolve, false)).toEqual(addresses[0]);
  });

  test('that answers differently the second time is not asked a second time', async () => {
    const { resolve, count } = resolver([PUBLIC], [LOOPBACK]);
    expect(await look('public', resolve, true)).toEqual([PUBLIC]);
    expect(count()).toBe(1);
    await expect(look('public', resolve, true)).rejects.toBeInstanceOf(AddressRefused);
  });

  test('without an address, or that cannot be resolved, is a network error', async () => {
    await expect(look('public', resolver([]).resolve, true)).rejects.toThrow('has no address');
    const broken: Resolve = (_, answer) => answer(new Error('ENOTFOUND'), []);
    await expect(look('public', broken, false)).rejects.toThrow('ENOTFOUND');
  });
});
