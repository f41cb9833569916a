/** One entry of `then` → actions. */
import { accountId } from '../core/brand.ts';
import type { Position } from '../core/diagnostic.ts';
import type { ExternalEffect } from '../core/external-effect.ts';
import { SYSTEM_FLAGS } from '../mail/flags.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import { type ActionInput, SNOOZE_MAILBOX } from './action-schema.ts';
import type { Action, Destination } from './ast.ts';
import { asList } from './operands.ts';
import { parseTemplate, type Template } from './template.ts';
import { parseUntil } from './until.ts';

/** Compiles an entry that the schema accepted; `flag: [a, b]` becomes two actions. */
export function compileAction(
  input: ActionInput,
  at: Position,
  lists: ListPlaces,
): readonly Action[] {
  if (typeof input === 'string') return [{ ...compileWord(input), at }];
  const { move, copy, flag, unflag, label, unlabel } = input;
  if (move !== undefined) return [{ kind: 'move', to: destination(move, input), at }];
  if (input.snooze !== undefined) return [{ ...compileSnooze(input.snooze), at }];
  if (copy !== undefined) return [{ kind: 'copy', to: destination(copy, input), at }];
  if (flag !== undefined) {
    return asList(flag).map((name) => ({ ...setFlag('add', SYSTEM_FLAGS[name]), at }));
  }
  if (unflag !== undefined) {
    return asList(unflag).map((name) => ({ ...setFlag('remove', SYSTEM_FLAGS[name]), at }));
  }
  if (label !== undefined) return [{ kind: 'label', op: 'add', label: template(label), at }];
  if (unlabel !== undefined) return [{ kind: 'label', op: 'remove', label: template(unlabel), at }];
  if (input.expunge !== undefined) {
    return [{ kind: 'expunge', backup: input.backup !== false, at }];
  }
  const effect = externalEffect(input, lists);
  if (effect !== undefined) return [{ kind: 'external', effect, at }];
  return typeof input.create === 'string'
    ? [{ kind: 'create', mailbox: template(input.create), at }]
    : [];
}

/** Where the lists of a rule file lie. */
export interface ListPlaces {
  /** The rule file, which their paths are relative to. */
  readonly file: string;
  /** The path of a list; undefined for one that is written in the rule file. */
  pathOf(name: string): string | undefined;
}

function externalEffect(
  input: Exclude<ActionInput, string>,
  lists: ListPlaces,
): ExternalEffect | undefined {
  const { save, webhook, forward, exec, add_to, remove_from } = input;
  if (save !== undefined) return { kind: 'save', directory: save };
  if (webhook !== undefined) {
    return { kind: 'webhook', url: webhook.url, secret: webhook.secret ?? null };
  }
  if (forward !== undefined) return { kind: 'forward', to: forward };
  if (exec !== undefined) return { kind: 'exec', command: exec };
  const change = add_to ?? remove_from;
  if (change === undefined) return undefined;
  const { list, value } =
    typeof change === 'string' ? { list: change, value: '{{ from.address }}' } : change;
  return {
    kind: add_to === undefined ? 'remove_from' : 'add_to',
    list: lists.pathOf(list) ?? '',
    from: lists.file,
    value,
  };
}

type Bare<A> = A extends Action ? Omit<A, 'at'> : never;

function compileWord(word: Extract<ActionInput, string>): Bare<Action> {
  switch (word) {
    case 'archive':
    case 'junk':
    case 'trash':
      return { kind: 'move', to: { kind: 'role', role: word } };
    case 'mark_read':
      return setFlag('add', SYSTEM_FLAGS.seen);
    case 'mark_unread':
      return setFlag('remove', SYSTEM_FLAGS.seen);
    case 'star':
      return setFlag('add', SYSTEM_FLAGS.flagged);
    case 'unstar':
      return setFlag('remove', SYSTEM_FLAGS.flagged);
    default:
      return { kind: word };
  }
}

function compileSnooze({
  until: text,
  timezone,
  mailbox = SNOOZE_MAILBOX,
}: NonNullable<Exclude<ActionInput, string>['snooze']>): Bare<Action> {
  const until = parseUntil(text, timezone);
  if (until === undefined) throw new TypeError(`the schema let through "${text}"`);
  return { kind: 'move', to: destination(mailbox, { create: true }), until };
}

function setFlag(op: 'add' | 'remove', flag: string): Extract<Bare<Action>, { kind: 'flag' }> {
  return { kind: 'flag', op, flag };
}

function destination(
  to: string | { readonly account: string; readonly mailbox: string },
  modifiers: { create?: unknown; else?: string | undefined },
): Destination {
  const named = {
    template: template(typeof to === 'string' ? to : to.mailbox),
    create: modifiers.create === true,
    otherwise: modifiers.else === undefined ? null : parseMailboxName(modifiers.else),
  };
  return typeof to === 'string'
    ? { kind: 'name', ...named }
    : { kind: 'of-account', account: accountId(to.account), ...named };
}

/** The schema has parsed the text once; it cannot fail here. */
function template(text: string): Template {
  const parsed = parseTemplate(text);
  if (parsed.kind === 'error') throw new TypeError(`the schema let through "${text}"`);
  return parsed.template;
}
