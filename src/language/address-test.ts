/** Address tests: an address, a domain, sub-domains, or parts of an address (RFC 5322 §3.4.1). */
import { z } from 'zod';
import type { Address } from '../mail/message-view.ts';
import { domainOf, parentsOf, splitAddress } from './address-parts.ts';
import { tokenOfEntry, tokenOfText, tokensOfTexts } from './anchors.ts';
import type { OperandContext } from './condition-spec.ts';
import type { Verdict } from './evaluation.ts';
import { asList, needleSchema, refuse, textTestSchema } from './operands.ts';
import { foldText } from './text-fold.ts';
import { compileTextTest, type TextTest } from './text-test.ts';
import { joinVerdicts, verdictOf } from './verdict.ts';

const partsSchema = z
  .strictObject({
    address: textTestSchema.optional(),
    name: textTestSchema.optional().describe('The display name.'),
    localpart: textTestSchema.optional().describe('What stands before the last @.'),
    domain: textTestSchema.optional().describe('What stands after the last @.'),
    detail: textTestSchema.optional().describe('What stands after + in the local part (RFC 5233).'),
    in: z.union([needleSchema, z.array(needleSchema).min(1)]).optional(),
  })
  .superRefine(
    refuse((parts) =>
      Object.keys(parts).length > 0
        ? undefined
        : 'say which part: address, name, localpart, domain, detail or in',
    ),
  );

/**
 * `"me@x.example"` that address, `"@x.example"` that domain, `"@*.x.example"` its sub-domains, text
 * without `@` anywhere in name or address; a list is any of them.
 */
export const addressTestSchema = z.union([needleSchema, z.array(needleSchema).min(1), partsSchema]);

/** A compiled address test. */
export interface AddressTest {
  test(address: Address): Verdict;
  /** Texts, one of which every matching header holds; null where that cannot be said. */
  readonly literals: readonly string[] | null;
  /** Tokens of anchors.ts, one of which every matching address has; absent: cannot be said. */
  readonly tokens?: readonly string[];
  describe(): string;
}

/** Compiles an address test; several parts must all hold for the same address. */
export function compileAddressTest(
  input: z.output<typeof addressTestSchema>,
  context: OperandContext,
): AddressTest {
  if (typeof input === 'string' || Array.isArray(input)) return anyBare(asList(input));
  const parts: [keyof typeof PART_OF, TextTest][] = [];
  for (const part of ['address', 'name', 'localpart', 'domain', 'detail'] as const) {
    const test = input[part];
    if (test !== undefined) parts.push([part, compileTextTest(test, context)]);
  }
  const lists = asList(input.in).flatMap((name) => context.list(name));
  const listed = input.in === undefined ? null : anyBare(lists);
  return {
    test: (address) =>
      joinVerdicts('all', [
        ...parts.map(([part, test]) => test.test(PART_OF[part](address))),
        ...(listed === null ? [] : [listed.test(address)]),
      ]),
    literals: null,
    ...tokensOfParts(parts, listed),
    describe: () =>
      [
        ...parts.map(([part, test]) => `${part} ${test.describe()}`),
        ...(listed === null ? [] : [`in ${asList(input.in).join(', ')}`]),
      ].join(' and '),
  };
}

/** Every part must hold, so the constants of any one of them do. */
function tokensOfParts(
  parts: readonly (readonly [keyof typeof PART_OF, TextTest])[],
  listed: AddressTest | null,
): { readonly tokens?: readonly string[] } {
  for (const [part, test] of parts) {
    if (test.equals === undefined) continue;
    if (part === 'address') return { tokens: test.equals.map((text) => `is ${text}`) };
    if (part === 'domain') return { tokens: test.equals.map((text) => `at ${text}`) };
  }
  if (listed?.tokens !== undefined) return { tokens: listed.tokens };
  // Each part stands in the address or in the name.
  const held = parts.map(([, test]) => tokensOfTexts(test.holds)).find((each) => each !== null);
  return held === undefined || held === null ? {} : { tokens: held };
}

const PART_OF = {
  address: (address: Address) => address.address,
  name: (address: Address) => address.name,
  localpart: (address: Address) => splitAddress(address.address).localpart,
  domain: (address: Address) => splitAddress(address.address).domain,
  detail: (address: Address) => /\+(.*)$/.exec(splitAddress(address.address).localpart)?.[1] ?? '',
} as const;

/** Whole addresses and domains by hash, so that ten thousand cost what ten do; texts one by one. */
function anyBare(entries: readonly string[]): AddressTest {
  const [only] = entries;
  if (only !== undefined && entries.length === 1) return oneBare(only);
  const addresses = new Set<string>();
  const domains = new Set<string>();
  const parents = new Set<string>();
  const texts: string[] = [];
  for (const entry of entries.map(foldText)) {
    if (!entry.includes('@')) texts.push(entry);
    else if (entry.startsWith('@*.')) parents.add(entry.slice(3));
    else if (entry.startsWith('@')) domains.add(entry.slice(1));
    else addresses.add(entry);
  }
  return {
    test: ({ name, address }) => {
      const whole = foldText(address);
      const domain = domainOf(whole);
      return verdictOf(
        addresses.has(whole) ||
          domains.has(domain) ||
          (parents.size > 0 && parentsOf(domain).some((parent) => parents.has(parent))) ||
          (texts.length > 0 &&
            texts.some((text) => foldText(name).includes(text) || whole.includes(text))),
      );
    },
    literals: entries.map(literalOf),
    ...tokensOfEntries(entries),
    describe: () => `is ${entries.map((entry) => JSON.stringify(entry)).join(' or ')}`,
  };
}

/** The same for a single entry, as most rules have it. */
function oneBare(entry: string): AddressTest {
  return {
    test: testOf(foldText(entry)),
    literals: [literalOf(entry)],
    ...tokensOfEntries([entry]),
    describe: () => `is ${JSON.stringify(entry)}`,
  };
}

function testOf(entry: string): AddressTest['test'] {
  if (!entry.includes('@')) {
    return ({ name, address }) =>
      verdictOf(foldText(name).includes(entry) || foldText(address).includes(entry));
  }
  if (entry.startsWith('@*.')) {
    const parent = entry.slice(3);
    return ({ address }) => verdictOf(parentsOf(domainOf(foldText(address))).includes(parent));
  }
  if (entry.startsWith('@')) {
    const domain = entry.slice(1);
    return ({ address }) => verdictOf(domainOf(foldText(address)) === domain);
  }
  return ({ address }) => verdictOf(foldText(address) === entry);
}

function literalOf(entry: string): string {
  return entry.replace(/^@(\*\.)?/, '');
}

function tokensOfEntries(entries: readonly string[]): { readonly tokens?: readonly string[] } {
  const tokens = entries.map((entry) => tokenOfEntry(entry) ?? tokenOfText(foldText(entry)));
  return entries.length > 0 && tokens.every((token) => token !== null) ? { tokens } : {};
}
