/** Gmail and Google Workspace. */
import { imaps, type ProviderPreset, submissions } from './provider-preset.ts';

/** `provider: gmail`. */
export const gmail: ProviderPreset = {
  title: 'Gmail',
  // developers.google.com, imap-smtp: imap.gmail.com:993 and smtp.gmail.com:465 with TLS from the first
  // byte. A connection lasts about 24 hours, with OAuth about as long as its token.
  imap: imaps('imap.gmail.com'),
  smtp: submissions('smtp.gmail.com'),
  otherServers: {},
  // coldrelay.com: in Google Workspace an administrator may have to allow IMAP.
  enable: 'see that IMAP is on: Settings, "Forwarding and POP/IMAP"',
  signIn: [
    // gmail-help-and-support (a copy of Google's page): app passwords need 2-Step Verification.
    {
      kind: 'password',
      which: 'app',
      url: 'https://myaccount.google.com/apppasswords',
      before: 'turn on 2-Step Verification',
    },
    // slim-ent.com: Google Workspace takes no account passwords any more since May 2025.
    { kind: 'oauth2', provider: 'google', before: 'make an OAuth client of your own' },
  ],
  limits: {
    // imapsync issue 61, wildduck issue 35: 15 connections of all programs together.
    connections: 2,
    commandsPerMinute: 600,
    // efoldering.com (a copy of Google's page): 2,500 MB down and 500 MB up a day by IMAP, of all
    // programs together; who exceeds it is locked out for a while. This is half of the way down.
    bytesPerDay: 1_250_000_000,
  },
  quirks: {
    // support.google.com/mail/answer/77657, "How actions sync in IMAP".
    labels: true,
    // developers.google.com, imap-extensions: LIST shows \\All and no \\Archive. To archive in Gmail is to
    // take the label Inbox away, which is what a move to the mailbox with the role \\All does.
    standIns: { archive: 'all' },
    busy: [
      // wildduck issue 35
      '[ALERT] Too many simultaneous connections. (Failure)',
      // As isync users report it; said as a NO and as a BYE.
      '[OVERQUOTA] Account exceeded command or bandwidth limits.',
      '[UNAVAILABLE] Temporary System Problem (Failure)',
    ],
  },
  domains: ['gmail.com', 'googlemail.com'],
  // mxrecordchecker (useboring): aspmx.l.google.com, alt1 to alt4 of it; ISPDB: google.com.
  mx: ['google.com', 'googlemail.com'],
  sources: [
    'https://developers.google.com/workspace/gmail/imap/imap-smtp',
    'https://developers.google.com/workspace/gmail/imap/imap-extensions',
    'https://support.google.com/mail/answer/77657',
    'https://secure.efoldering.com/support/Knowledgebase/Article/View/358/126/bandwidth-limits-of-cloudfinder-google-apps',
    'https://github.com/imapsync/imapsync/issues/61',
    'https://github.com/zone-eu/wildduck/issues/35',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/googlemail.com',
  ],
};
