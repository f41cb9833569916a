/** The configuration of a test's own Dovecot: private directories, loopback, a profile's limits. */

/** What the server is like. */
export type Profile =
  | 'modern'
  | 'bare'
  | 'prefixed'
  | 'read-only'
  | 'quota'
  | 'tls'
  | 'oauth2'
  /** One process keeps all connections that idle, and tells of mail at once. */
  | 'hibernating';

/** Where it lives. */
export interface Place {
  readonly base: string;
  readonly port: number;
  /** Implicit TLS, for the profile `tls`; 0 elsewhere. */
  readonly tlsPort: number;
  readonly asRoot: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  /** For the profile `oauth2`. */
  readonly oauth2: OAuth2Passdb | null;
}

/** Whom the server asks about tokens, and how they may be shown to it. */
export interface OAuth2Passdb {
  /** Introspection (RFC 7662) of a provider on this machine. */
  readonly introspection: string;
  /** `xoauth2`, `oauthbearer`; any of them with `plain` besides, for the witness. */
  readonly mechanisms: readonly string[];
}

/** The password of every user; any user name logs in and finds an empty account of its own. */
export const PASSWORD = 'a-good-test-password';

/** Bytes that a user of the profile `quota` may hold. */
export const QUOTA_BYTES = 60_000;

/** Writes dovecot.conf. */
export function dovecotConfig(profile: Profile, place: Place): string {
  const { base, port, tlsPort, uid, gid, oauth2 } = place;
  return [
    'protocols = imap',
    `base_dir = ${base}/run`,
    `state_dir = ${base}/state`,
    `log_path = ${base}/dovecot.log`,
    'listen = 127.0.0.1',
    'disable_plaintext_auth = no',
    `auth_mechanisms = plain login ${oauth2?.mechanisms.join(' ') ?? ''}`,
    'auth_failure_delay = 0',
    'mail_max_userip_connections = 100',
    'first_valid_uid = 1',
    'first_valid_gid = 1',
    'mail_fsync = never',
    'mail_location = sdbox:~/mail',
    ...users(place),
    ...tokens(place),
    'passdb {',
    '  driver = static',
    '  mechanisms = plain login',
    `  args = password=${PASSWORD}`,
    '}',
    'userdb {',
    '  driver = static',
    // Without asking the passdb first, which answers to logins alone: sieve-filter looks a user up.
    `  args = uid=${uid} gid=${gid} home=${base}/home/%u allow_all_users=yes`,
    '}',
    'service imap-login {',
    '  inet_listener imap {',
    `    port = ${port}`,
    '  }',
    '  inet_listener imaps {',
    `    port = ${tlsPort}`,
    `    ssl = ${tlsPort === 0 ? 'no' : 'yes'}`,
    '  }',
    '}',
    ...namespace(profile),
    ...extras(profile, place),
    '',
  ].join('\n');
}

function tokens({ oauth2, base }: Place): readonly string[] {
  if (oauth2 === null) return [];
  const mechanisms = `  mechanisms = ${oauth2.mechanisms.join(' ')}`;
  return ['passdb {', '  driver = oauth2', mechanisms, `  args = ${base}/oauth2.conf`, '}'];
}

/** What the profile `oauth2` has beside dovecot.conf. */
export function oauth2Config({ introspection }: OAuth2Passdb): string {
  return [
    'introspection_mode = post',
    `introspection_url = ${introspection}`,
    'username_attribute = username',
    'active_attribute = active',
    'active_value = true',
    '',
  ].join('\n');
}

/** Global access lists of the profile `read-only`: before mail is in, and then. */
export const ACL = { open: 'INBOX owner lrwstipekxa\n', readOnly: 'INBOX owner lrs\n' };

function users({ asRoot, user }: Place): readonly string[] {
  if (asRoot) return [];
  return [
    `default_internal_user = ${user}`,
    `default_login_user = ${user}`,
    'service anvil {\n  chroot =\n}',
    'service imap-login {\n  chroot =\n}',
  ];
}

function namespace(profile: Profile): readonly string[] {
  const isPrefixed = profile === 'prefixed';
  const special = (name: string, role: string): string =>
    `  mailbox ${name} {\n    auto = create\n    special_use = \\${role}\n  }`;
  return [
    'namespace inbox {',
    '  inbox = yes',
    `  prefix = ${isPrefixed ? 'INBOX.' : ''}`,
    `  separator = ${isPrefixed ? '.' : '/'}`,
    special('Archive', 'Archive'),
    special('Junk', 'Junk'),
    special('Trash', 'Trash'),
    special('Sent', 'Sent'),
    special('Drafts', 'Drafts'),
    '}',
  ];
}

function extras(profile: Profile, { base, asRoot, user }: Place): readonly string[] {
  switch (profile) {
    case 'bare':
      return ['ssl = no', 'imap_capability = IMAP4rev1'];
    case 'read-only':
      return [
        'ssl = no',
        'mail_plugins = acl',
        'protocol imap {\n  mail_plugins = acl imap_acl\n}',
        `plugin {\n  acl = vfile:${base}/acl\n}`,
      ];
    case 'quota':
      return [
        'ssl = no',
        'mail_plugins = quota',
        'protocol imap {\n  mail_plugins = quota imap_quota\n}',
        `plugin {\n  quota = count:User quota\n  quota_vsizes = yes\n  quota_rule = *:bytes=${QUOTA_BYTES}\n  quota_grace = 0\n}`,
      ];
    case 'tls':
      return [
        'ssl = yes',
        `ssl_cert = <${base}/server.pem`,
        `ssl_key = <${base}/server.key`,
        'ssl_min_protocol = TLSv1.2',
      ];
    case 'hibernating':
      return [
        'ssl = no',
        'imap_hibernate_timeout = 1s',
        `service imap {\n  unix_listener imap-master {\n    user = ${asRoot ? 'dovecot' : user}\n  }\n}`,
        'service imap-hibernate {\n  unix_listener imap-hibernate {\n    mode = 0666\n  }\n}',
      ];
    default:
      return ['ssl = no'];
  }
}
