/** Sending on and running programs: never twice by itself, never in circles. */
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { secret } from '../../src/core/secret.ts';
import { forwardMessage, whyNotForward } from '../../src/effects/forward.ts';
import { runProgram } from '../../src/effects/run-program.ts';
import { createHeaders } from '../../src/mime/parse-headers.ts';

const between = { from: 'me@own.example', to: 'you@other.example' };
const headers = (text: string) => createHeaders(Buffer.from(text.replaceAll('\n', '\r\n')), 'all');

describe('the loop guard', () => {
  test.each<[string, string | undefined]>([
    ['From: ann@a.example\n', undefined],
    ['From: ann@a.example\nAuto-Submitted: no\n', undefined],
    ['Auto-Submitted: auto-replied\n', 'it was sent by a machine'],
    ['Precedence: bulk\n', 'it is bulk mail'],
    ['List-Id: <x.example>\n', 'it is mail of a list'],
    ['Return-Path: <>\n', 'it has a null sender'],
    ['From: You <YOU@other.example>\n', 'its author is'],
    ['From: me@own.example\n', 'its author is'],
    [`${'Received: from x\n'.repeat(26)}`, 'it has passed 26 servers'],
  ])('%j', (text, why) => {
    const found = whyNotForward(headers(text), between);
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(why);
  });
});

/** A server that answers by a script and keeps what it is told. */
async function smtpServer(answers: Readonly<Record<string, string>>): Promise<{
  port: number;
  lines: string[];
  server: Server;
}> {
  const lines: string[] = [];
  const server = createServer((socket) => {
    let data = false;
    let rest = '';
    socket.on('error', () => {});
    socket.write('220 test ESMTP\r\n');
    socket.on('data', (chunk) => {
      rest += String(chunk);
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        lines.push(line);
        const verb = data ? (line === '.' ? '.' : '') : (line.split(/[ :]/)[0] ?? '').toUpperCase();
        if (verb === '') continue;
        const answer = answers[verb] ?? DEFAULT_ANSWERS[verb] ?? '250 ok';
        if (answer === 'DIE') socket.destroy();
        else socket.write(`${answer}\r\n`);
        data = verb === 'DATA' && answer.startsWith('354');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    lines,
    server,
  };
}

const DEFAULT_ANSWERS: Readonly<Record<string, string>> = {
  EHLO: '250-test\r\n250 AUTH PLAIN',
  AUTH: '235 ok',
  DATA: '354 go on',
  '.': '250 queued',
  QUIT: '221 bye',
};

describe('forward', () => {
  let server: Server;
  afterEach(() => server.close());
  const send = async (answers: Readonly<Record<string, string>>) => {
    const smtp = await smtpServer(answers);
    server = smtp.server;
    const outcome = await forwardMessage({
      smtp: {
        ...{ host: '127.0.0.1', port: smtp.port, tls: 'none', ca: null, user: 'me' },
        password: secret('hush'),
      },
      ...between,
      raw: Buffer.from('From: ann@a.example\r\nSubject: x\r\n\r\n.hidden dot\r\n'),
      nowMs: Date.UTC(2026, 0, 1),
    });
    return { outcome, lines: smtp.lines };
  };

  test('the message as it is, with fields that say who sent it on', async () => {
    const { outcome, lines } = await send({});
    expect(outcome.kind).toBe('done');
    expect(lines).toContain('MAIL FROM:<me@own.example>');
    expect(lines).toContain('RCPT TO:<you@other.example>');
    expect(lines).toContain('Resent-From: <me@own.example>');
    expect(lines).toContain('Resent-Date: Thu, 01 Jan 2026 00:00:00 +0000');
    expect(lines).toContain('..hidden dot');
    expect(lines.some((line) => /^x-mailwright-forwarded: [0-9a-f]{16}$/.test(line))).toBe(true);
  });

  test.each<[Readonly<Record<string, string>>, string]>([
    [{ AUTH: '535 no' }, 'refused'],
    [{ MAIL: '451 later' }, 'failed'],
    [{ RCPT: '550 nobody' }, 'refused'],
    [{ DATA: '452 full' }, 'failed'],
    [{ '.': '554 no' }, 'refused'],
    [{ '.': 'DIE' }, 'unknown'],
    [{ EHLO: 'DIE', HELO: 'DIE' }, 'failed'],
  ])('%j is %s', async (answers, kind) => {
    const { outcome } = await send(answers);
    expect(outcome.kind).toBe(kind);
    expect(JSON.stringify(outcome)).not.toContain('hush');
  });
});

describe('exec', () => {
  const run = (script: string, timeoutMs = 5000) =>
    runProgram({
      program: '/bin/sh',
      args: ['-c', script],
      input: Buffer.from('the message\n'),
      environment: { MAILWRIGHT_UID: '7' },
      timeoutMs,
    });
  test.each<[string, string, string]>([
    ['test "$(cat)" = "the message"', 'done', 'ended well'],
    ['test "$MAILWRIGHT_UID" = 7 && test -z "$HOME"', 'done', 'ended well'],
    ['exit 0', 'done', 'ended well'],
    ['echo first; echo "last words" >&2; exit 3', 'refused', 'ended with 3: last words'],
    ['kill -9 $$', 'refused', 'ended with SIGKILL'],
  ])('%s', async (script, kind, words) => {
    const outcome = await run(script);
    expect(outcome.kind).toBe(kind);
    expect(JSON.stringify(outcome)).toContain(words);
  });
  test('one that does not end is stopped, with its children', async () => {
    expect(await run('sleep 60 & sleep 60', 200)).toMatchObject({ kind: 'unknown' });
  });
  test('one that is not there', async () => {
    const request = { program: '/no/such', args: [], input: Buffer.from('x'), environment: {} };
    expect(await runProgram({ ...request, timeoutMs: 1000 })).toMatchObject({ kind: 'failed' });
  });
});
