/** The readers of the sandbox server: commands as a client sends them. */
import { Socket } from 'node:net';
import { manualClock } from '../../src/core/clock.ts';
import { FULL_PROFILE } from '../../src/sandbox/capabilities.ts';
import { createStore } from '../../src/sandbox/model.ts';
import { parseCommand, textOf, textsOf } from '../../src/sandbox/parse-command.ts';
import { createReader, type RawCommand } from '../../src/sandbox/read-commands.ts';
import { serveConnection } from '../../src/sandbox/serve.ts';
import {
  inNumberSet,
  parseDateTime,
  parseDay,
  parseNumberSet,
} from '../../src/sandbox/wire-text.ts';
import { recipe, type Target } from './target.ts';

const SESSION = [
  'a1 SELECT INBOX\r\na2 UID SEARCH RETURN (ALL) UNSEEN SUBJECT "x" OR FROM a SINCE 1-Jan-2026\r\n',
  'a1 SELECT INBOX\r\na2 UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM TO)])\r\n',
  'a1 CREATE Foo/Bar\r\na2 LIST "" "*" RETURN (SPECIAL-USE)\r\na3 STATUS INBOX (MESSAGES UIDNEXT)\r\n',
  'a1 SELECT INBOX\r\na2 UID STORE 1,2 +FLAGS (\\Seen $Label)\r\na3 UID MOVE 1 Archive\r\na4 UID EXPUNGE 2\r\n',
  'a1 APPEND INBOX (\\Seen) "01-Jan-2026 00:00:00 +0000" {12}\r\nSubject: a\r\n\r\na2 IDLE\r\nDONE\r\n',
  'a1 SELECT INBOX\r\na2 FETCH 1 (BODYSTRUCTURE ENVELOPE BODY[1.MIME] BODY[]<0.10>)\r\na3 LOGOUT\r\n',
];

const GRAMMAR = {
  start: ['<command>', '<command><command>', 'a0 SELECT INBOX\r\n<command><start>'],
  command: ['<tag> <verb>\r\n', '<tag> <verb> <args>\r\n', '<tag> UID <uidverb> <set> <args>\r\n'],
  tag: ['a', 'a1', 'A002', '*', '+', ''],
  verb: [
    ...[
      'CAPABILITY',
      'NOOP',
      'LOGOUT',
      'IDLE',
      'DONE',
      'LOGIN',
      'AUTHENTICATE PLAIN',
      'ENABLE',
      'ID',
    ],
    ...['SELECT', 'EXAMINE', 'CREATE', 'DELETE', 'RENAME', 'LIST', 'STATUS', 'APPEND', 'NAMESPACE'],
    ...['CLOSE', 'UNSELECT', 'EXPUNGE', 'SEARCH', 'FETCH', 'STORE', 'COPY', 'MOVE', 'CHECK', 'X'],
  ],
  uidverb: ['FETCH', 'STORE', 'COPY', 'MOVE', 'EXPUNGE', 'SEARCH'],
  args: ['<arg>', '<arg> <args>', '(<args>)', '()'],
  arg: ['<atom>', '<string>', '<set>', '<date>', '<item>', '<key>', '<flag>', 'INBOX', 'Archive'],
  atom: ['x', '\\Seen', 'a/b', 'RETURN', 'MESSAGES', 'CHANGEDSINCE', 'UNCHANGEDSINCE', '&AGE-'],
  string: [
    '""',
    '"a"',
    '"a\\"b"',
    '"\\\\"',
    '{3}\r\nabc',
    '{3+}\r\nabc',
    '{0}\r\n',
    '"01-Jan-2026 00:00:00 +0000"',
  ],
  set: ['1', '1:*', '*:1', '1,2,3', '0', '4294967295', '1:99999999', '*', '$', '3:1,1:3'],
  date: ['1-Jan-2026', '31-Feb-2026', '"1-Jan-2026"', '00-XXX-0000'],
  flag: ['+FLAGS', '-FLAGS.SILENT', 'FLAGS', '(\\Seen)', '(\\Deleted $x)', '\\*'],
  item: [
    ...[
      'UID',
      'FLAGS',
      'ALL',
      'FULL',
      'FAST',
      'ENVELOPE',
      'BODYSTRUCTURE',
      'BODY',
      'RFC822.SIZE',
      'MODSEQ',
    ],
    ...[
      'BODY[]',
      'BODY.PEEK[HEADER]',
      'BODY[TEXT]<0.5>',
      'BODY[1.2.MIME]',
      'BODY.PEEK[HEADER.FIELDS (<arg>)]',
    ],
  ],
  key: [
    ...[
      'ALL',
      'UNSEEN',
      'NOT <key>',
      'OR <key> <key>',
      '(<key>)',
      'SUBJECT <string>',
      'HEADER <atom> <string>',
    ],
    ...[
      'SINCE <date>',
      'LARGER 5',
      'SMALLER -1',
      'UID <set>',
      'KEYWORD x',
      'MODSEQ 5',
      'TEXT <string>',
      'BODY ""',
    ],
  ],
};

const RECIPE = recipe(SESSION, GRAMMAR);
const MESSAGE = Buffer.from(
  'From: A <a@x>\r\nSubject: hello\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b--\r\n',
);

/** The whole server behind a socket that leads nowhere, logged in. */
const server: Target = {
  name: 'sandbox-server',
  recipe: RECIPE,
  run: (input) => {
    const store = createStore({ prefix: '', separator: '/' }, 1);
    const inbox = store.find('INBOX');
    for (let count = 0; inbox !== undefined && count < 3; count++) {
      store.append(inbox, { raw: MESSAGE, internalDateMs: Date.UTC(2026, 0, 1), flags: [] });
    }
    store.create('Archive', 'archive');
    const settings = {
      store,
      clock: manualClock(0),
      capabilities: FULL_PROFILE,
      user: 'u',
      password: 'p',
    };
    const socket = new Socket();
    Object.defineProperty(socket, 'writable', { value: true });
    Object.defineProperty(socket, 'write', { value: () => true });
    Object.defineProperty(socket, 'end', { value: () => socket });
    serveConnection(socket, settings, 1);
    socket.emit('data', Buffer.from('l LOGIN u p\r\n'));
    const cut = Math.floor(input.length / 2);
    for (const piece of [input.subarray(0, cut), input.subarray(cut)]) socket.emit('data', piece);
    socket.emit('close');
    socket.destroy();
  },
};

/** Reader and parser alone, octet by octet where the input is short. */
const commands: Target = {
  name: 'sandbox-commands',
  recipe: RECIPE,
  run: (input) => {
    const found: RawCommand[] = [];
    const read = createReader({
      command: (command) => void found.push(command),
      literal: () => {},
      refuse: () => {},
    });
    const size = input.length < 300 ? 1 : 1024;
    for (let at = 0; at < input.length; at += size) read(input.subarray(at, at + size));
    for (const raw of found) {
      const command = parseCommand(raw);
      if (command.kind === 'broken') continue;
      for (const token of command.tokens) [textOf(token), textsOf(token)];
    }
  },
};

const wireText: Target = {
  name: 'sandbox-wire-text',
  recipe: recipe(['1:5,7,*', ' 1-Jan-2026 10:11:12 +0100', '1-Jan-2026', '4294967295:1'], GRAMMAR),
  run: (input) => {
    const text = input.toString('latin1');
    parseDateTime(text);
    parseDay(text);
    const set = parseNumberSet(text, 10);
    if (set !== undefined) inNumberSet(set, 5);
  },
};

/** All of them. */
export const SANDBOX_TARGETS: readonly Target[] = [server, commands, wireText];
