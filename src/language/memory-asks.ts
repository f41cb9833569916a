/** What rules ask of the memory of an account, so that only that is read into it. */
import type { MemoryAsk } from '../mail/mail-memory.ts';
import type { Action, Predicate, Rule } from './ast.ts';
import { templateAsks } from './template.ts';

/** Everything that the rules may ask; rules that are off ask nothing. */
export function memoryAsks(rules: readonly Rule[]): readonly MemoryAsk[] {
  return rules
    .filter(({ enabled }) => enabled)
    .flatMap(({ when, actions }) => [...predicateAsks(when), ...actions.flatMap(actionAsks)]);
}

function predicateAsks(predicate: Predicate): readonly MemoryAsk[] {
  if (predicate.kind === 'test') return predicate.test.asks ?? [];
  return predicate.kind === 'not'
    ? predicateAsks(predicate.of)
    : predicate.of.flatMap(predicateAsks);
}

function actionAsks(action: Action): readonly MemoryAsk[] {
  switch (action.kind) {
    case 'move':
    case 'copy':
      return action.to.kind === 'role' ? [] : templateAsks(action.to.template);
    case 'label':
      return templateAsks(action.label);
    case 'create':
      return templateAsks(action.mailbox);
    default:
      return [];
  }
}
