import { describe, expect, test } from 'vitest';
import { palette } from '../../src/cli/color.ts';
import {
  differences,
  renderTree,
  type TreeMailbox,
  type TreeMessage,
} from '../../src/cli/commands/demo-tree.ts';

function message(text: string, more: Partial<TreeMessage> = {}): TreeMessage {
  return { raw: Buffer.from(text), internalDateMs: 1000, flags: [], ...more };
}

function box(name: string, ...messages: readonly TreeMessage[]): TreeMailbox {
  return { name, selectable: true, messages };
}

const BEFORE = [box('INBOX', message('a', { flags: ['x', 'y'] }), message('b')), box('Trash')];

test('a tree shows levels, counts, and what has changed', () => {
  const after = [
    box('INBOX', message('a')),
    { name: 'Lists', selectable: false, messages: [] },
    box('Lists/bees', message('b')),
    box('Trash', message('c')),
  ];
  expect(renderTree(after, palette(false), BEFORE).split('\n')).toEqual([
    '  INBOX      1  −1',
    '  Lists',
    '    bees     1  new',
    '  Trash      1  +1',
  ]);
});

describe('the same mail', () => {
  test.each<[string, readonly TreeMailbox[], readonly string[]]>([
    [
      'is found in another order',
      [box('INBOX', message('b'), message('a', { flags: ['y', 'x'] }))],
      [],
    ],
    ['is not hidden by new, empty mailboxes', [...BEFORE, box('New')], []],
    ['is missed when a message is gone', [box('INBOX', message('b'))], ['INBOX']],
    ['is not the same with another flag', [box('INBOX', message('a'), message('b'))], ['INBOX']],
    [
      'is not the same with another date',
      [box('INBOX', message('a', { flags: ['x', 'y'], internalDateMs: 2000 }), message('b'))],
      ['INBOX'],
    ],
    ['is not the same with a stray copy', [...BEFORE, box('New', message('a'))], ['New']],
  ])('%s', (_, after, wrong) => {
    expect(differences(BEFORE, after)).toEqual(wrong);
  });
});
