/** iCloud Mail. */
import { imaps, type ProviderPreset, plainServer, submission } from './provider-preset.ts';

/** `provider: icloud`. */
export const icloud: ProviderPreset = {
  title: 'iCloud Mail',
  // ISPDB, from Apple's page 102525: imap.mail.me.com:993, smtp.mail.me.com:587 with STARTTLS.
  imap: imaps('imap.mail.me.com'),
  smtp: submission('smtp.mail.me.com'),
  otherServers: {},
  enable: null,
  signIn: [
    // skymigrate.com: the password of the Apple account is refused.
    {
      kind: 'password',
      which: 'app',
      url: 'https://appleid.apple.com',
      before: 'two-factor authentication must be on; then "App-Specific Passwords"',
    },
  ],
  // Apple publishes no figure; other programs report trouble with more than five.
  limits: { connections: 2, commandsPerMinute: 300 },
  quirks: plainServer(),
  domains: ['icloud.com', 'me.com', 'mac.com'],
  // mxrecordchecker (useboring): mx01.mail.icloud.com for domains of one's own.
  mx: ['mail.icloud.com'],
  sources: [
    'https://skymigrate.com/?p=6611',
    'https://sowebmail.com/email-setup/icloud',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/me.com.xml',
  ],
};
