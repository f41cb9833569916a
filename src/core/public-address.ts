/**
 * Which addresses may be reached. A webhook's URL comes from a rule file, but the name in it is resolved
 * by somebody else: without this a webhook is a way into the networks behind the firewall (SSRF).
 */
import { BlockList, isIP } from 'node:net';

/** Where an address leads, or why it is no address to call. */
export type AddressKind = 'public' | 'loopback' | 'private' | 'never';

/** RFC 6890 and the IANA registry of special-purpose IPv4 addresses. */
const PRIVATE_V4 = blockList('ipv4', [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // RFC 6598: carrier-grade NAT
  ['169.254.0.0', 16], // link-local, also the metadata service of clouds
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
]);

const NEVER_V4 = blockList('ipv4', [
  ['0.0.0.0', 8], // unspecified; Linux takes it for this machine
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
]);

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const PRIVATE_V6 = blockList('ipv6', [
  ['fc00::', 7], // unique local
  ['fe80::', 10], // link-local
]);

/** Only these are given to hosts (RFC 4291 §2.4); mapped, NAT64 and multicast lie outside. */
const GLOBAL_V6 = blockList('ipv6', [['2000::', 3]]);

/** Inside the global range, but documentation, or IPv4 addresses in disguise. */
const SPECIAL_V6 = blockList('ipv6', [
  ['2001::', 23], // Teredo and other protocols
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4
  ['3fff::', 20],
]);

/** Classifies a literal address; what is not one is `never`. */
export function addressKind(address: string): AddressKind {
  switch (isIP(address)) {
    case 4:
      if (LOOPBACK.check(address, 'ipv4')) return 'loopback';
      if (PRIVATE_V4.check(address, 'ipv4')) return 'private';
      return NEVER_V4.check(address, 'ipv4') ? 'never' : 'public';
    case 6:
      return kindOfV6(address);
    default:
      return 'never';
  }
}

function kindOfV6(address: string): AddressKind {
  // A mapped address would be compared with the IPv4 lists; no resolver has a reason to give one.
  if (MAPPED.check(address, 'ipv6')) return 'never';
  if (LOOPBACK.check(address, 'ipv6')) return 'loopback';
  if (PRIVATE_V6.check(address, 'ipv6')) return 'private';
  if (!GLOBAL_V6.check(address, 'ipv6') || SPECIAL_V6.check(address, 'ipv6')) return 'never';
  return 'public';
}

const MAPPED = blockList('ipv6', [['::ffff:0:0', 96]]);

function blockList(
  family: 'ipv4' | 'ipv6',
  ranges: readonly (readonly [string, number])[],
): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of ranges) list.addSubnet(address, prefix, family);
  return list;
}
