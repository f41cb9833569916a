/** The actions of one stretch of Sieve commands → what a rule does, or why it cannot. */
import { whyInvalidKeyword } from '../mail/flags.ts';
import { whyInvalid } from '../mail/mailbox-name.ts';
import type { SieveCommand } from './parse-sieve.ts';
import { flagName } from './read-test.ts';

/** What a stretch of commands does. */
export interface ReadActions {
  readonly flags: readonly Readonly<Record<string, string>>[];
  readonly copies: readonly Filing[];
  readonly move: Filing | null;
  /** The message stays in INBOX whatever else is done. */
  readonly keeps: boolean;
  readonly stops: boolean;
  /** A flag changed after a filing, which does not have it then. */
  readonly flagsLate: boolean;
}

/** A mailbox to file into. */
export interface Filing {
  readonly mailbox: string;
  readonly create: boolean;
}

/** A command that is lost, and why. */
export interface LostCommand {
  readonly line: number;
  readonly reason: string;
}

/** Reads commands up to their end or a `stop`. */
export function readActions(commands: readonly SieveCommand[]): ReadActions | LostCommand {
  const flags: Record<string, string>[] = [];
  const copies: Filing[] = [];
  const moves: Filing[] = [];
  let [keeps, stops, flagsLate] = [false, false, false];
  for (const command of commands) {
    const { name, line } = command;
    if (stops) break;
    if (name === 'stop') stops = true;
    else if (name === 'keep' && command.args.length === 0) keeps = true;
    else if (name === 'addflag' || name === 'removeflag') {
      const changes = readFlagChange(command);
      if (typeof changes === 'string') return { line, reason: changes };
      flags.push(...changes);
      if (copies.length + moves.length > 0) flagsLate = true;
    } else if (name === 'fileinto') {
      const filed = readFiling(command);
      if (typeof filed === 'string') return { line, reason: filed };
      if (filed.mailbox.toUpperCase() === 'INBOX') keeps ||= !filed.copy;
      else (filed.copy ? copies : moves).push({ mailbox: filed.mailbox, create: filed.create });
    } else return { line, reason: `the command "${name}"` };
  }
  // Filed several times, or kept as well: all but the last filing are copies.
  const move = keeps ? null : (moves.pop() ?? null);
  copies.push(...moves);
  return { flags, copies, move, keeps, stops, flagsLate };
}

function readFiling({ args }: SieveCommand): (Filing & { readonly copy: boolean }) | string {
  const tags = args.flatMap((arg) => (arg.kind === 'tag' ? [arg.text] : []));
  const unknown = tags.find((tag) => tag !== 'copy' && tag !== 'create');
  if (unknown !== undefined) return `"fileinto :${unknown}"`;
  const names = args.flatMap((arg) => (arg.kind === 'strings' ? arg.texts : []));
  const [mailbox = ''] = names;
  const why = names.length === 1 ? whyInvalid(mailbox) : 'one name is expected';
  if (why !== undefined) return `the mailbox name ${JSON.stringify(mailbox)}: ${why}`;
  // A rule would take these for a template, or for a role.
  if (isTemplate(mailbox) || mailbox.startsWith('\\')) {
    return `the mailbox name ${JSON.stringify(mailbox)}`;
  }
  return { mailbox, create: tags.includes('create'), copy: tags.includes('copy') };
}

/** RFC 5232 §3: a string may hold several flags. */
function readFlagChange({ name, args }: SieveCommand): readonly Record<string, string>[] | string {
  const [list, ...more] = args;
  if (list?.kind !== 'strings' || more.length > 0) return `"${name}" on a variable`;
  const changes: Record<string, string>[] = [];
  for (const flag of list.texts.flatMap((text) => text.split(/ +/)).filter((text) => text !== '')) {
    const system = flagName(flag);
    const adds = name === 'addflag';
    if (system !== undefined) changes.push({ [adds ? 'flag' : 'unflag']: system });
    else if (whyInvalidKeyword(flag) !== undefined || isTemplate(flag)) return `the flag "${flag}"`;
    else changes.push({ [adds ? 'label' : 'unlabel']: flag });
  }
  return changes;
}

/** Variables of Sieve, or what our own templates would read. */
function isTemplate(text: string): boolean {
  return text.includes('${') || text.includes('{{') || text.includes('}}');
}
