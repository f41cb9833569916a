import { describe, expect, test } from 'vitest';
import { renderDiagnostics } from '../../src/config/code-frame.ts';
import type { Diagnostic } from '../../src/core/diagnostic.ts';

const TEXT = ['one: 1', 'two: 2', 'three:', '  form: a', 'five: 5'].join('\n');
const DEFECT: Diagnostic = {
  file: 'a.yaml',
  at: { line: 4, column: 3 },
  length: 4,
  severity: 'error',
  message: 'unknown key "form"',
  allowed: ['from', 'to'],
  hint: 'did you mean "from"?',
};
const render = (changes: Partial<Diagnostic> = {}, text = TEXT): string =>
  renderDiagnostics([{ ...DEFECT, ...changes }], new Map([['a.yaml', text]]));

test('a defect has its place, two lines before, a caret, what is allowed and a hint', () => {
  expect(render().split('\n')).toEqual([
    'a.yaml:4:3  error  unknown key "form"',
    '   2 | two: 2',
    '   3 | three:',
    ' > 4 |   form: a',
    '     |   ^^^^',
    '   allowed here: from, to',
    '   hint: did you mean "from"?',
    '1 error, 0 warnings.',
  ]);
});

describe('the frame', () => {
  test.each([
    [
      'stays in the file at its first line',
      { at: { line: 1, column: 1 }, length: 3 },
      TEXT,
      [' > 1 | one: 1', '     | ^^^'],
    ],
    ['has no lines beyond the last', { at: { line: 9, column: 1 } }, TEXT, []],
    [
      'has one caret at least',
      { at: { line: 1, column: 7 }, length: 0 },
      TEXT,
      [' > 1 | one: 1', '     |       ^'],
    ],
    [
      'reads the line breaks of Windows',
      { at: { line: 2, column: 1 }, length: 1 },
      'a: 1\r\nb: 2\r\n',
      ['   1 | a: 1', ' > 2 | b: 2', '     | ^'],
    ],
  ])('%s', (_, changes, text, lines) => {
    const shown = render(changes, text)
      .split('\n')
      .filter((line) => /^ .{2,}\|/.test(line));
    if (lines.length > 0) expect(shown).toEqual(lines);
    else expect(shown.every((line) => !line.includes('^'))).toBe(true);
  });

  test('is cut at 120 columns, and marks nothing beyond them', () => {
    const long = 'x'.repeat(500);
    const lines = render({ at: { line: 1, column: 100 }, length: 400 }, long).split('\n');
    expect(lines[1]).toBe(` > 1 | ${'x'.repeat(119)}…`);
    expect(lines[2]).toBe(`     | ${' '.repeat(99)}${'^'.repeat(21)}`);
    expect(render({ at: { line: 1, column: 130 }, length: 1 }, long)).not.toContain('^');
  });

  test('widens its gutter for long files', () => {
    const text = Array.from({ length: 100 }, (_, index) => `l${index + 1}`).join('\n');
    expect(render({ at: { line: 100, column: 1 }, length: 4 }, text)).toContain(
      '    98 | l98\n    99 | l99\n > 100 | l100\n       | ^^^^\n',
    );
  });

  test('is left out where the file cannot be read', () => {
    expect(renderDiagnostics([DEFECT], new Map()).split('\n')[1]).toBe('   allowed here: from, to');
  });
});

test('nothing of a file drives the terminal, and the caret stays in its column', () => {
  const text = 'a: "\u001b[31m\u202e" # x';
  const out = render(
    { at: { line: 1, column: 4 }, length: 3, message: 'bad \u001b[2J', hint: '\u0007' },
    text,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(out.split('\n')[1]).toHaveLength(` > 1 | ${text}`.length);
});

test('long lists of allowed words end in an ellipsis', () => {
  const allowed = Array.from({ length: 50 }, (_, index) => `w${index}`);
  expect(render({ allowed })).toContain(', w39, …\n');
});

test('the last line counts errors and warnings', () => {
  const warning = { ...DEFECT, severity: 'warning' } as const;
  expect(renderDiagnostics([DEFECT, warning, warning], new Map())).toMatch(
    /\n1 error, 2 warnings\.$/,
  );
  expect(renderDiagnostics([], new Map())).toBe('0 errors, 0 warnings.');
});
