/** GMX: two companies' worth of servers under one name. */
import {
  imaps,
  type ProviderPreset,
  type ProviderServers,
  plainServer,
  submissions,
} from './provider-preset.ts';

/** ISPDB, gmx.com.xml: "gmx.net is same company, but different access servers". */
const INTERNATIONAL: ProviderServers = {
  imap: imaps('imap.gmx.com'),
  smtp: submissions('mail.gmx.com'),
};

const INTERNATIONAL_DOMAINS = [
  ...['gmx.com', 'gmx.us', 'gmx.co.uk', 'gmx.es', 'gmx.fr', 'gmx.it', 'gmx.ca', 'gmx.ie', 'gmx.li'],
  ...['gmx.pt', 'gmx.se', 'gmx.tm', 'gmx.com.br', 'gmx.com.tr'],
];

/** `provider: gmx`. */
export const gmx: ProviderPreset = {
  title: 'GMX',
  // ISPDB, gmx.net.xml.
  imap: imaps('imap.gmx.net'),
  smtp: submissions('mail.gmx.net'),
  otherServers: Object.fromEntries(INTERNATIONAL_DOMAINS.map((domain) => [domain, INTERNATIONAL])),
  // ISPDB, gmx.net.xml, from hilfe.gmx.net/pop-imap/einschalten.html.
  enable: 'allow access by POP3 & IMAP once: E-Mail, Settings, "POP3 & IMAP"',
  signIn: [
    {
      kind: 'password',
      which: 'account',
      url: null,
      // hilfe.gmx.net, "anwendungsspezifisches Passwort".
      before: 'with two-factor authentication make an app password instead: My Account, Security',
    },
  ],
  // No figure is published.
  limits: { connections: 2, commandsPerMinute: 300 },
  quirks: plainServer(),
  domains: [
    ...['gmx.net', 'gmx.de', 'gmx.at', 'gmx.ch', 'gmx.eu', 'gmx.org', 'gmx.info', 'gmx.biz'],
    ...INTERNATIONAL_DOMAINS,
  ],
  // mx00.gmx.net, as many public lists of exchangers have it; vanity domains show by it (ISPDB).
  mx: ['gmx.net', 'gmx.com'],
  sources: [
    'https://hilfe.gmx.net/sicherheit/2fa/anwendungsspezifisches-passwort.html',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/gmx.net.xml',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/gmx.com.xml',
  ],
};
