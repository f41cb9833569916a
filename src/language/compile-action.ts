/** One entry of `then` → actions. */
import type { Position } from '../core/diagnostic.ts';
import { SYSTEM_FLAGS } from '../mail/flags.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import type { ActionInput } from './action-schema.ts';
import type { Action, Destination } from './ast.ts';
import { asList } from './operands.ts';
import { parseTemplate, type Template } from './template.ts';

/** Compiles an entry that the schema accepted; `flag: [a, b]` becomes two actions. */
export function compileAction(input: ActionInput, at: Position): readonly Action[] {
  if (typeof input === 'string') return [{ ...compileWord(input), at }];
  const { move, copy, flag, unflag, label, unlabel } = input;
  if (move !== undefined) return [{ kind: 'move', to: destination(move, input), at }];
  if (copy !== undefined) return [{ kind: 'copy', to: destination(copy, input), at }];
  if (flag !== undefined) {
    return asList(flag).map((name) => ({ ...setFlag('add', SYSTEM_FLAGS[name]), at }));
  }
  if (unflag !== undefined) {
    return asList(unflag).map((name) => ({ ...setFlag('remove', SYSTEM_FLAGS[name]), at }));
  }
  if (label !== undefined) return [{ kind: 'label', op: 'add', label: template(label), at }];
  if (unlabel !== undefined) return [{ kind: 'label', op: 'remove', label: template(unlabel), at }];
  return typeof input.create === 'string'
    ? [{ kind: 'create', mailbox: template(input.create), at }]
    : [];
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

function setFlag(op: 'add' | 'remove', flag: string): Extract<Bare<Action>, { kind: 'flag' }> {
  return { kind: 'flag', op, flag };
}

function destination(
  name: string,
  modifiers: { create?: unknown; else?: string | undefined },
): Destination {
  return {
    kind: 'name',
    template: template(name),
    create: modifiers.create === true,
    otherwise: modifiers.else === undefined ? null : parseMailboxName(modifiers.else),
  };
}

/** The schema has parsed the text once; it cannot fail here. */
function template(text: string): Template {
  const parsed = parseTemplate(text);
  if (parsed.kind === 'error') throw new TypeError(`the schema let through "${text}"`);
  return parsed.template;
}
