/** Yahoo Mail. */
import { imaps, type ProviderPreset, plainServer, submissions } from './provider-preset.ts';

/** `provider: yahoo`. */
export const yahoo: ProviderPreset = {
  title: 'Yahoo Mail',
  // ISPDB, from Yahoo's page SLN4075.
  imap: imaps('imap.mail.yahoo.com'),
  smtp: submissions('smtp.mail.yahoo.com'),
  otherServers: {},
  enable: null,
  signIn: [
    // xenocept.com: the password of the account is refused; two-step verification comes first.
    {
      kind: 'password',
      which: 'app',
      url: 'https://login.yahoo.com',
      before:
        'Account Info, "Account Security": turn on two-step verification, then "Generate and manage app passwords"',
    },
  ],
  // imapflow issue 75: many short logins run into "Rate limit hit". No figure is published.
  limits: { connections: 2, commandsPerMinute: 300 },
  quirks: plainServer([
    // imapflow issue 75
    '[LIMIT] CAPABILITY Rate limit hit.',
  ]),
  domains: [
    ...['yahoo.com', 'ymail.com', 'rocketmail.com', 'yahoo.de', 'yahoo.fr', 'yahoo.it', 'yahoo.es'],
    ...['yahoo.se', 'yahoo.co.uk', 'yahoo.co.nz', 'yahoo.com.au', 'yahoo.com.ar', 'yahoo.com.br'],
  ],
  // ISPDB names yahoodns.net; AOL uses the same exchangers with another server, so that only the
  // domains above tell.
  mx: [],
  sources: [
    'https://help.yahoo.com/kb/new-mail-for-desktop/imap-server-settings-yahoo-mail-sln4075.html',
    'https://xenocept.com/docs/email-setup/yahoo.html',
    'https://github.com/postalsys/imapflow/issues/75',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/yahoo.com',
  ],
};
