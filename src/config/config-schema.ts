/** The shape of mailwright.yaml. JSON Schema for editors is made from the same value. */
import { z } from 'zod';
import { whyNoPin } from '../accounts/pin.ts';
import { PROVIDERS } from '../accounts/providers/provider-preset.ts';
import { durationAmount, refuse, sizeAmount } from '../language/operands.ts';
import { whyInvalid } from '../mail/mailbox-name.ts';
import { authSchema } from './auth-schema.ts';
import {
  defectsOfAccount,
  HOST_HINT,
  isLoopback,
  isServerNamed,
  TLS_MODES,
} from './check-account.ts';
import { filled, passwordSchema, secretSchema } from './credential-schema.ts';

/** 180 days. */
const KEEP_RUNS_MS = 180 * 24 * 3600 * 1000;

const roleMailbox = z.string().superRefine(
  refuse((name) => {
    const why = whyInvalid(name);
    return why === undefined ? undefined : `${JSON.stringify(name)} is no mailbox name: ${why}`;
  }),
);

const pinSchema = z.string().superRefine(
  refuse(whyNoPin, {
    hint: '`mailwright check --live` prints the pin of what it saw; compare it on the server itself (docs/configuration.md#certificates)',
  }),
);

const smtpSchema = z
  .strictObject({
    host: filled.optional().describe('Default: that of the provider.'),
    port: z.int().min(1).max(65_535).optional().describe('Default: 465, 587 for starttls, 25.'),
    tls: z.enum(TLS_MODES).optional().describe('Default: implicit.'),
    from: filled.describe("The account's own address."),
    user: filled.optional().describe('Default: the user of the account.'),
    auth: z
      .union([z.literal('account'), z.strictObject({ password: passwordSchema })])
      .optional()
      .describe('A password, or "account" for the sign-in of the account.'),
  })
  .superRefine(
    refuse((smtp) =>
      smtp.tls === 'none' && !isLoopback(smtp.host)
        ? 'an unencrypted connection is allowed to this machine only'
        : undefined,
    ),
  );

const sharedSchema = z.union([
  z.boolean(),
  z.strictObject({
    gone: z
      .array(
        z.string().regex(/^[0-9a-f]{8}$/, {
          error: 'an installation is named by the eight characters that `status` shows',
        }),
      )
      .default([])
      .describe('Installations that are no more, whose claims count for nothing.'),
  }),
]);

const redisSchema = z.strictObject({
  redis: z
    .string()
    .superRefine(refuse(whyBadRedisUrl))
    .describe('redis://HOST:PORT/DB, rediss:// with TLS, or unix:///PATH of a socket.'),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
      error: 'a prefix is letters, digits, ".", "_" and "-"',
    })
    .default('mailwright')
    .describe('Begins every key. Default mailwright.'),
  password: passwordSchema.optional().describe('Where the password of Redis comes from.'),
});

/** One account. */
export const accountSchema = z
  .strictObject({
    provider: z
      .enum(PROVIDERS)
      .optional()
      .describe('Fills in host, port, tls, limits and what is special there.'),
    host: filled.optional().describe('The IMAP server. Default: that of the provider.'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('Default: 993, or 143 for starttls and none.'),
    tls: z.enum(TLS_MODES).optional().describe('Default: implicit.'),
    ca: filled.optional().describe('A PEM file with a private certificate authority.'),
    pin: z
      .union([pinSchema, z.array(pinSchema).min(1)])
      .optional()
      .describe(
        "The server's key, or that of its authority, as sha256/BASE64; several are alternatives.",
      ),
    user: filled.describe('The login name.'),
    auth: authSchema,
    variables: z.record(z.string(), z.string()).default({}).describe('For {{ var.NAME }}.'),
    roles: z
      .strictObject({
        archive: roleMailbox.optional(),
        drafts: roleMailbox.optional(),
        junk: roleMailbox.optional(),
        sent: roleMailbox.optional(),
        trash: roleMailbox.optional(),
      })
      .default({})
      .describe('Mailboxes for roles, where the server does not say or you want another.'),
    trustServerText: z
      .boolean()
      .default(false)
      .describe('Let the server search texts to narrow which messages are looked at.'),
    authserv_id: filled
      .optional()
      .describe('The name in the Authentication-Results that your own server writes (RFC 8601).'),
    limits: z
      .strictObject({
        connections: z.int().min(1).max(15).optional().describe("Default: the provider's, or 2."),
        commandsPerMinute: z.int().min(10).optional().describe("Default: the provider's, or 600."),
        bytesPerDay: sizeAmount
          .optional()
          .describe(
            "What may be fetched and appended in a day (UTC), as 2GB. Default: the provider's, or no limit.",
          ),
      })
      .default({}),
    shared: sharedSchema
      .optional()
      .describe('Other installations of Mailwright work on the same mailboxes.'),
    smtp: smtpSchema.optional().describe('The way out, for forward.'),
  })
  .superRefine((account, context) => {
    if (account.tls === 'none' && account.pin !== undefined) {
      const message = 'without encryption there is no key to be pinned';
      context.addIssue({ code: 'custom', path: ['pin'], message, input: account.pin });
    }
    for (const { path, message, hint, allowed } of defectsOfAccount(account)) {
      context.addIssue({
        code: 'custom',
        path: [...path],
        message,
        input: account,
        params: { hint, ...(allowed === undefined ? {} : { allowed }) },
      });
    }
  })
  .refine(isServerNamed, {
    path: ['host'],
    error: '"host" is missing here',
    params: { hint: HOST_HINT },
    // Also where other parts are wrong: every defect is told at once.
    when: () => true,
  });

/** mailwright.yaml. */
export const configSchema = z.strictObject({
  accounts: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
        error: 'an account name is letters, digits, ".", "_" and "-"',
      }),
      accountSchema,
    )
    .superRefine(
      refuse((accounts) => (Object.keys(accounts).length > 0 ? undefined : 'there is no account')),
    ),
  rules: z
    .union([filled, z.array(filled).min(1)])
    .default('rules/*.yaml')
    .describe('Rule files, relative to this file; * and ** are wildcards.'),
  state: filled.default('.mailwright').describe('The directory of journal and bookmarks.'),
  tokens: z
    .strictObject({
      key: secretSchema('a key', 'key')
        .optional()
        .describe('32 octets in Base64. Default: MAILWRIGHT_KEY, or the file tokens.key in state.'),
    })
    .prefault({})
    .describe('How the tokens of oauth2 are kept.'),
  journal: z
    .strictObject({
      keep: durationAmount
        .default(KEEP_RUNS_MS)
        .describe('How long a run can be taken back. Default 180d.'),
    })
    .prefault({}),
  stop: z
    .strictObject({
      graceSeconds: z
        .int()
        .min(1)
        .max(3600)
        .default(20)
        .describe('How long running jobs may take to end after SIGTERM. Default 20.'),
    })
    .prefault({}),
  monitor: z
    .strictObject({
      listen: z
        .string()
        .regex(/^(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, {
          error: 'this is HOST:PORT, as 127.0.0.1:9464',
        })
        .describe('Where start answers /healthz, /readyz and /metrics, as 127.0.0.1:9464.'),
    })
    .optional(),
  backend: z.union([z.literal('embedded'), redisSchema]).default('embedded'),
  safety: z
    .strictObject({
      maxMessages: z.int().min(1).optional().describe('Messages one run may change. Default 500.'),
      maxPercent: z.number().min(1).max(100).optional().describe('Share of a mailbox. Default 20.'),
      maxDeletes: z
        .int()
        .min(0)
        .optional()
        .describe('Messages one run may throw away. Default 50.'),
      maxCreates: z.int().min(0).optional().describe('Mailboxes one run may create. Default 200.'),
      holdDeletes: durationAmount
        .optional()
        .describe('Hold what rules delete for good this long before it is deleted.'),
      holdMailbox: filled
        .default('Mailwright/Held')
        .describe('Where it is held; made when needed.'),
      allowExpunge: z.boolean().default(false).describe('Let rules delete for good.'),
      allowForward: z
        .array(filled)
        .default([])
        .describe('Addresses, or "@domain", that rules may forward to.'),
      allowExec: z.array(filled).default([]).describe('Programs that rules may run.'),
      privateWebhookHosts: z
        .array(filled)
        .default([])
        .describe('Hosts on private addresses that webhooks may call.'),
    })
    .prefault({}),
});

/** What the schema gives. */
export type ConfigInput = z.output<typeof configSchema>;

/** What an account gives. */
export type AccountInput = z.output<typeof accountSchema>;

function whyBadRedisUrl(text: string): string | undefined {
  const isUrl = /^(rediss?:\/\/|unix:\/\/\/.)/.test(text) && URL.canParse(text);
  if (!isUrl) return `${JSON.stringify(text)} is no address; write redis://HOST:6379/0`;
  const { password, searchParams } = new URL(text);
  const isInQuery = [...searchParams.keys()].some((key) => /pass|auth/i.test(key));
  return password === '' && !isInQuery
    ? undefined
    : 'a password never stands in this file; write password: { env: NAME } beside it';
}
