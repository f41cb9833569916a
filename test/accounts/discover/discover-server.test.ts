import { describe, expect, test, vi } from 'vitest';
import { discoverServer } from '../../../src/accounts/discover/discover-server.ts';
import type {
  Discovery,
  DiscoveryOptions,
  DiscoveryWorld,
  FetchedDocument,
  SrvRecord,
} from '../../../src/accounts/discover/discovery.ts';

const ADDRESS = 'me@example.org';

/** What the world knows; the rest of it does not exist. */
interface Known {
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly mx?: readonly string[];
  readonly documents?: Readonly<Record<string, string>>;
  /** `host:port` of IMAP servers that answer. */
  readonly answers?: readonly string[];
}

function world(known: Known = {}, other: Partial<DiscoveryWorld> = {}) {
  const asked: string[] = [];
  const it: DiscoveryWorld = {
    resolveSrv: async (name) => {
      asked.push(`srv ${name}`);
      return known.srv?.[name] ?? [];
    },
    resolveMx: async (name) => {
      asked.push(`mx ${name}`);
      return (known.mx ?? []).map((exchange, index) => ({ exchange, priority: index }));
    },
    fetch: async (url): Promise<FetchedDocument> => {
      asked.push(`fetch ${url}`);
      const text = known.documents?.[url.replace(/\?.*$/, '')];
      return text === undefined ? { kind: 'nothing', reason: '404' } : { kind: 'document', text };
    },
    probe: async ({ host, port }) => {
      asked.push(`probe ${host}:${port}`);
      return known.answers?.includes(`${host}:${port}`) === true
        ? { kind: 'answers' }
        : { kind: 'silent', reason: 'nothing listens there' };
    },
    random: () => 0.5,
    ...other,
  };
  return { world: it, asked };
}

const find = async (
  known: Known,
  options: DiscoveryOptions = {},
  address = ADDRESS,
): Promise<Discovery> => await discoverServer(address, world(known).world, options);

const srv = (name: string, port = 993): readonly SrvRecord[] => [
  { name, port, priority: 0, weight: 0 },
];
const document = (host: string): string =>
  `<clientConfig><emailProvider><incomingServer type="imap"><hostname>${host}</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILLOCALPART%</username></incomingServer></emailProvider></clientConfig>`;
const AUTOCONFIG = 'https://autoconfig.example.org/mail/config-v1.1.xml';
const WELL_KNOWN = 'https://example.org/.well-known/autoconfig/mail/config-v1.1.xml';
const ISPDB = 'https://autoconfig.thunderbird.net/v1.1/example.org';

describe('a domain of a known provider', () => {
  test.each([
    ['me@gmail.com', 'gmail', 'imap.gmail.com'],
    ['Me@GoogleMail.com', 'gmail', 'imap.gmail.com'],
    ['me@hotmail.com', 'outlook', 'outlook.office365.com'],
    ['me@live.co.uk', 'outlook', 'outlook.office365.com'],
    ['me@me.com', 'icloud', 'imap.mail.me.com'],
    ['me@ymail.com', 'yahoo', 'imap.mail.yahoo.com'],
    ['me@fastmail.fm', 'fastmail', 'imap.fastmail.com'],
    ['me@gmx.de', 'gmx', 'imap.gmx.net'],
    ['me@gmx.com', 'gmx', 'imap.gmx.com'],
    ['me@zoho.eu', 'zoho', 'imap.zoho.eu'],
    ['me@ya.ru', 'yandex', 'imap.yandex.com'],
  ])('%s is %s, and nothing is asked', async (address, provider, host) => {
    const { world: offline, asked } = world();
    const found = await discoverServer(address, offline);
    expect(asked).toEqual([]);
    expect(found.attempts).toEqual([]);
    expect(found.servers).toMatchObject([
      { source: 'preset', provider, user: address, imap: { host, port: 993 }, confirm: null },
    ]);
  });
});

describe('SRV records', () => {
  test('the secure service goes before STARTTLS', async () => {
    const found = await find({
      srv: {
        '_imaps._tcp.example.org': srv('imap.example.org'),
        '_imap._tcp.example.org': srv('imap.example.org', 143),
        '_submission._tcp.example.org': srv('smtp.example.org', 587),
      },
    });
    expect(found.servers).toMatchObject([
      {
        source: 'srv',
        imap: { host: 'imap.example.org', port: 993, tls: 'implicit' },
        smtp: { host: 'smtp.example.org', port: 587, tls: 'starttls' },
        user: ADDRESS,
        provider: null,
        how: 'the SRV record _imaps._tcp.example.org names imap.example.org',
        confirm: null,
      },
      { source: 'srv', imap: { port: 143, tls: 'starttls' } },
    ]);
  });

  test('a server outside the domain must be confirmed (RFC 6186 §6)', async () => {
    const [server] = (await find({ srv: { '_imaps._tcp.example.org': srv('imap.host.example') } }))
      .servers;
    expect(server?.confirm).toBe(
      "DNS names imap.host.example, which is outside example.org; is it your provider's?",
    );
  });

  test.each(['notexample.org', 'imap.example.org.attacker.example', 'org'])(
    'the name %s is outside, however it looks',
    async (name) => {
      const { servers } = await find({ srv: { '_imaps._tcp.example.org': srv(name) } });
      expect(servers.map(({ confirm }) => confirm)).not.toContain(null);
    },
  );

  test('"." says that there is none', async () => {
    const found = await find({ srv: { '_imaps._tcp.example.org': srv('', 0) } });
    expect(found.servers).toEqual([]);
    expect(found.attempts).toContainEqual({
      source: 'srv',
      asked: '_imaps._tcp.example.org',
      result: 'nothing',
      reason: 'the domain does not offer it',
    });
  });

  test('a server of a provider brings its preset', async () => {
    const { servers } = await find({
      srv: { '_imaps._tcp.example.org': srv('imap.fastmail.com') },
    });
    expect(servers).toMatchObject([{ provider: 'fastmail' }]);
  });
});

describe('the autoconfig document', () => {
  test('of the domain vouches for servers elsewhere: HTTPS proved who says it', async () => {
    const found = await find({ documents: { [WELL_KNOWN]: document('imap.host.example') } });
    expect(found.servers).toMatchObject([
      {
        source: 'autoconfig',
        imap: { host: 'imap.host.example' },
        user: 'me',
        how: `the document ${WELL_KNOWN} names imap.host.example`,
        confirm: null,
      },
    ]);
  });

  test('is asked for with the address', async () => {
    const { world: it, asked } = world();
    await discoverServer('me+mail@example.org', it);
    expect(asked).toContain(`fetch ${AUTOCONFIG}?emailaddress=me%2Bmail%40example.org`);
    expect(asked).toContain(`fetch ${WELL_KNOWN}?emailaddress=me%2Bmail%40example.org`);
  });

  test('at its own name goes before the one at the web site', async () => {
    const { servers } = await find({
      documents: {
        [AUTOCONFIG]: document('a.example.org'),
        [WELL_KNOWN]: document('b.example.org'),
      },
    });
    expect(servers.map(({ imap }) => imap.host)).toEqual(['a.example.org']);
  });

  test.each([
    ['is none', '<html/>', 'refused', 'the document is no autoconfig document'],
    [
      'names none with TLS',
      document('x').replace('SSL', 'plain'),
      'nothing',
      'it names no IMAP server with TLS',
    ],
  ])('that %s is told of', async (_, text, result, reason) => {
    const { servers, attempts } = await find({ documents: { [AUTOCONFIG]: text } });
    expect(servers).toEqual([]);
    expect(attempts).toContainEqual({ source: 'autoconfig', asked: AUTOCONFIG, result, reason });
  });
});

describe("Mozilla's database", () => {
  test('is asked only if wanted, and told the domain alone', async () => {
    const silent = world();
    await discoverServer(ADDRESS, silent.world);
    expect(silent.asked.join()).not.toContain('thunderbird');
    const { world: it, asked } = world({ documents: { [ISPDB]: document('imap.host.example') } });
    const { servers } = await discoverServer(ADDRESS, it, { askIspdb: true });
    expect(asked).toContain(`fetch ${ISPDB}`);
    expect(servers).toMatchObject([{ source: 'ispdb', imap: { host: 'imap.host.example' } }]);
  });
});

describe('mail exchangers', () => {
  test.each([
    ['aspmx.l.google.com', 'gmail', 'imap.gmail.com'],
    ['ALT1.ASPMX.L.GOOGLE.COM.', 'gmail', 'imap.gmail.com'],
    ['example-org.mail.protection.outlook.com', 'outlook', 'outlook.office365.com'],
    ['in1-smtp.messagingengine.com', 'fastmail', 'imap.fastmail.com'],
    ['mx01.mail.icloud.com', 'icloud', 'imap.mail.me.com'],
    ['mx.zoho.com', 'zoho', 'imappro.zoho.com'],
    ['mx.yandex.net', 'yandex', 'imap.yandex.com'],
  ])('%s is %s, to be confirmed', async (exchange, provider, host) => {
    const { servers } = await find({ mx: [exchange] });
    expect(servers).toMatchObject([{ source: 'mx', provider, imap: { host } }]);
    expect(servers[0]?.confirm).toContain('is your provider?'.slice(3));
  });

  test.each(['mx.example.org', 'google.com.attacker.example', 'notgoogle.com'])(
    '%s is nobody that is known',
    async (exchange) => {
      expect((await find({ mx: [exchange] })).servers).toEqual([]);
    },
  );

  test('only the first one counts: a second one may be a spare elsewhere', async () => {
    expect((await find({ mx: ['mx.example.org', 'aspmx.l.google.com'] })).servers).toEqual([]);
  });
});

test('what needs no confirmation goes first, and a server is named once', async () => {
  const { servers } = await find({
    srv: { '_imaps._tcp.example.org': srv('imap.gmail.com') },
    documents: { [AUTOCONFIG]: document('imap.gmail.com').replace('LOCALPART', 'ADDRESS') },
    mx: ['aspmx.l.google.com'],
  });
  expect(servers).toMatchObject([{ source: 'autoconfig', provider: 'gmail', confirm: null }]);
});

describe('usual names', () => {
  test('are tried when nobody knows anything', async () => {
    const { servers, attempts } = await find({ answers: ['mail.example.org:993'] });
    expect(servers).toMatchObject([
      {
        source: 'guess',
        imap: { host: 'mail.example.org', port: 993, tls: 'implicit' },
        how: 'an IMAP server with a valid certificate answers at mail.example.org:993',
      },
    ]);
    expect(attempts.filter(({ source }) => source === 'guess')).toHaveLength(6);
  });

  test('are left alone where something was found', async () => {
    const { world: it, asked } = world({ mx: ['aspmx.l.google.com'] });
    await discoverServer(ADDRESS, it);
    expect(asked.filter((each) => each.startsWith('probe'))).toEqual([]);
  });
});

describe('a world that does not answer', () => {
  const refuse = async (): Promise<never> => {
    throw new Error('queryMx ESERVFAIL example.org');
  };

  test('offline: a clear result, no exception', async () => {
    const offline = { resolveSrv: refuse, resolveMx: refuse, fetch: refuse, probe: refuse };
    const found = await discoverServer(ADDRESS, world({}, offline).world);
    expect(found.servers).toEqual([]);
    expect(found.attempts).toHaveLength(2 + 2 + 1 + 6);
    expect(new Set(found.attempts.map(({ reason }) => reason))).toEqual(
      new Set(['queryMx ESERVFAIL example.org']),
    );
  });

  test('silent: each source ends at its deadline', async () => {
    vi.useFakeTimers();
    try {
      const never = (): Promise<never> => new Promise(() => {});
      const silent = { resolveSrv: never, resolveMx: never, fetch: never, probe: never };
      const looking = discoverServer(ADDRESS, world({}, silent).world);
      await vi.advanceTimersByTimeAsync(6000);
      const found = await looking;
      expect(found.servers).toEqual([]);
      expect(new Set(found.attempts.map(({ reason }) => reason))).toEqual(
        new Set(['no answer within 3 s']),
      );
    } finally {
      vi.useRealTimers();
    }
  });

  test('a document that comes too late does not keep the rest back', async () => {
    vi.useFakeTimers();
    try {
      let stopped = false;
      const late = {
        fetch: (_: string, signal: AbortSignal): Promise<never> => {
          signal.addEventListener('abort', () => {
            stopped = true;
          });
          return new Promise(() => {});
        },
      };
      const known = { srv: { '_imaps._tcp.example.org': srv('imap.example.org') } };
      const looking = discoverServer(ADDRESS, world(known, late).world);
      await vi.advanceTimersByTimeAsync(3000);
      expect((await looking).servers).toMatchObject([{ source: 'srv' }]);
      expect(stopped).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  test('what it says is one short line', async () => {
    const loud = {
      resolveMx: async () => {
        throw new Error(`\u001b[31m${'x'.repeat(1000)}\nsecond`);
      },
    };
    const { attempts } = await discoverServer(ADDRESS, world({}, loud).world);
    const reason = attempts.find(({ source }) => source === 'mx')?.reason ?? '';
    expect(reason.length).toBeLessThanOrEqual(200);
    expect(reason).not.toMatch(/\p{Cc}/u);
  });

  test('the caller may stop it', async () => {
    const stop = new AbortController();
    const never = (): Promise<never> => new Promise(() => {});
    const looking = discoverServer(ADDRESS, world({}, { resolveMx: never }).world, {
      signal: stop.signal,
    });
    stop.abort(new Error('enough'));
    await expect(looking).rejects.toThrow('enough');
  });
});

test.each([
  '',
  'me',
  '@example.org',
  'me@',
  'me@localhost',
  'me@127.0.0.1',
  'me@exa mple.org',
  'me@-x.org',
])('%j is no address, and nothing is asked', async (address) => {
  const { world: it, asked } = world();
  expect(await discoverServer(address, it)).toEqual({
    address,
    domain: '',
    servers: [],
    attempts: [],
  });
  expect(asked).toEqual([]);
});

test('a domain in other letters is asked for as DNS has it', async () => {
  const { world: it, asked } = world();
  expect((await discoverServer('me@bücher.example', it)).domain).toBe('xn--bcher-kva.example');
  expect(asked).toContain('mx xn--bcher-kva.example');
});
