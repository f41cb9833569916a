/** Templates with their fields, filters and safety: template*.ts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseTemplate,
  renderLabel,
  renderMailbox,
  sampleText,
  staticText,
  type Template,
  templateFields,
} from '../../src/language/template.ts';
import { FIELD_NAMES } from '../../src/language/template-fields.ts';
import { safeSegment } from '../../src/language/template-safety.ts';
import { whyInvalid } from '../../src/mail/mailbox-name.ts';
import { CONTEXT, type MessageFacts, messageOf } from './support.ts';

function templateOf(source: string): Template {
  const parsed = parseTemplate(source);
  if (parsed.kind === 'ok') return parsed.template;
  throw new Error(parsed.message);
}

function render(source: string, facts: MessageFacts = {}, captures: readonly string[] = []) {
  return renderMailbox(templateOf(source), { view: messageOf(facts), context: CONTEXT, captures });
}
const text = (
  source: string,
  facts: MessageFacts = {},
  captures: readonly string[] = [],
): string => {
  const rendered = render(source, facts, captures);
  return rendered.kind === 'text' ? rendered.text : `(${rendered.kind})`;
};

describe('what is no template', () => {
  test.each([
    ['{{ subject', 0, 'without its "}}"'],
    ['a }} b', 2, 'without its "}}"'],
    ['a {{ subject }} }}', 16, 'without its "}}"'],
    ['{{}}', 0, 'unknown field ""'],
    ['A/{{ form.name }}', 2, 'did you mean "from.name"?'],
    ['{{ match.0 }}', 0, 'unknown field "match.0"'],
    ['{{ match.100 }}', 0, 'unknown field'],
    ['{{ header.a:b }}', 0, 'unknown field'],
    ['{{ var. }}', 0, 'unknown field'],
    ['{{ subject | lwoer }}', 0, 'did you mean "lower"?'],
    ['{{ subject | truncate }}', 0, 'truncate wants a length'],
    ['{{ subject | truncate: 0 }}', 0, 'truncate wants a length'],
    ['{{ subject | }}', 0, 'unknown filter ""'],
    ['{{ subject + 1 }}', 0, 'unknown field "subject + 1"'],
  ])('%s', (source, offset, message) => {
    expect(parseTemplate(source)).toEqual({
      kind: 'error',
      offset,
      message: expect.stringContaining(message),
    });
  });
});

test('a template without fields is a text, and a sample stands for any value', () => {
  expect(staticText(templateOf('A/B'))).toBe('A/B');
  expect(staticText(templateOf('A/{{ subject }}'))).toBeUndefined();
  expect(sampleText(templateOf('A/{{ subject }}/{{ from.name }}'))).toBe('A/x/x');
  expect(templateFields(templateOf('{{ subject }}{{ from.name }}{{ account }}'))).toEqual([
    'header:subject',
    'header:from',
  ]);
});

describe('fields', () => {
  const facts: MessageFacts = {
    headers: {
      from: 'Ann Lee <Ann@Shop.Example>, Bob <b@x.example>',
      to: 'me@home.example',
      subject: 'Hello',
      'list-id': '"The List" <users.lists.example>',
      date: 'Thu, 31 Dec 2026 23:30:00 -0200 (CET)',
      'x-kind': 'note',
    },
    ageMs: 0,
  };
  test.each([
    ['from.address', 'Ann@Shop-Example'],
    ['from.localpart', 'Ann'],
    ['from.domain', 'Shop-Example'],
    ['from.name', 'Ann Lee'],
    ['to.address', 'me@home-example'],
    ['subject', 'Hello'],
    ['list.id', 'users-lists-example'],
    ['list.name', 'The List'],
    ['date.year', '2027'],
    ['date.month', '01'],
    ['date.day', '01'],
    ['date.week', '53'],
    ['received.year', '2026'],
    ['received.month', '03'],
    ['received.day', '01'],
    ['received.week', '09'],
    ['account', 'personal'],
    ['var.archive', 'Archive'],
    ['match.2', 'two'],
    ['header.X-Kind', 'note'],
    ['to.name', '(empty)'],
    ['match.3', '(empty)'],
    ['var.gone', '(empty)'],
    ['var.constructor', '(empty)'],
    ['header.X-Gone', '(empty)'],
  ])('%s is %s', (field, value) => {
    expect(text(`{{ ${field} }}`, facts, ['one', 'two'])).toBe(value);
  });

  test.each([
    ['{{ date.year }}', { headers: { date: 'yesterday' } }, 'empty'],
    ['{{ subject }}', { unreadable: ['subject'] }, 'indeterminate'],
    ['{{ subject }}', { loaded: [] }, 'needs'],
    ['{{ received.year }}', { basic: false }, 'needs'],
    ['{{ subject }}/{{ from.name }}', { loaded: [] }, 'needs'],
  ])('%s of %j is %s', (source, message, kind) => {
    expect(render(source, message).kind).toBe(kind);
  });

  test('everything that is missing is asked for at once', () => {
    expect(render('{{ subject }}/{{ from.name }}', { loaded: [] })).toEqual({
      kind: 'needs',
      fields: ['header:subject', 'header:from'],
    });
  });

  test('every name of the list is a field', () => {
    const bad = FIELD_NAMES.filter((name) => parseTemplate(`{{ ${name} }}`).kind === 'error');
    expect(bad).toEqual([]);
  });
});

describe('filters', () => {
  test.each([
    ['lower', 'HeLLo', 'hello'],
    ['upper', 'HeLLo', 'HELLO'],
    ['slug', 'Café & Crème – 50%!', 'cafe-creme-50'],
    ['slug', '漢字 テスト', '漢字-テスト'],
    ['slug', '!!!', '(empty)'],
    ['truncate: 3', '😀😀😀😀', '😀😀😀'],
    ['truncate:3', 'abcd', 'abc'],
    ['truncate: 2 | upper', 'abc', 'AB'],
  ])('%s of %j is %s', (filter, subject, expected) => {
    expect(text(`{{ subject | ${filter} }}`, { headers: { subject } })).toBe(expected);
  });
});

describe('values from mail are one harmless segment', () => {
  test.each([
    ['a/b', 'a-b'],
    ['a.b', 'a-b'],
    ['../../etc', '------etc'],
    ['%*"\\', '----'],
    ['\u0000\u0007a\u007f', 'a'],
    ['a\r\nb', 'ab'],
    ['\u202eb\u2066a\u200b\ufeff', 'ba'],
    ['  a \t b  ', 'a b'],
    ['e\u0301', 'é'],
    ['#news', '-news'],
    ['~root', '-root'],
    ['&AOk-', '-AOk-'],
    ['x'.repeat(70), 'x'.repeat(60)],
    ['', ''],
    ['\u200b', ''],
  ])('%j becomes %j', (value, expected) => expect(safeSegment(value, '.')).toBe(expected));

  test.each(['.', '..', '...', ' .. '])('%j is nothing where "." is no separator', (value) => {
    expect(safeSegment(value, '/')).toBe('');
  });

  test('whatever the value, the name is valid and has no level more', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('.', '/', ''),
        (value, separator) => {
          const segment = safeSegment(value, separator);
          expect(Array.from(segment).length).toBeLessThanOrEqual(60);
          if (segment === '') return;
          expect(whyInvalid(`A/${segment}`)).toBeUndefined();
          expect(`A/${segment}`.split('/')).toHaveLength(2);
          if (separator !== '') expect(segment).not.toContain(separator);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('labels', () => {
  const label = (source: string, subject: string) =>
    renderLabel(templateOf(source), {
      view: messageOf({ headers: { subject } }),
      context: CONTEXT,
      captures: [],
    });

  test.each([
    ['from-{{ subject }}', 'a b', 'from-a-b'],
    ['{{ subject }}', '(x){y}%*"\\]', '-x--y}-----'],
    ['{{ subject }}', 'Grüße', 'Gr--e'],
    ['$Done', '', '$Done'],
    ['{{ subject }}', '$MailwrightClaim-deadbeef', 'indeterminate'],
  ])('%s of %j is %s', (source, subject, expected) => {
    const rendered = label(source, subject);
    expect(rendered.kind === 'text' ? rendered.text : rendered.kind).toBe(expected);
  });

  test('a label is never empty', () => expect(label('{{ subject }}', '').kind).toBe('empty'));
});
