/** Address tests in Sieve (RFC 5228 §5.1, RFC 5233). */
import { addressTestSchema } from '../language/address-test.ts';
import type { OperandContext } from '../language/condition-spec.ts';
import { asList, type TextTestInput } from '../language/operands.ts';
import { compileTextTest } from '../language/text-test.ts';
import { caseForms } from './letter-case.ts';
import { joinSaid, lost, quoteList, type Said, said, withRemark } from './said.ts';
import { sayText } from './text-keys.ts';

const PARTS = { address: ':all', localpart: ':localpart', domain: ':domain', detail: ':detail' };

/** Says an address test on header fields. `operand` is as the rule file has it. */
export function sayAddress(
  fields: readonly string[],
  operand: unknown,
  lists: OperandContext,
): Said {
  const parsed = addressTestSchema.safeParse(operand);
  if (!parsed.success) return lost('its operand cannot be read');
  const input = parsed.data;
  if (typeof input === 'string' || Array.isArray(input)) return sayBare(fields, asList(input));
  const entries = Object.entries(input).filter(([, value]) => value !== undefined);
  if (entries.length !== 1) {
    return lost('several parts of one address: Sieve would test each on any address');
  }
  if (input.in !== undefined) return sayBare(fields, asList(input.in).flatMap(lists.list));
  if (input.name !== undefined) {
    return lost('display names: the address test of Sieve leaves them out (RFC 5228 §5.1)');
  }
  for (const part of ['address', 'localpart', 'domain', 'detail'] as const) {
    const test = input[part];
    if (test !== undefined) return sayPart(fields, { part, test, lists });
  }
  return lost('its operand cannot be read');
}

function sayPart(
  fields: readonly string[],
  about: {
    readonly part: keyof typeof PARTS;
    readonly test: TextTestInput;
    readonly lists: OperandContext;
  },
): Said {
  const { part, test, lists } = about;
  if (compileTextTest(test, lists).test('').kind === 'yes') {
    return lost(`it also matches an address without ${part}, which Sieve passes over`);
  }
  const result = sayText(test, {
    lists,
    phrase: (match, keys) => `address ${PARTS[part]} ${match} ${quoteList(fields)} ${keys}`,
  });
  return part === 'detail' && result.kind === 'test'
    ? { ...result, requires: [...result.requires, 'subaddress'] }
    : result;
}

/** Whole addresses, domains, sub-domains, and texts without an at sign. */
function sayBare(fields: readonly string[], entries: readonly string[]): Said {
  const texts = entries.filter((entry) => !entry.includes('@'));
  const parents = entries.filter((entry) => entry.startsWith('@*.'));
  const domains = entries.filter((entry) => entry.startsWith('@') && !entry.startsWith('@*.'));
  const addresses = entries.filter((entry) => entry.includes('@') && !entry.startsWith('@'));
  const test = (phrase: string, keys: readonly string[]): readonly Said[] => {
    if (keys.length === 0) return [];
    const forms = [...new Set(keys.flatMap((key) => caseForms(key).forms))];
    return [said(`${phrase} ${quoteList(fields)} ${quoteList(forms)}`)];
  };
  return joinSaid('anyof', [
    ...test('address :all :is', addresses),
    ...test(
      'address :domain :is',
      domains.map((entry) => entry.slice(1)),
    ),
    ...test(
      'address :domain :matches',
      parents.map((entry) => entry.slice(1).replaceAll(/(?!^)[*?\\]/g, '\\$&')),
    ),
    ...test('header :contains', texts).map((each) =>
      withRemark(
        each,
        'a text without "@" is looked for in the whole header: Sieve cannot test display names alone, so comments and group names count too',
      ),
    ),
  ]);
}
