/**
 * Which addresses a webhook may reach. The check is part of the very look-up whose answer is
 * connected to, so that a name cannot mean one host when asked and another when called.
 */
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const PRIVATE = new BlockList();
for (const [net, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
  ] as const),
  ...([
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
  ] as const),
  ...([
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
  ] as const),
  ...([
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
] as const) {
  PRIVATE.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ...([
    ['::', 128],
    ['::1', 128],
    ['::', 96],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
  ] as const),
  ...([
    ['100::', 64],
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
  ] as const),
  ...([
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ] as const),
] as const) {
  PRIVATE.addSubnet(net, bits, 'ipv6');
}

/** True for addresses of this machine, of private networks, and of those that mean no host. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain);
  if (family === 0) return true;
  // Mapped addresses in hexadecimal are matched by the list itself.
  return PRIVATE.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}

/** What looks names up; for tests. */
export type Resolve = typeof systemLookup;

/** A look-up that answers only with public addresses, and fails where a name has another one. */
export function guardedLookup(resolve: Resolve = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const addresses = Array.isArray(found) ? found : [];
      const [first] = addresses;
      const bad = addresses.find(({ address }) => isPrivateAddress(address));
      if (bad !== undefined || first === undefined) {
        const where = bad?.address ?? 'nothing';
        callback(new PrivateAddressError(`${hostname} is ${where}, no public address`), '', 0);
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

/** A name leads to an address that must not be called. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}
