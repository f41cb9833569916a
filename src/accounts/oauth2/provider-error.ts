/** What a provider refused, or why it could not be asked → our errors, without a secret in them. */
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { AppError } from '../../core/app-error.ts';
import type { AccountId } from '../../core/brand.ts';
import { codeOf, outsideText } from '../../core/outside-text.ts';
import type { Secret } from '../../core/secret.ts';
import type { OAuthClient } from '../account.ts';
import { EndpointError } from './endpoint-fetch.ts';
import { signInNeeded } from './tokens.ts';

/** Whom we asked, and what must not be told. */
export interface Asked {
  readonly account: AccountId;
  readonly client: OAuthClient;
  readonly secrets: readonly Secret[];
}

/**
 * Judges what asking a provider threw. SIGN_IN_NEEDED: it has said no, and will say so again until a
 * person does something. SERVER_BUSY and SERVER_UNREACHABLE: it may say yes later. Errors of ours are
 * given back as they are.
 */
export function providerError(error: unknown, asked: Asked): unknown {
  if (error instanceof AppError) return error;
  const { account, client, secrets } = asked;
  const hidden = secrets.map((each) => each.reveal());
  const told = (text: string): string => outsideText(text, hidden);
  if (error instanceof AuthorizationResponseError) {
    return signInNeeded(account, refusalText(error.error, error.error_description, told));
  }
  const status = statusOf(error);
  if (status >= 500) return unreachable(asked, `it answered with status ${status}`);
  if (status === 429) {
    const { hostname } = addressOf(client);
    const serverText = `status ${status}`;
    const message = `${hostname} is busy (sign-in of account "${account}"): ${serverText}`;
    return new AppError('SERVER_BUSY', message, {
      account,
      host: hostname,
      serverText,
      afterMs: null,
    });
  }
  if (error instanceof ResponseBodyError) {
    return LATER.has(error.error)
      ? unreachable(asked, told(error.error))
      : signInNeeded(account, refusalText(error.error, error.error_description, told));
  }
  if (error instanceof ClientError && error.code === 'OAUTH_ABORT') return error.cause ?? error;
  return unreachable(asked, told(reasonOf(error)));
}

/** RFC 6749 §4.1.2.1: errors that pass by themselves. */
const LATER: ReadonlySet<string> = new Set([
  'temporarily_unavailable',
  'server_error',
  'slow_down',
]);

/** What a person can do about an error code (RFC 6749 §5.2, RFC 8628 §3.5), where that is not to sign in. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['invalid_grant', 'the sign-in has ended or was withdrawn'],
  ['invalid_client', 'the provider does not take clientId and clientSecret; correct them first'],
  ['unauthorized_client', 'this clientId may not sign in so; correct its registration first'],
  ['invalid_scope', 'the provider does not know these scopes; correct them first'],
  ['access_denied', 'consent was not given'],
  ['expired_token', 'the code was not used in time'],
]);

function refusalText(
  code: string,
  description: string | undefined,
  told: (text: string) => string,
): string {
  const meaning = MEANINGS.get(code) ?? 'the provider refused';
  const said = description === undefined ? code : `${code}: ${description}`;
  return `${meaning} (${told(said)})`;
}

function unreachable({ account, client }: Asked, reason: string): AppError {
  const { hostname: host, port } = addressOf(client);
  const message = `cannot sign in at ${host} (account "${account}"): ${reason}`;
  const facts = { account, host, port: port === '' ? 443 : Number(port), reason };
  return new AppError('SERVER_UNREACHABLE', message, facts);
}

function addressOf({ server }: OAuthClient): URL {
  return new URL('token' in server ? server.token : server.issuer);
}

function statusOf(error: unknown): number {
  if (error instanceof ResponseBodyError) return error.status;
  return error instanceof ClientError && error.cause instanceof Response ? error.cause.status : 0;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host name'],
  ['EAI_AGAIN', 'the host name cannot be looked up at the moment'],
  ['ECONNRESET', 'the connection was cut'],
  ['UND_ERR_CONNECT_TIMEOUT', 'it did not answer'],
  ['UND_ERR_SOCKET', 'the connection was cut'],
  ['OAUTH_TIMEOUT', 'it did not answer in time'],
]);

/** The innermost cause is the one that says something. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof EndpointError) return inner.message;
  const code = codeOf(error instanceof ClientError ? error : inner);
  const known = REASONS.get(code) ?? REASONS.get(codeOf(inner));
  if (known !== undefined) return `${known} (${code === '' ? codeOf(inner) : code})`;
  return inner instanceof Error ? inner.message : String(inner);
}
