/** Addresses taken apart (RFC 5322 §3.4.1). */

/** Splits an address at its last `@`; without one all of it is the local part. */
export function splitAddress(address: string): { localpart: string; domain: string } {
  const at = address.lastIndexOf('@');
  return at < 0
    ? { localpart: address, domain: '' }
    : { localpart: address.slice(0, at), domain: address.slice(at + 1) };
}

/** What stands after the last `@`; empty without one. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1);
}

/** The domains above: `a.b.c` has the parents `b.c` and `c`. */
export function parentsOf(domain: string): string[] {
  const labels = domain.split('.');
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
}
