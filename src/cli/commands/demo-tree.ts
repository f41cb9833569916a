/** Mailboxes with their counts as a tree, and whether two of them hold the same mail. */
import { createHash } from 'node:crypto';
import type { Palette } from '../color.ts';

/** A mailbox at a moment. */
export interface TreeMailbox {
  /** Levels are separated by `/`. */
  readonly name: string;
  /** False where only mailboxes below it exist. */
  readonly selectable: boolean;
  readonly messages: readonly TreeMessage[];
}

/** What must be the same again after an undo; the UID may be another. */
export interface TreeMessage {
  readonly raw: Uint8Array;
  readonly internalDateMs: number;
  readonly flags: readonly string[];
}

/** Draws the tree; with `before`, each line also tells what has changed since. */
export function renderTree(
  now: readonly TreeMailbox[],
  colors: Palette,
  before: readonly TreeMailbox[] = now,
): string {
  const width = Math.max(...now.map(({ name }) => label(name).length));
  const earlier = new Map(before.map((mailbox) => [mailbox.name, mailbox.messages.length]));
  return now
    .map(({ name, selectable, messages }) => {
      if (!selectable) return `  ${label(name)}`;
      const amount = String(messages.length).padStart(5);
      const line = `  ${label(name).padEnd(width)} ${amount}`;
      const change = describeChange(messages.length, earlier.get(name));
      return change === '' ? line : `${line}  ${colors.cyan(change)}`;
    })
    .join('\n');
}

/** Counts by name, for JSON. */
export function countsOf(tree: readonly TreeMailbox[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    tree
      .filter(({ selectable }) => selectable)
      .map(({ name, messages }) => [name, messages.length]),
  );
}

/** How many messages there are in all. */
export function totalOf(tree: readonly TreeMailbox[]): number {
  return tree.reduce((sum, { messages }) => sum + messages.length, 0);
}

/**
 * Names the mailboxes that do not hold the same messages with the same flags and dates. A mailbox
 * that is new and empty is no difference.
 */
export function differences(
  before: readonly TreeMailbox[],
  after: readonly TreeMailbox[],
): readonly string[] {
  const expected = new Map(before.map((mailbox) => [mailbox.name, signature(mailbox)]));
  const found = new Map(after.map((mailbox) => [mailbox.name, signature(mailbox)]));
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names].filter((name) => (expected.get(name) ?? '') !== (found.get(name) ?? ''));
}

function label(name: string): string {
  const levels = name.split('/');
  return `${'  '.repeat(levels.length - 1)}${levels.at(-1) ?? ''}`;
}

function describeChange(now: number, before: number | undefined): string {
  if (before === undefined) return now === 0 ? 'new, empty' : 'new';
  if (now === before) return '';
  return now > before ? `+${now - before}` : `−${before - now}`;
}

function signature({ messages }: TreeMailbox): string {
  return messages
    .map(({ raw, internalDateMs, flags }) => {
      const digest = createHash('sha256').update(raw).digest('hex');
      return [digest, internalDateMs, ...[...flags].sort()].join(' ');
    })
    .sort()
    .join('\n');
}
