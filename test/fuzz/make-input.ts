/** Inputs: sentences of a grammar, samples, and what becomes of them when octets go astray. */
import type { Random } from './random.ts';

/** Alternatives by name; `<name>` in one stands for another, `\xNN` is not special. */
export type Grammar = Readonly<Record<string, readonly string[]>>;

/** What a target is fed from. */
export interface Recipe {
  /** Whole, good inputs. */
  readonly samples: readonly string[];
  /** `<start>` is where sentences begin. */
  readonly grammar: Grammar;
}

/** Larger inputs are made by repetition only. */
const MAX_BYTES = 16 * 1024;
/** As much as one repetition may make: what is quadratic shows here. */
const MAX_REPEATED_BYTES = 64 * 1024;

/** Words that have broken readers before. */
const DICTIONARY: readonly string[] = [
  ...['\0', '\r', '\n', '\r\n', '\t', ' ', '"', '\\', "'", '(', ')', '{', '}', '[', ']', '<', '>'],
  ...[
    '{{',
    '}}',
    '{{ subject }}',
    '${',
    '%',
    '*',
    '&',
    '&-',
    '&AGE-',
    '=',
    '=?utf-8?B?',
    '?=',
    '=?',
  ],
  ...[
    'NIL',
    'nil',
    '{0}\r\n',
    '{5}\r\nhello',
    '{4294967296}\r\n',
    '~{3}\r\n\0\0\0',
    '+',
    '-',
    ':',
    ',',
  ],
  ...['0', '1', '-1', '4294967295', '4294967296', '99999999999999999999', '1e5', 'Infinity', 'NaN'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'null', 'true', '~'],
  ...['../', '/etc/passwd', '//', '\u202e', '\u0130', 'ß', '\ud83d', '😀', 'e\u0301', '\u2028'],
  ...[
    '!!js/function',
    '&a',
    '*a',
    '<<',
    '---',
    '...',
    '|',
    '>-',
    '- ',
    '# ',
    '/*',
    '*/',
    'text:',
    '.',
  ],
  ...[
    '\x1b[2J',
    '\u00ff',
    '\u0080',
    '(a+)+$',
    '(?=a)',
    '(?<n>a)\\k<n>',
    '[^]',
    '\\p{L}',
    'a{1,9999}',
    '{1,1000}',
    'a: ',
  ],
];

/** Makes one input. */
export function makeInput(recipe: Recipe, random: Random): Buffer {
  const isSample = recipe.samples.length > 0 && random.below(3) > 0;
  const text = isSample ? random.pick(recipe.samples) : sentence(recipe.grammar, 'start', random);
  let octets: Buffer = Buffer.from(text, random.once(4) ? 'latin1' : 'utf8').subarray(0, MAX_BYTES);
  const changes = random.once(5) ? 0 : 1 + random.below(random.once(4) ? 40 : 6);
  for (let change = 0; change < changes; change++) octets = mutate(octets, recipe, random);
  return octets;
}

/** Expands a name of the grammar; deep ones end early. */
function sentence(grammar: Grammar, name: string, random: Random, depth = 0): string {
  const all = grammar[name] ?? [''];
  const flat = all.filter((each) => !/<\w+>/.test(each));
  const from = depth > 12 && flat.length > 0 ? flat : all;
  if (depth > 40) return '';
  return random
    .pick(from)
    .replaceAll(/<(\w+)>/g, (whole, inner: string) =>
      inner in grammar ? sentence(grammar, inner, random, depth + 1) : whole,
    );
}

function mutate(octets: Buffer, recipe: Recipe, random: Random): Buffer {
  const at = random.below(octets.length + 1);
  const end = Math.min(octets.length, at + 1 + random.below(random.once(4) ? 200 : 12));
  const [head, middle, tail] = [
    octets.subarray(0, at),
    octets.subarray(at, end),
    octets.subarray(end),
  ];
  switch (random.below(8)) {
    case 0:
      return Buffer.concat([head, tail]);
    case 1:
      return Buffer.concat([head, Buffer.from(random.pick(DICTIONARY)), octets.subarray(at)]);
    case 2:
      return Buffer.concat([head, Buffer.from(random.pick(DICTIONARY)), tail]);
    case 3:
      return Buffer.concat([head, Buffer.from([random.below(256)]), octets.subarray(at)]);
    case 4:
      return Buffer.concat([head, middle, middle, tail]);
    case 5:
      return Buffer.concat([
        head,
        Buffer.from(sentence(recipe.grammar, random.pick(Object.keys(recipe.grammar)), random)),
        tail,
      ]).subarray(0, MAX_REPEATED_BYTES);
    case 6: {
      const flipped = Buffer.from(octets);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
    default:
      return random.once(12)
        ? repeat([head, middle, tail], random)
        : Buffer.concat([tail, head, middle]);
  }
}

/** A piece very often: what costs more than it should by its number shows so. */
function repeat([head, middle, tail]: readonly Buffer[], random: Random): Buffer {
  if (head === undefined || middle === undefined || tail === undefined || middle.length === 0) {
    return Buffer.alloc(0);
  }
  const times = Math.min(10 + random.below(20_000), Math.floor(MAX_REPEATED_BYTES / middle.length));
  return Buffer.concat([head, ...Array.from({ length: times }, () => middle), tail]);
}
