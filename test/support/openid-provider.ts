/**
 * An OpenID provider on loopback for tests: discovery, authorization code with PKCE, device codes,
 * refresh tokens that are used once, introspection (what Dovecot asks) and revocation. Shares no
 * code with the program.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** How the provider is. A test may change it while it runs. */
export interface ProviderSettings {
  clientId: string;
  /** Null for a client that has none. */
  clientSecret: string | null;
  /** Who gives consent. */
  user: string;
  lifeSeconds: number;
  /** Null: it does not tell. */
  refreshLifeSeconds: number | null;
  /** A new refresh token with each use, and the old one is worthless then (RFC 9700 §4.14.2). */
  rotates: boolean;
  /** Begins every token: a test looks for it everywhere. */
  mark: string;
  /** Refuses to renew, with this error. */
  refusal: string | null;
  /** Answers everything with this status. */
  broken: number | null;
  hasDevice: boolean;
}

/** A running provider. */
export interface OpenIdProvider {
  readonly issuer: string;
  readonly port: number;
  readonly settings: ProviderSettings;
  /** Each request: `POST /token refresh_token`. */
  readonly requests: readonly string[];
  /** Every token and code that was given out. */
  readonly issued: readonly string[];
  /** From now on no access token that was given out is good. */
  endAccess(): void;
  /** A person types the code of a device, and agrees or does not. */
  decide(userCode: string, agrees: boolean): void;
  /** Somebody withdraws every consent: nothing that came of it is good any more. */
  withdraw(user: string): void;
  isActive(token: string): boolean;
  close(): Promise<void>;
}

interface Grant {
  readonly user: string;
  isAlive: boolean;
}

interface State {
  readonly settings: ProviderSettings;
  readonly issued: string[];
  readonly access: Map<string, { grant: Grant; untilMs: number }>;
  readonly refresh: Map<string, { grant: Grant; isUsed: boolean }>;
  readonly codes: Map<string, { challenge: string; redirect: string; user: string }>;
  readonly devices: Map<string, { userCode: string; agrees: boolean | null }>;
}

type Answer = { readonly status: number; readonly body?: unknown; readonly location?: string };

/** Starts one on a free port. */
export async function startOpenIdProvider(
  given: Partial<ProviderSettings> = {},
): Promise<OpenIdProvider> {
  const settings: ProviderSettings = {
    clientId: 'mailwright-test',
    clientSecret: null,
    user: 'ann',
    lifeSeconds: 3600,
    refreshLifeSeconds: null,
    rotates: true,
    mark: 'tok',
    refusal: null,
    broken: null,
    hasDevice: true,
    ...given,
  };
  const [access, refresh, codes, devices] = [new Map(), new Map(), new Map(), new Map()];
  const state: State = { settings, issued: [], access, refresh, codes, devices };
  const requests: string[] = [];
  let issuer = '';
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const url = new URL(request.url ?? '/', issuer);
      const form = new URLSearchParams(body);
      requests.push(`${request.method} ${url.pathname} ${form.get('grant_type') ?? ''}`.trim());
      send(
        response,
        settings.broken === null
          ? route(state, issuer, { request, url, form })
          : { status: settings.broken },
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  issuer = `http://127.0.0.1:${address.port}`;
  return {
    issuer,
    port: address.port,
    settings,
    requests,
    issued: state.issued,
    endAccess: () => state.access.clear(),
    decide: (userCode, agrees) => {
      for (const device of state.devices.values()) {
        if (device.userCode === userCode) device.agrees = agrees;
      }
    },
    withdraw: (user) => {
      for (const { grant } of [...state.access.values(), ...state.refresh.values()]) {
        if (grant.user === user) grant.isAlive = false;
      }
    },
    isActive: (token) => introspect(state, token).active,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Asked {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly form: URLSearchParams;
}

function route(state: State, issuer: string, asked: Asked): Answer {
  const { url, form } = asked;
  switch (url.pathname) {
    case '/.well-known/openid-configuration':
      return { status: 200, body: discovery(state, issuer) };
    case '/authorize':
      return authorize(state, url.searchParams);
    case '/introspect':
      return { status: 200, body: introspect(state, form.get('token') ?? '') };
    default:
  }
  if (!isClient(state, asked)) return { status: 401, body: { error: 'invalid_client' } };
  switch (url.pathname) {
    case '/device':
      return device(state, issuer);
    case '/token':
      return token(state, form);
    case '/revoke':
      return revoke(state, form.get('token') ?? '');
    default:
      return { status: 404 };
  }
}

function discovery({ settings }: State, issuer: string): unknown {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    ...(settings.hasDevice ? { device_authorization_endpoint: `${issuer}/device` } : {}),
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_post', 'client_secret_basic'],
  };
}

function isClient({ settings }: State, { request, form }: Asked): boolean {
  const { clientId, clientSecret } = settings;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  if (clientSecret !== null && request.headers.authorization === `Basic ${basic}`) return true;
  return form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
}

/** The person agrees at once. */
function authorize(state: State, query: URLSearchParams): Answer {
  const { settings, codes } = state;
  const redirect = new URL(query.get('redirect_uri') ?? 'http://127.0.0.1/');
  redirect.searchParams.set('state', query.get('state') ?? '');
  const isGood =
    query.get('client_id') === settings.clientId &&
    query.get('response_type') === 'code' &&
    query.get('code_challenge_method') === 'S256';
  if (!isGood || settings.refusal !== null) {
    redirect.searchParams.set('error', settings.refusal ?? 'invalid_request');
    return { status: 302, location: redirect.href };
  }
  const code = fresh(state, 'code');
  const challenge = query.get('code_challenge') ?? '';
  codes.set(code, { challenge, redirect: query.get('redirect_uri') ?? '', user: settings.user });
  redirect.searchParams.set('code', code);
  return { status: 302, location: redirect.href };
}

function device(state: State, issuer: string): Answer {
  const deviceCode = fresh(state, 'device');
  const userCode = randomBytes(4).toString('hex').toUpperCase();
  state.devices.set(deviceCode, { userCode, agrees: null });
  return {
    status: 200,
    body: {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${issuer}/activate`,
      expires_in: 600,
      interval: 1,
    },
  };
}

function token(state: State, form: URLSearchParams): Answer {
  const { settings } = state;
  switch (form.get('grant_type')) {
    case 'authorization_code': {
      const code = state.codes.get(form.get('code') ?? '');
      state.codes.delete(form.get('code') ?? '');
      const verifier = form.get('code_verifier') ?? '';
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const isGood = code?.challenge === challenge && code.redirect === form.get('redirect_uri');
      return isGood ? tokens(state, { user: code.user, isAlive: true }) : refused('invalid_grant');
    }
    case 'urn:ietf:params:oauth:grant-type:device_code': {
      const asked = state.devices.get(form.get('device_code') ?? '');
      if (asked === undefined) return refused('invalid_grant');
      if (asked.agrees === null) return refused('authorization_pending');
      return asked.agrees
        ? tokens(state, { user: settings.user, isAlive: true })
        : refused('access_denied');
    }
    case 'refresh_token':
      return renew(state, form.get('refresh_token') ?? '');
    default:
      return refused('unsupported_grant_type');
  }
}

function renew(state: State, refreshToken: string): Answer {
  const { settings } = state;
  if (settings.refusal !== null) return refused(settings.refusal);
  const kept = state.refresh.get(refreshToken);
  if (kept === undefined || !kept.grant.isAlive) return refused('invalid_grant');
  if (!settings.rotates) return tokens(state, kept.grant, null);
  // A refresh token that comes a second time was stolen, or two renewed at once: all of it ends.
  if (kept.isUsed) kept.grant.isAlive = false;
  if (kept.isUsed) return refused('invalid_grant', `Token ${refreshToken} was used before`);
  kept.isUsed = true;
  return tokens(state, kept.grant);
}

function tokens(
  state: State,
  grant: Grant,
  refreshToken = fresh(state, 'refresh') as string | null,
): Answer {
  const { lifeSeconds, refreshLifeSeconds } = state.settings;
  const accessToken = fresh(state, 'access');
  state.access.set(accessToken, { grant, untilMs: Date.now() + lifeSeconds * 1000 });
  if (refreshToken !== null) state.refresh.set(refreshToken, { grant, isUsed: false });
  return {
    status: 200,
    body: {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: lifeSeconds,
      ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
      ...(refreshLifeSeconds === null ? {} : { refresh_token_expires_in: refreshLifeSeconds }),
    },
  };
}

function introspect({ access }: State, accessToken: string) {
  const kept = access.get(accessToken);
  if (kept === undefined || !kept.grant.isAlive || kept.untilMs <= Date.now()) {
    return { active: false };
  }
  return { active: true, username: kept.grant.user, exp: Math.floor(kept.untilMs / 1000) };
}

function revoke({ access, refresh }: State, which: string): Answer {
  const grant = access.get(which)?.grant ?? refresh.get(which)?.grant;
  if (grant !== undefined) grant.isAlive = false;
  return { status: 200 };
}

function refused(error: string, description?: string): Answer {
  const body = { error, ...(description === undefined ? {} : { error_description: description }) };
  return { status: 400, body };
}

function fresh({ settings, issued }: State, kind: string): string {
  const value = `${settings.mark}-${kind}-${randomBytes(12).toString('hex')}`;
  issued.push(value);
  return value;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { status, body, location }: Answer): void {
  response.writeHead(status, {
    ...(location === undefined ? {} : { location }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
