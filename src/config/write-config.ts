/** mailwright.yaml of one account as text, with remarks for who reads it next. Holds no credential. */
import { escapeUnprintable } from '../core/escape-unprintable.ts';

/** Where the password comes from, as `auth:` names it. */
export type WrittenPassword =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'keyring'; readonly name: string };

/** How the account signs in. */
export type WrittenSignIn =
  | { readonly kind: 'password'; readonly from: WrittenPassword }
  | {
      readonly kind: 'oauth2';
      readonly provider: 'google' | 'microsoft';
      readonly clientId: string;
      /** The environment variable with the client secret; null where the provider gives none. */
      readonly secretEnv: string | null;
    };

/** Where the server is: a provider that is known, or its address. */
export type WrittenServer =
  | { readonly kind: 'provider'; readonly provider: string }
  | {
      readonly kind: 'host';
      readonly host: string;
      readonly port: number;
      readonly tls: 'implicit' | 'starttls' | 'none';
      /** An absolute path, or null. */
      readonly ca: string | null;
    };

/** An account to be written. */
export interface WrittenAccount {
  readonly name: string;
  readonly server: WrittenServer;
  readonly user: string;
  readonly signIn: WrittenSignIn;
}

/** Writes the file. */
export function writeConfig({ name, server, user, signIn }: WrittenAccount): string {
  return [
    '# Written by `mailwright init`. Every key: docs/configuration.md; `mailwright check` reads it.',
    'accounts:',
    `  ${asYaml(name)}:`,
    ...serverLines(server).map((line) => `    ${line}`),
    `    user: ${asYaml(user)}`,
    `    # The password itself never stands in this file.`,
    `    auth: ${signInText(signIn)}`,
    '',
    '# Rules run in the order of the file names, then in the order within a file.',
    'rules: rules/*.yaml',
    '',
    '# What one run may change before it asks; above it, nothing is done, and the plan waits for you:',
    '# `mailwright status` shows it, `mailwright approve RUN` carries it out.',
    '# These are the defaults, in force without this line.',
    '# safety: { maxMessages: 500, maxPercent: 20, maxDeletes: 50 }',
    '',
  ].join('\n');
}

function serverLines(server: WrittenServer): readonly string[] {
  if (server.kind === 'provider') {
    return [`provider: ${server.provider} # its host, port, TLS and limits`];
  }
  const { host, port, tls, ca } = server;
  return [
    `host: ${asYaml(host)}`,
    `port: ${port}`,
    tls === 'none' ? 'tls: none # allowed to this machine only' : `tls: ${tls}`,
    ...(ca === null ? [] : [`ca: ${asYaml(ca)} # a private certificate authority`]),
  ];
}

function signInText(signIn: WrittenSignIn): string {
  if (signIn.kind === 'oauth2') {
    const { provider, clientId, secretEnv } = signIn;
    const secret = secretEnv === null ? '' : `, clientSecret: { env: ${asYaml(secretEnv)} }`;
    return `{ oauth2: { provider: ${provider}, clientId: ${asYaml(clientId)}${secret} } }`;
  }
  const { from } = signIn;
  switch (from.kind) {
    case 'env':
      return `{ password: { env: ${asYaml(from.name)} } }`;
    case 'file':
      return `{ password: { file: ${asYaml(from.path)} } }`;
    case 'command':
      return `{ password: { command: ${asYaml(from.command)} } }`;
    case 'keyring':
      return `{ password: { keyring: ${asYaml(from.name)} } }`;
  }
}

/** Plain where it can only be read as this text, else in quotes. */
function asYaml(text: string): string {
  const isPlain =
    /^[A-Za-z_/.][\w@./+-]*$/.test(text) &&
    !/^(true|false|null|yes|no|on|off|\.inf|\.nan)$/i.test(text);
  return isPlain ? text : escapeUnprintable(JSON.stringify(text));
}
