/** The actions of one rule in Sieve: what it changes, copies and files, and whether it ends. */
import type { Action, Destination, Rule } from '../language/ast.ts';
import { staticText } from '../language/template.ts';
import type { Flag } from '../mail/flags.ts';
import type { Role } from '../mail/mailbox-name.ts';
import { quote } from './said.ts';

/** What a rule does, ready to be written; `to` is null where the message stays in INBOX. */
export interface SaidActions {
  readonly flags: readonly { readonly word: 'addflag' | 'removeflag'; readonly flag: Flag }[];
  /** Commands, each with its semicolon. */
  readonly copies: readonly string[];
  readonly move: { readonly command: string | null } | null;
  /** No later rule sees the message. */
  readonly ends: boolean;
  readonly requires: readonly string[];
  readonly remarks: readonly string[];
}

/** Archive, junk and trash: RFC 8579 is rare, so these are named. */
const ROLE_NAMES: Readonly<Record<Role, string>> = {
  all: 'All',
  archive: 'Archive',
  drafts: 'Drafts',
  flagged: 'Flagged',
  junk: 'Junk',
  sent: 'Sent',
  trash: 'Trash',
};

/** Says what a rule does; a string tells why Sieve cannot. */
export function sayActions(rule: Rule): SaidActions | string {
  const flags: SaidActions['flags'][number][] = [];
  const copies: string[] = [];
  const requires = new Set<string>();
  const remarks: string[] = [];
  let move: SaidActions['move'] = null;
  for (const action of rule.actions) {
    switch (action.kind) {
      case 'flag':
      case 'label': {
        const flag = action.kind === 'flag' ? action.flag : staticText(action.label);
        if (flag === undefined) return 'a label made from the message';
        flags.push({ word: action.op === 'add' ? 'addflag' : 'removeflag', flag });
        requires.add('imap4flags');
        break;
      }
      case 'copy':
      case 'move': {
        if (action.kind === 'move' && action.until !== undefined) {
          return '"snooze": Sieve has no such action';
        }
        if (action.kind === 'move' && move !== null) break;
        const filed = fileInto(action.to, action.kind);
        if (typeof filed === 'string') return filed;
        for (const extension of filed.requires) requires.add(extension);
        remarks.push(...filed.remarks);
        if (action.kind === 'move') move = { command: filed.command };
        else if (filed.command !== null) copies.push(filed.command);
        break;
      }
      case 'keep':
      case 'stop':
        break;
      default:
        return `"${action.kind}": Sieve has no such action`;
    }
  }
  const stops = rule.actions.some(({ kind }: Action) => kind === 'keep' || kind === 'stop');
  return {
    flags,
    copies,
    move,
    ends: stops || (move !== null && !rule.continues),
    requires: [...requires],
    remarks,
  };
}

interface Filed {
  readonly command: string | null;
  readonly requires: readonly string[];
  readonly remarks: readonly string[];
}

function fileInto(to: Destination, kind: 'move' | 'copy'): Filed | string {
  const copy = kind === 'copy' ? ' :copy' : '';
  const copyRequires = kind === 'copy' ? ['copy'] : [];
  if (to.kind === 'role') {
    const name = ROLE_NAMES[to.role];
    return {
      command: `fileinto${copy} ${quote(name)};`,
      requires: ['fileinto', ...copyRequires],
      remarks: [
        `Sieve does not look for the mailbox with the role \\${to.role}: it is called "${name}" in the script`,
      ],
    };
  }
  if (to.kind === 'of-account') return 'another account: Sieve knows only its own';
  const name = staticText(to.template);
  if (name === undefined) return 'a mailbox name made from the message';
  // The message is in INBOX already.
  if (name.toUpperCase() === 'INBOX') return { command: null, requires: [], remarks: [] };
  const create = to.create ? ' :create' : '';
  return {
    command: `fileinto${copy}${create} ${quote(name.normalize('NFC'))};`,
    requires: ['fileinto', ...copyRequires, ...(to.create ? ['mailbox'] : [])],
    remarks: [],
  };
}
