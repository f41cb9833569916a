/** Fastmail. */
import { imaps, type ProviderPreset, plainServer, submissions } from './provider-preset.ts';

/** `provider: fastmail`. */
export const fastmail: ProviderPreset = {
  title: 'Fastmail',
  // fastmail.com, "Server names and ports": 993 and 465, not STARTTLS.
  imap: imaps('imap.fastmail.com'),
  smtp: submissions('smtp.fastmail.com'),
  otherServers: {},
  enable: null,
  signIn: [
    // fastmail.com, "App passwords": the normal password is refused; Basic plans have no IMAP.
    {
      kind: 'password',
      which: 'app',
      url: 'https://www.fastmail.com/help/clients/apppassword.html',
      before: 'Settings, "Privacy & Security", "New app password", with access to mail',
    },
  ],
  // The page on account limits names none for IMAP.
  limits: { connections: 2, commandsPerMinute: 600 },
  quirks: plainServer(),
  domains: ['fastmail.com', 'fastmail.fm'],
  // mxrecordchecker (useboring): in1-smtp.messagingengine.com; ISPDB: messagingengine.com.
  mx: ['messagingengine.com'],
  sources: [
    'https://www.fastmail.com/help/technical/servernamesandports.html',
    'https://www.fastmail.com/help/clients/apppassword.html',
    'https://www.fastmail.com/help/account/limits.html',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/messagingengine.com.xml',
  ],
};
