/** Questions to a person at a terminal; the only door to the prompts library. All of it on stderr. */
import {
  CANCEL_SYMBOL,
  confirm,
  intro,
  log,
  multiselect,
  note,
  outro,
  select,
  text,
} from '@clack/prompts';
import { AppError } from '../../core/app-error.ts';
import { assert } from '../../core/assert.ts';
import { visible } from '../../plan/render-plan.ts';
import type { CommandContext } from '../run-command.ts';
import { wrap } from '../wrap.ts';

/** One choice of several. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
}

/** Asks and tells. Every question throws INTERRUPTED at Ctrl-C; nothing has been written then. */
export interface Prompts {
  begin(title: string): void;
  say(line: string): void;
  warn(line: string): void;
  /** Several lines under a title. */
  show(title: string, lines: readonly string[]): void;
  ask(question: string, options?: AskOptions): Promise<string>;
  /** Values are compared as they are: strings. */
  choose<T extends string>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  chooseMany(
    question: string,
    choices: readonly Choice<string>[],
    chosen: readonly string[],
  ): Promise<readonly string[]>;
  isYes(question: string, initial: boolean): Promise<boolean>;
  end(line: string): void;
}

/** How a text is asked for. */
export interface AskOptions {
  readonly initial?: string;
  /** Says what is wrong with an answer, or undefined. */
  readonly whyNot?: (answer: string) => string | undefined;
}

/** Prompts on the streams of a command. */
export function openPrompts({ streams, signal, output }: CommandContext): Prompts {
  // Behind the line that the library draws at the side.
  const wrapped = (text: string): string => wrap(visible(text), output.width - 4).join('\n');
  const on = { input: streams.stdin, output: streams.stderr, signal };
  const to = { output: streams.stderr };
  return {
    begin: (title) => intro(title, to),
    say: (line) => log.step(wrapped(line), to),
    warn: (line) => log.warn(wrapped(line), to),
    show: (title, lines) => note(lines.map(visible).join('\n'), title, { ...to, format: plain }),
    end: (line) => outro(line, to),
    ask: async (message, { initial, whyNot } = {}) =>
      answered(
        await text({
          ...on,
          message,
          ...(initial === undefined ? {} : { initialValue: initial }),
          validate: (answer = '') => whyNot?.(answer.trim()),
        }),
      ).trim(),
    choose: async (message, choices) => {
      const answer = answered(
        await select<string>({ ...on, message, options: optionsOf(choices) }),
      );
      const chosen = choices.find(({ value }) => value === answer);
      assert(chosen !== undefined, 'a prompt gave an answer that was none of its choices');
      return chosen.value;
    },
    chooseMany: async (message, choices, chosen) =>
      answered(
        await multiselect<string>({
          ...{ ...on, message, required: false },
          options: optionsOf(choices),
          initialValues: [...chosen],
        }),
      ),
    isYes: async (message, initialValue) =>
      answered(await confirm({ ...on, message, initialValue })),
  };
}

function optionsOf(choices: readonly Choice<string>[]) {
  return choices.map(({ value, label, hint }) => ({
    ...{ value, label: visible(label) },
    ...(hint === undefined ? {} : { hint: visible(hint) }),
  }));
}

function plain(line: string): string {
  return line;
}

function answered<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (answer === CANCEL_SYMBOL) {
    throw new AppError('INTERRUPTED', 'stopped; nothing was written', { signal: 'SIGINT' });
  }
  return answer;
}
