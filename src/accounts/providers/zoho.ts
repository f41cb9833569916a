/** Zoho Mail: servers of their own for each region, and for domains of one's own. */
import {
  imaps,
  type ProviderPreset,
  type ProviderServers,
  plainServer,
  submissions,
} from './provider-preset.ts';

/** ISPDB, zoho.eu.xml and zoho.in.xml; smartlead.ai for Australia. */
function region(end: string): ProviderServers {
  return { imap: imaps(`imap.zoho.${end}`), smtp: submissions(`smtp.zoho.${end}`) };
}

/** `provider: zoho`. */
export const zoho: ProviderPreset = {
  title: 'Zoho Mail',
  // brostweb.com (a copy of Zoho's page): imappro and smtppro for a domain of one's own in the United
  // States' region. In other regions the end is .eu, .in or .com.au, which no address tells: write `host:`.
  imap: imaps('imappro.zoho.com'),
  smtp: submissions('smtppro.zoho.com'),
  otherServers: {
    'zoho.com': region('com'),
    'zohomail.com': region('com'),
    'zoho.eu': region('eu'),
    'zohomail.eu': region('eu'),
    'zoho.in': region('in'),
    'zohomail.in': region('in'),
    'zoho.com.au': region('com.au'),
  },
  // zoho.com, imap-access: IMAP is off until it is turned on for the account.
  enable: 'turn IMAP on: Settings, "Mail Accounts", the address, "IMAP Access"',
  signIn: [
    {
      kind: 'password',
      which: 'app',
      url: 'https://accounts.zoho.com',
      // help.zoho.com: needed with multi-factor authentication, recommended without.
      before: 'Security, "Application-Specific Passwords"',
    },
  ],
  // zoho.com, usage-policy: "unusual activity" by IMAP blocks the account for a while; no figure.
  limits: { connections: 2, commandsPerMinute: 300 },
  quirks: plainServer(),
  domains: [
    'zoho.com',
    'zohomail.com',
    'zoho.eu',
    'zohomail.eu',
    'zoho.in',
    'zohomail.in',
    'zoho.com.au',
  ],
  // mxrecordchecker (useboring): mx.zoho.com.
  mx: ['zoho.com', 'zoho.eu', 'zoho.in'],
  sources: [
    'https://www.zoho.com/mail/help/imap-access.html',
    'https://www.zoho.com/mail/help/usage-policy.html',
    'https://help.zoho.com/portal/kb/articles/manage-application-specific-passwords',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/zoho.com.xml',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/zoho.eu.xml',
  ],
};
