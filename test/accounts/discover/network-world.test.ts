/** Discovery on a real network: name servers, web servers and mail servers of ours on loopback. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { discoverServer } from '../../../src/accounts/discover/discover-server.ts';
import { networkWorld } from '../../../src/accounts/discover/network-world.ts';
import { type DnsStub, startDnsStub, type Zone } from '../../support/dns-stub.ts';
import { TEST_CERTIFICATE } from '../../support/test-certificate.ts';
import { answer, type Behaviour, startWebServer } from '../../support/web-server.ts';

const patient = (): AbortSignal => new AbortController().signal;
const ca = TEST_CERTIFICATE.cert;

async function nameServer(zone: Zone): Promise<DnsStub> {
  const stub = await startDnsStub(zone);
  onTestFinished(() => stub.close());
  return stub;
}

async function webServer(...behaviours: readonly Behaviour[]) {
  const server = await startWebServer(behaviours, { tls: true });
  onTestFinished(() => server.close());
  return server;
}

async function listening(server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('DNS', () => {
  test('SRV and MX records as a name server gives them', async () => {
    const stub = await nameServer({
      srv: {
        '_imaps._tcp.example.org': [
          { name: 'imap.example.org', port: 993, priority: 10, weight: 5 },
          { name: 'spare.example.org', port: 1993, priority: 20, weight: 0 },
        ],
      },
      mx: { 'example.org': [{ exchange: 'mx.example.org', priority: 7 }] },
    });
    const world = networkWorld({ nameServers: [stub.address] });
    expect(await world.resolveSrv('_imaps._tcp.example.org')).toEqual([
      { name: 'imap.example.org', port: 993, priority: 10, weight: 5 },
      { name: 'spare.example.org', port: 1993, priority: 20, weight: 0 },
    ]);
    expect(await world.resolveMx('example.org')).toEqual([
      { exchange: 'mx.example.org', priority: 7 },
    ]);
  });

  test('a name that does not exist has no records; a broken server is a failure', async () => {
    const stub = await nameServer({ broken: ['example.org'] });
    const world = networkWorld({ nameServers: [stub.address] });
    expect(await world.resolveSrv('_imaps._tcp.example.org')).toEqual([]);
    await expect(world.resolveMx('example.org')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });

  test('the whole way: SRV found, "." heard, MX known', async () => {
    const stub = await nameServer({
      srv: {
        '_imaps._tcp.example.org': [
          { name: 'imap.example.org', port: 993, priority: 0, weight: 0 },
        ],
        '_imap._tcp.example.org': [{ name: '', port: 0, priority: 0, weight: 0 }],
      },
      mx: { 'example.org': [{ exchange: 'aspmx.l.google.com', priority: 1 }] },
    });
    const found = await discoverServer('me@example.org', {
      ...networkWorld({ nameServers: [stub.address] }),
      fetch: async () => ({ kind: 'nothing', reason: '404' }),
    });
    expect(found.servers).toMatchObject([
      { source: 'srv', imap: { host: 'imap.example.org', port: 993 }, confirm: null },
      { source: 'mx', provider: 'gmail' },
    ]);
    expect(found.attempts).toContainEqual({
      source: 'srv',
      asked: '_imap._tcp.example.org',
      result: 'nothing',
      reason: 'the domain does not offer it',
    });
    expect(stub.asked).toContain('mx example.org');
  });

  test('a name server that is silent is waited for until the deadline alone', async () => {
    const stub = await nameServer({ silent: ['_imaps._tcp.example.org', 'example.org'] });
    const world = networkWorld({ nameServers: [stub.address] });
    const found = await discoverServer(
      'me@example.org',
      {
        ...world,
        fetch: async () => ({ kind: 'nothing', reason: '404' }),
        probe: async () => ({ kind: 'silent', reason: 'nothing listens there' }),
      },
      { deadlineMs: 50 },
    );
    expect(found.servers).toEqual([]);
    expect(found.attempts).toContainEqual({
      source: 'mx',
      asked: 'example.org',
      result: 'failed',
      reason: 'no answer within 0.05 s',
    });
  });
});

describe('documents', () => {
  const loopback = { reach: 'loopback only', ca } as const;

  test('are fetched by HTTPS', async () => {
    const server = await webServer(answer(200, { 'content-type': 'text/xml' }, '<clientConfig/>'));
    const url = `https://localhost:${server.port}/mail/config-v1.1.xml?emailaddress=me%40x`;
    expect(await networkWorld(loopback).fetch(url, patient())).toEqual({
      kind: 'document',
      text: '<clientConfig/>',
    });
    expect(server.seen).toMatchObject([
      { method: 'GET', path: '/mail/config-v1.1.xml?emailaddress=me%40x' },
    ]);
    expect(server.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  test('are followed where they moved to, by HTTPS alone', async () => {
    const server = await webServer(
      answer(301, { location: '/there' }),
      answer(200, {}, '<clientConfig/>'),
    );
    const world = networkWorld(loopback);
    expect(await world.fetch(`https://localhost:${server.port}/`, patient())).toMatchObject({
      kind: 'document',
    });
    expect(server.seen.map(({ path }) => path)).toEqual(['/', '/there']);
  });

  test.each([
    ['http://example.org/config.xml', 'http://example.org is not HTTPS'],
    ['https://me:secret@example.org/', 'a login stands in the address'],
    ['https://10.0.0.1/', '10.0.0.1, and http is for this machine only; use https'],
  ])('that moved to %s are refused', async (location, reason) => {
    const server = await webServer(answer(302, { location }));
    const fetched = await networkWorld(loopback).fetch(
      `https://localhost:${server.port}/`,
      patient(),
    );
    expect(fetched).toEqual({ kind: 'refused', reason });
  });

  test('a private address is refused', async () => {
    expect(await networkWorld().fetch('https://10.0.0.1/', patient())).toEqual({
      kind: 'refused',
      reason: '10.0.0.1, which is not a public address',
    });
  });

  test('a circle ends', async () => {
    const server = await webServer(answer(302, { location: '/' }));
    const url = `https://localhost:${server.port}/`;
    expect(await networkWorld(loopback).fetch(url, patient())).toEqual({
      kind: 'refused',
      reason: 'it was moved more than 3 times',
    });
    expect(server.seen).toHaveLength(4);
  });

  test('a name with a private address is refused before a connection is made', async () => {
    const server = await webServer(answer(200, {}, '<clientConfig/>'));
    const world = networkWorld({ ca, resolve: toLoopback });
    expect(await world.fetch(`https://autoconfig.example.test:${server.port}/`, patient())).toEqual(
      {
        kind: 'refused',
        reason: 'autoconfig.example.test is 127.0.0.1, which is not a public address',
      },
    );
    expect(server.connectionCount()).toBe(0);
  });

  test('a certificate for another name is a failure', async () => {
    const server = await webServer(answer(200, {}, '<clientConfig/>'));
    const world = networkWorld({ ...loopback, resolve: toLoopback });
    const url = `https://autoconfig.example.test:${server.port}/`;
    await expect(world.fetch(url, patient())).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(server.seen).toEqual([]);
  });

  test('a certificate that nobody vouches for is a failure', async () => {
    const server = await webServer(answer(200, {}, '<clientConfig/>'));
    const world = networkWorld({ reach: 'loopback only' });
    await expect(world.fetch(`https://localhost:${server.port}/`, patient())).rejects.toMatchObject(
      { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    );
  });

  test.each([404, 403, 500])('status %d is nothing', async (status) => {
    const server = await webServer(answer(status, {}, 'x'));
    const url = `https://localhost:${server.port}/`;
    expect(await networkWorld(loopback).fetch(url, patient())).toEqual({
      kind: 'nothing',
      reason: `the server answered ${status}`,
    });
  });

  test('a flood is cut off', async () => {
    const server = await webServer(answer(200, {}, 'x'.repeat(2_000_000)));
    const url = `https://localhost:${server.port}/`;
    expect(await networkWorld(loopback).fetch(url, patient())).toEqual({
      kind: 'refused',
      reason: 'it is larger than 524288 bytes',
    });
  });

  test('one that never ends is given up when told to', async () => {
    const stop = new AbortController();
    const server = await webServer((response) => {
      response.writeHead(200).write('<clientConfig>');
      stop.abort();
    });
    const url = `https://localhost:${server.port}/`;
    await expect(networkWorld(loopback).fetch(url, stop.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('a mail server', () => {
  const probe = async (port: number, tls: 'implicit' | 'starttls', host = 'localhost') =>
    await networkWorld({ ca, resolve: toLoopback }).probe({ host, port, tls }, patient());

  test('answers with TLS from the first byte, and is told nothing', async () => {
    const said: string[] = [];
    const server = createTlsServer({ ...TEST_CERTIFICATE }, (socket) => {
      socket.on('data', (data: Buffer) => said.push(data.toString()));
      socket.write('* OK ready\r\n');
    });
    expect(await probe(await listening(server), 'implicit')).toEqual({ kind: 'answers' });
    expect(said).toEqual([]);
  });

  test('answers after STARTTLS, and is told nothing else', async () => {
    const said: string[] = [];
    const server = createServer((socket) => {
      socket.write('* OK ready\r\n');
      socket.once('data', (data: Buffer) => {
        said.push(data.toString());
        socket.write('a OK go on\r\n', () => {
          new TLSSocket(socket, { isServer: true, ...TEST_CERTIFICATE }).on('error', () => {});
        });
      });
    });
    expect(await probe(await listening(server), 'starttls')).toEqual({ kind: 'answers' });
    expect(said).toEqual(['a STARTTLS\r\n']);
  });

  test.each([
    ['no mail server', 'HTTP/1.1 400 Bad Request\r\n', 'it does not speak IMAP'],
    ['a POP server', '+OK ready\r\n', 'it does not speak IMAP'],
    ['one that says too much', `* OK ${'x'.repeat(10_000)}`, 'it does not speak IMAP'],
  ])('%s is silent', async (_, greeting, reason) => {
    const server = createTlsServer({ ...TEST_CERTIFICATE }, (socket) => {
      socket.on('error', () => {}).write(greeting);
    });
    expect(await probe(await listening(server), 'implicit')).toEqual({ kind: 'silent', reason });
  });

  test.each([
    ['refuses STARTTLS', 'a NO not today\r\n'],
    ['does not know it', 'a BAD what\r\n'],
    ['says more before the handshake (an injection)', 'a OK go on\r\n* OK [ALERT] x\r\n'],
  ])('one that %s is silent', async (_, reply) => {
    const server = createServer((socket) => {
      socket.write('* OK ready\r\n');
      socket.once('data', () => socket.write(reply));
    });
    expect(await probe(await listening(server), 'starttls')).toEqual({
      kind: 'silent',
      reason: 'it does not speak IMAP',
    });
  });

  test('one whose certificate is for another name is silent', async () => {
    const server = createTlsServer({ ...TEST_CERTIFICATE }, (socket) => {
      socket.on('error', () => {}).write('* OK ready\r\n');
    });
    const found = await probe(await listening(server), 'implicit', 'imap.example.test');
    expect(found).toMatchObject({
      kind: 'silent',
      reason: expect.stringContaining("does not match certificate's altnames"),
    });
  });

  test('one that hangs up, and one that is not there, are silent', async () => {
    const port = await listening(createServer((socket) => socket.end()));
    expect(await probe(port, 'starttls')).toEqual({
      kind: 'silent',
      reason: 'it closed the connection',
    });
    expect(await probe(1, 'implicit')).toMatchObject({ kind: 'silent' });
  });

  test('one that says nothing is given up when told to', async () => {
    const stop = new AbortController();
    const port = await listening(createServer(() => stop.abort()));
    const world = networkWorld({ ca });
    expect(
      await world.probe({ host: 'localhost', port, tls: 'starttls' }, stop.signal),
    ).toMatchObject({ kind: 'silent' });
  });
});

function toLoopback(
  _: string,
  done: (error: null, addresses: readonly { address: string; family: number }[]) => void,
): void {
  done(null, [{ address: '127.0.0.1', family: 4 }]);
}
