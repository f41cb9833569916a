/** Yandex Mail. */
import { imaps, type ProviderPreset, plainServer, submissions } from './provider-preset.ts';

/** `provider: yandex`. */
export const yandex: ProviderPreset = {
  title: 'Yandex Mail',
  // tech.yandex.com, "OAuth authorization in Yandex.Mail": imap.yandex.com:993, smtp.yandex.com:465.
  imap: imaps('imap.yandex.com'),
  smtp: submissions('smtp.yandex.com'),
  otherServers: {},
  // ISPDB: "Enable IMAP" on the page for mail programs.
  enable: 'turn IMAP on: All settings, "Email clients"',
  signIn: [
    {
      kind: 'password',
      which: 'app',
      url: 'https://yandex.com/support/passport/authorization/app-passwords.html',
      // yandex.com, "App passwords": one for each program, of the type mail.
      before: 'choose the type "Mail"',
    },
  ],
  // No figure is published.
  limits: { connections: 2, commandsPerMinute: 300 },
  quirks: plainServer(),
  domains: [
    ...['yandex.com', 'yandex.ru', 'yandex.by', 'yandex.kz', 'yandex.ua', 'ya.ru', 'narod.ru'],
  ],
  // mx.yandex.net, as many public lists of exchangers have it.
  mx: ['yandex.net', 'yandex.ru'],
  sources: [
    'https://tech.yandex.com/oauth/doc/imap/index-docpage/',
    'https://yandex.com/support/passport/authorization/app-passwords.html',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/yandex.ru.xml',
  ],
};
