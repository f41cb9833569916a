/** HTML as a reader sees it: words without tags, lines where blocks begin. Nothing is fetched. */
import { Tokenizer } from 'htmlparser2';

const UNSHOWN = new Set(['script', 'style', 'title', 'template']);
const BLOCKS = new Set([
  ...['address', 'article', 'aside', 'blockquote', 'br', 'center', 'dd', 'div', 'dl', 'dt'],
  ...['fieldset', 'footer', 'form', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header', 'hr', 'li'],
  ...['main', 'nav', 'ol', 'p', 'pre', 'section', 'table', 'tbody', 'td', 'tfoot', 'th', 'thead'],
  ...['tr', 'ul'],
]);

const ignore = (): void => {};

/**
 * Reads the shown text of a page: entities decoded, runs of blanks made one. Never throws. Works on
 * the tokens, in linear time: a tree of tags that never close would cost the square of their number.
 */
export function htmlToText(html: string): string {
  const pieces: string[] = [];
  let hidden = '';
  const enter = (start: number, end: number): void => {
    const name = html.slice(start, end).toLowerCase();
    if (hidden === '' && UNSHOWN.has(name)) hidden = name;
    else if (hidden === '' && BLOCKS.has(name)) pieces.push('\n');
  };
  const leave = (start: number, end: number): void => {
    const name = html.slice(start, end).toLowerCase();
    if (hidden === name) hidden = '';
    else if (hidden === '' && BLOCKS.has(name)) pieces.push('\n');
  };
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext: (start, end) => {
        if (hidden === '') pieces.push(html.slice(start, end).replaceAll(/\s+/g, ' '));
      },
      ontextentity: (codepoint) => {
        if (hidden === '') pieces.push(String.fromCodePoint(codepoint).replace(/\s/, ' '));
      },
      onopentagname: enter,
      onclosetag: leave,
      onselfclosingtag: ignore,
      onopentagend: ignore,
      onattribname: ignore,
      onattribdata: ignore,
      onattribentity: ignore,
      onattribend: ignore,
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onprocessinginstruction: ignore,
      onend: ignore,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return pieces
    .join('')
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}
