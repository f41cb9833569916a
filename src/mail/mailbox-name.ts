/**
 * Mailbox names in one canonical form: `/` between levels, no personal-namespace prefix, INBOX in
 * capitals. Rules, plans and the journal know only this form; the translation to a server's own
 * names happens in `imap/` and nowhere else (safety.md §14).
 */
import { AppError } from '../core/app-error.ts';
import type { Brand } from '../core/brand.ts';

/** A canonical mailbox name. Only `parseMailboxName` makes one. */
export type MailboxName = Brand<'MailboxName'>;

/** SPECIAL-USE roles (RFC 6154 §2), without the backslash, in lower case. */
export const ROLES = ['all', 'archive', 'drafts', 'flagged', 'junk', 'sent', 'trash'] as const;

/** A SPECIAL-USE role. */
export type Role = (typeof ROLES)[number];

/** How a server builds names: its personal prefix ("INBOX.") and its hierarchy separator. */
export interface Namespace {
  readonly prefix: string;
  /** One character, or the empty string where the server has no hierarchy. */
  readonly separator: string;
}

/**
 * Takes a name that a person or a server gave, in canonical form. Throws MAILBOX_NAME_INVALID for
 * an empty name or level, a `.` or `..` level, and control characters.
 */
export function parseMailboxName(text: string): MailboxName {
  const reason = whyInvalid(text);
  if (reason !== undefined) {
    throw new AppError('MAILBOX_NAME_INVALID', `mailbox name ${JSON.stringify(text)}: ${reason}`, {
      mailbox: text,
      reason,
    });
  }
  return canonical(text);
}

/** Says why `text` cannot be a mailbox name, or undefined when it can. */
export function whyInvalid(text: string): string | undefined {
  if (text === '') return 'it is empty';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return 'it holds a control character';
  const levels = text.split('/');
  if (levels.includes('')) return 'it has an empty level';
  if (levels.includes('.') || levels.includes('..')) return 'it has a level "." or ".."';
  return undefined;
}

/** INBOX is case-insensitive (RFC 9051 §5.1), also as the first level; other names are kept. */
function canonical(text: string): MailboxName {
  const name = /^inbox(?=$|\/)/i.test(text) ? `INBOX${text.slice(5)}` : text;
  return name.normalize('NFC') as MailboxName;
}

/**
 * Gives the name that `server` uses for a canonical one. Throws MAILBOX_NAME_INVALID when a level
 * holds the server's separator: the server would split it in two.
 */
export function toServerName(name: MailboxName, server: Namespace): string {
  const levels = name.split('/');
  if (server.separator !== '/' && server.separator !== '') {
    const bad = levels.find((level) => level.includes(server.separator));
    if (bad !== undefined) {
      const reason = `"${bad}" holds "${server.separator}", which separates levels on this server`;
      throw new AppError('MAILBOX_NAME_INVALID', `mailbox name "${name}": ${reason}`, {
        mailbox: name,
        reason,
      });
    }
  }
  if (name === 'INBOX') return 'INBOX';
  const joined = levels.join(server.separator);
  return joined.startsWith(server.prefix) ? joined : server.prefix + joined;
}

/** Gives the canonical name of a server's own, or undefined when it cannot be written as one. */
export function fromServerName(serverName: string, server: Namespace): MailboxName | undefined {
  if (serverName.toUpperCase() === 'INBOX') return canonical('INBOX');
  const bare =
    server.prefix !== '' && serverName.startsWith(server.prefix)
      ? serverName.slice(server.prefix.length)
      : serverName;
  if (server.separator !== '/' && bare.includes('/')) return undefined;
  const joined = server.separator === '' ? bare : bare.split(server.separator).join('/');
  return whyInvalid(joined) === undefined ? canonical(joined) : undefined;
}
