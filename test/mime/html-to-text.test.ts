/** HTML as a reader sees it. */
import { expect, test } from 'vitest';
import { htmlToText } from '../../src/mime/html-to-text.ts';

test.each<[string, string]>([
  ['<b>in</b>voice', 'invoice'],
  ['<p>one</p><p>two</p>', 'one\ntwo'],
  ['a&nbsp;b&#8364;&#x41;&amp;', 'a b€A&'],
  ['<TITLE>no</TITLE>yes', 'yes'],
  ['<script>if (a<b) "</p>"</script>yes', 'yes'],
  ['<style>p{}</style >yes', 'yes'],
  ['x<!-- no -->y', 'xy'],
  ['5 < 6 and 7 > 3', '5 < 6 and 7 > 3'],
  ['<a title="a > b">link</a>', 'link'],
  ['<img alt="no">text', 'text'],
  ['never <b closed', 'never'],
  ['<p>&lt;script&gt;', '<script>'],
  ['', ''],
])('%s', (html, text) => {
  expect(htmlToText(html)).toBe(text);
});
