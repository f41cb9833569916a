import { describe, expect, test } from 'vitest';
import { parseCommand, type Token, textOf, textsOf } from '../../src/sandbox/parse-command.ts';

function show(token: Token): unknown {
  return token.kind === 'list' ? token.items.map(show) : textOf(token);
}

describe('a command', () => {
  test.each([
    ['', '*'],
    ['A1', 'A1'],
    ['A1 LOGIN "open', 'A1'],
    ['A1 FETCH 1 (UID', 'A1'],
    ['A1 FETCH 1 UID)', 'A1'],
    ['A1 STORE 1  FLAGS', 'A1'],
    [`A1 SEARCH ${'('.repeat(60)}ALL${')'.repeat(60)}`, 'A1'],
  ])('%j is broken', (text, tag) => {
    expect(parseCommand({ text, literals: [] })).toMatchObject({ kind: 'broken', tag });
  });

  test.each([
    ['a NOOP', 'NOOP', []],
    ['a login ann "p \\"q\\" \\\\"', 'LOGIN', ['ann', 'p "q" \\']],
    ['a uid fetch 1:* (UID FLAGS)', 'UID FETCH', ['1:*', ['UID', 'FLAGS']]],
    [
      'a FETCH 1 (BODY.PEEK[HEADER.FIELDS (FROM TO)] UID)',
      'FETCH',
      ['1', ['BODY.PEEK[HEADER.FIELDS (FROM TO)]', 'UID']],
    ],
    ['a STORE 1 +FLAGS (\\Seen $Done)', 'STORE', ['1', '+FLAGS', ['\\Seen', '$Done']]],
    ['a SEARCH OR (SEEN) (NOT (DELETED))', 'SEARCH', ['OR', ['SEEN'], ['NOT', ['DELETED']]]],
    ['a CREATE ""', 'CREATE', ['']],
  ])('%j is read', (text, verb, tokens) => {
    const command = parseCommand({ text, literals: [] });
    if (command.kind === 'broken') expect.unreachable(command.reason);
    expect([command.verb, command.tokens.map(show)]).toEqual([verb, tokens]);
  });

  test('finds its literals in order, as octets', () => {
    const literals = [Buffer.from('Grüße'), Buffer.from('')];
    const command = parseCommand({ text: 'a SEARCH SUBJECT \u0000 TEXT \u0000', literals });
    if (command.kind === 'broken') expect.unreachable(command.reason);
    expect(command.tokens.map(show)).toEqual(['SUBJECT', 'Grüße', 'TEXT', '']);
  });

  test('a list of lists is no list of texts', () => {
    expect(textsOf({ kind: 'list', items: [{ kind: 'list', items: [] }] })).toBeUndefined();
  });
});
