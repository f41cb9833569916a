import { describe, expect, test } from 'vitest';
import { readYaml } from '../../src/config/read-yaml.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { documentOf } from '../language/support.ts';

function defects(text: string): readonly string[] {
  const result = readYaml('a.yaml', text);
  return result.kind === 'ok'
    ? []
    : result.diagnostics.map(({ at, message }) => `${at.line}:${at.column} ${message}`);
}

const BOMB = `a: &a [x, x]\n${Array.from({ length: 30 }, (_, index) => {
  const [name, of] = [
    String.fromCharCode(98 + (index % 25)),
    String.fromCharCode(97 + (index % 25)),
  ];
  return `${name}${index}: &${name} [*${of}, *${of}]`;
}).join('\n')}\n`;

const DEEP = (line: number): string => `${line}:1 this is nested deeper than 100 levels`;

describe('what is refused', () => {
  test.each([
    ['a key that stands twice', 'a: 1\nb: 2\na: 3\n', '3:1 Map keys must be unique'],
    ['a tab', 'a:\n\tb: 1\n', '2:1 Tabs are not allowed as indentation'],
    ['an open bracket', 'a: [1, 2\nb: 3\n', '2:'],
    ['an open quote', 'a: "x\n', 'Missing closing "quote'],
    ['two documents', 'a: 1\n---\nb: 2\n', '2:1 a second document begins here'],
    ['an alias', 'a: &x [1]\nb: *x\n', '2:4 an alias (*name) cannot be used here'],
    ['a merge key', 'a: &x { c: 1 }\nb:\n  <<: *x\n', '3:7 an alias (*name) cannot be used here'],
    ['an alias bomb', BOMB, '2:9 an alias (*name) cannot be used here'],
    ['an alias to nothing', 'a: *x\n', '1:4 '],
    ['a tag of its own', 'a: !!js/function "x"\n', '1:4 '],
    ['a list beside a mapping', 'a: 1\n- b\n', '2:1 Implicit keys'],
    ['101 brackets', `a:\n  b: ${'['.repeat(101)}${']'.repeat(101)}`, DEEP(2)],
    ['a million open brackets', `a: ${'['.repeat(1_000_000)}`, DEEP(1)],
    ['a million braces', `a: ${'{ '.repeat(500_000)}`, DEEP(1)],
    [
      'a thousand indentations',
      Array.from({ length: 1000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      DEEP(101),
    ],
    ['a list as a key', '? [a]\n: b\n', '1:3 a list or a mapping cannot be a key'],
    ['a hundred keys in one line', `a: ${'a: '.repeat(200)}`, DEEP(1)],
    ['lines that go on with a colon', `a: b\n${'  c: d\n'.repeat(200)}`, DEEP(101)],
    ['half a million dashes on one line', `${'- '.repeat(500_000)}a`, DEEP(1)],
    ['half a million question marks', `a:\n  ${'? '.repeat(500_000)}a`, DEEP(2)],
    [
      'a file that is too large',
      `a: ${'x'.repeat(LIMITS.configFileBytes)}`,
      '1:1 the file is larger than 1048576 bytes',
    ],
  ])('%s', (_, text, expected) => {
    expect(defects(text)[0]).toContain(expected);
  });

  test('one mistake is told once', () => {
    expect(defects('a: 1\n- b\n')).toHaveLength(1);
  });

  test('hints say what to do', () => {
    const hints = ['a: 1\na: 2\n', 'a:\n\tb: 1\n', 'a: 1\n---\nb: 2\n', 'a: &x 1\nb: *x\n'].map(
      (text) => {
        const result = readYaml('a.yaml', text);
        return result.kind === 'ok' ? '' : result.diagnostics[0]?.hint;
      },
    );
    expect(hints).toEqual([
      'each key may stand once; join the two, or rename one',
      'indent with spaces',
      'write one document: take the line "---" out',
      'write the value out',
    ]);
  });
});

const nested = (depth: number): unknown => (depth === 1 ? [] : [nested(depth - 1)]);

describe('what is read', () => {
  test.each([
    ['an empty file', '', null],
    ['comments alone', '# nothing\n', null],
    ['YAML 1.2 words', 'a: yes\nb: on\nc: true\nd: ~\n', { a: 'yes', b: 'on', c: true, d: null }],
    [
      'no octal, no sexagesimal, no dates',
      'a: 010\nb: 1:30\nc: 2026-01-01\n',
      { a: 10, b: '1:30', c: '2026-01-01' },
    ],
    ['line breaks of Windows', 'a: 1\r\nb:\r\n  - 2\r\n', { a: 1, b: [2] }],
    ['an anchor that nobody uses', 'a: &x 1\n', { a: 1 }],
    [
      'brackets in texts, however many',
      `a:\n${'  - "[{"\n'.repeat(200)}`,
      { a: Array(200).fill('[{') },
    ],
    ['dashes in a text', `a: |\n  ${'-'.repeat(200)}\n`, { a: `${'-'.repeat(200)}\n` }],
    ['brackets beside each other', `a: [${'[],'.repeat(200)}]`, { a: Array(200).fill([]) }],
    ['a hundred brackets', `${'['.repeat(100)}${']'.repeat(100)}`, nested(100)],
    ['a document between markers', '---\na: 1\n...\n', { a: 1 }],
  ])('%s', (_, text, value) => {
    expect(documentOf(text).value).toEqual(value);
  });

  test('a key named __proto__ is a key like any other', () => {
    const { value } = documentOf('__proto__: { admin: true }\n');
    expect(Object.keys(Object(value))).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe('places', () => {
  const document = documentOf(
    'rules:\n  - name: One\n    when: { from: "a@x" }\n  - name: "Two"\n    then:\n      - archive\n',
  );
  test.each([
    [['rules', 0, 'name'], 'value', 2, 11, 3],
    [['rules', 0, 'name'], 'key', 2, 5, 4],
    [['rules', 0, 'when', 'from'], 'value', 3, 19, 5],
    [['rules', 1, 'name'], 'value', 4, 11, 5],
    [['rules', 1, 'then', 0], 'value', 6, 9, 7],
    [['rules', 1, 'gone'], 'value', 4, 5, 11],
    [['rules', 7], 'value', 2, 3, 11],
    [[], 'value', 1, 1, 6],
  ] as const)('%j (%s)', (path, part, line, column, length) => {
    expect(document.locate(path, part)).toEqual({ at: { line, column }, length });
  });

  test('an empty file has one too', () => {
    expect(documentOf('').locate(['rules'])).toEqual({ at: { line: 1, column: 1 }, length: 1 });
  });
});
