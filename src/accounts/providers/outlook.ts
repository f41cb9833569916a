/** Outlook.com, Hotmail and Live; Microsoft 365 (Exchange Online). */
import { imaps, type ProviderPreset, plainServer, submission } from './provider-preset.ts';

/** `provider: outlook`. */
export const outlook: ProviderPreset = {
  title: 'Outlook',
  // support.microsoft.com, "POP, IMAP, and SMTP settings for Outlook.com"; the same IMAP server serves
  // Microsoft 365. SMTP there is smtp.office365.com, which serves Outlook.com, too (ISPDB).
  imap: imaps('outlook.office365.com'),
  smtp: submission('smtp.office365.com'),
  otherServers: {},
  // The same page: POP and IMAP access is disabled by default.
  enable: 'turn IMAP on in Outlook.com: Settings, Mail, "Forwarding and IMAP"',
  // The same page names OAuth2 alone. Passwords were turned off on 1 October 2022 (Exchange Online)
  // and on 16 September 2024 (Outlook.com); app passwords with them.
  signIn: [{ kind: 'oauth2', provider: 'microsoft', before: null }],
  limits: {
    // check-mail issue 183: 20 connections. Each new one counts against what is allowed, so few.
    connections: 2,
    // imapsync's options for Office 365 (--office2): 4 messages a second. This is as much.
    commandsPerMinute: 240,
  },
  quirks: plainServer([
    // imapsync issues 198 and 212; it comes as BAD and as NO.
    'Request is throttled. Suggested Backoff Time: 299961 milliseconds',
    // node-imap issue 689, php-imap issue 464: after too many logins; also where the token has the
    // wrong scope, so that it is tried slowly, and not for ever.
    'User is authenticated but not connected.',
  ]),
  domains: ['outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'windowslive.com', ...national()],
  // ISPDB: NAME.mail.protection.outlook.com and REGION.olc.protection.outlook.com.
  mx: ['protection.outlook.com'],
  sources: [
    'https://support.microsoft.com/en-us/office/pop-imap-and-smtp-settings-8361e398-8af4-4e97-b147-6c6c4ac95353',
    'https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth',
    'https://developer.nylas.com/docs/cookbook/email/outlook-smtp-settings/',
    'https://github.com/imapsync/imapsync/issues/212',
    'https://github.com/mscdex/node-imap/issues/689',
    'https://github.com/thunderbird/autoconfig/blob/master/ispdb/hotmail.com',
  ],
};

/** ISPDB; the larger ones. */
function national(): readonly string[] {
  const names = ['outlook', 'hotmail', 'live'];
  return [
    'de',
    'fr',
    'it',
    'es',
    'at',
    'be',
    'dk',
    'ie',
    'nl',
    'se',
    'co.uk',
    'com.au',
    'com.br',
  ].flatMap((end) => names.map((name) => `${name}.${end}`));
}
