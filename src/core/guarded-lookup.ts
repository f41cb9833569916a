/**
 * Resolving and checking in one act. The check sits in the `lookup` that the connection itself
 * makes, so the address that was checked is the one that is connected to: a name that answers
 * differently the second time (DNS rebinding) is never asked a second time.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type AddressKind, addressKind } from './public-address.ts';

/** Asks for all addresses of a name. */
export type Resolve = (
  name: string,
  answer: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** Which addresses may be connected to. */
export type Reach = 'public' | 'private too' | 'loopback only';

/** The guard refused; it is no network error. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** The resolver of the system. */
export const systemResolve: Resolve = (name, answer) => {
  systemLookup(name, { all: true, verbatim: true }, answer);
};

/**
 * Tells why a literal address in a URL may not be reached; null when it may, or when `host` is a
 * name. Connections to literals never ask `lookup`.
 */
export function whyNotLiteral(host: string, reach: Reach): string | null {
  const address = host.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 || isWithin(addressKind(address), reach)
    ? null
    : sentence(address, reach);
}

/**
 * Makes the `lookup` of a connection. Fails with AddressRefused when any address of the name is out
 * of reach: who answers with a public and a private one is trying.
 */
export function guardedLookup(reach: Reach, resolve: Resolve): LookupFunction {
  return (name, options, callback) => {
    resolve(name, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) return callback(error, '');
      const bad = addresses.find(({ address }) => !isWithin(addressKind(address), reach));
      if (bad !== undefined) {
        return callback(new AddressRefused(`${name} is ${sentence(bad.address, reach)}`), '');
      }
      if (first === undefined) return callback(new Error(`${name} has no address`), '');
      return options.all === true
        ? callback(null, [...addresses])
        : callback(null, first.address, first.family);
    });
  };
}

function isWithin(kind: AddressKind, reach: Reach): boolean {
  switch (reach) {
    case 'public':
      return kind === 'public';
    case 'private too':
      return kind !== 'never';
    case 'loopback only':
      return kind === 'loopback';
  }
}

function sentence(address: string, reach: Reach): string {
  if (reach === 'loopback only') return `${address}, and http is for this machine only; use https`;
  return reach === 'private too'
    ? `${address}, which is no address of a host`
    : `${address}, which is not a public address`;
}
