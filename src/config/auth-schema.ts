/** `auth:` of an account: a password, or OAuth 2.0. */
import { z } from 'zod';
import { refuse } from '../language/operands.ts';
import { filled, passwordSchema, secretSchema } from './credential-schema.ts';

const oauth2Schema = z
  .strictObject({
    provider: z.enum(['google', 'microsoft']).optional().describe('Whose sign-in it is.'),
    issuer: z
      .string()
      .superRefine(refuse(whyBadIssuer))
      .optional()
      .describe('Any other provider with OpenID discovery, as https://login.example.org.'),
    clientId: filled.optional().describe('The client id that you registered: docs/oauth2.md.'),
    clientSecret: secretSchema('a client secret', 'clientSecret')
      .optional()
      .describe('Where the client secret comes from, if the provider gave one.'),
    tenant: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/, { error: 'a tenant is an id or a domain' })
      .optional()
      .describe('Microsoft: the id or domain of the organisation. Default common.'),
    scopes: z
      .array(filled.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'a scope is one word' }))
      .min(1)
      .optional()
      .describe('What is asked for. Google and Microsoft have defaults.'),
  })
  .superRefine(refuse(whyIncomplete, { hint: 'docs/oauth2.md shows it step by step' }));

/** `auth:`. */
export const authSchema = z
  .strictObject({ password: passwordSchema.optional(), oauth2: oauth2Schema.optional() })
  .superRefine(
    refuse((auth) =>
      Object.keys(auth).length === 1 ? undefined : 'name exactly one of password and oauth2',
    ),
  );

/** What `auth:` gives. */
export type AuthInput = z.output<typeof authSchema>;

/** What `oauth2:` gives. */
export type OAuth2Input = z.output<typeof oauth2Schema>;

interface Asked {
  readonly provider?: 'google' | 'microsoft' | undefined;
  readonly issuer?: string | undefined;
  readonly clientId?: string | undefined;
  readonly tenant?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
}

function whyIncomplete({ provider, issuer, clientId, tenant, scopes }: Asked): string | undefined {
  if ((provider === undefined) === (issuer === undefined)) {
    return 'name exactly one of provider and issuer';
  }
  if (clientId === undefined)
    return '"clientId" is missing here; you register it with the provider';
  if (tenant !== undefined && provider !== 'microsoft') return 'only microsoft has a tenant';
  return issuer !== undefined && scopes === undefined
    ? 'with an issuer, "scopes" says what gives access to mail there'
    : undefined;
}

/** RFC 8414 §2: HTTPS without query and fragment; this machine may do without TLS, as for mail. */
function whyBadIssuer(text: string): string | undefined {
  if (!URL.canParse(text)) return `${JSON.stringify(text)} is no address; write https://HOST`;
  const { protocol, hostname, search, hash, username, password } = new URL(text);
  if (search !== '' || hash !== '' || username !== '' || password !== '') {
    return 'an issuer has no user, query or fragment';
  }
  if (protocol === 'https:') return undefined;
  const isHere = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(hostname);
  return protocol === 'http:' && isHere ? undefined : 'an issuer is asked by https:// only';
}
