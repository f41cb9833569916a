/** The demo from end to end: server, engine and journal as a person gets them. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { palette } from '../../src/cli/color.ts';
import { demo } from '../../src/cli/commands/demo.ts';
import { plan } from '../../src/cli/commands/plan.ts';
import type { Output } from '../../src/cli/output.ts';
import type { CommandContext, GlobalOptions } from '../../src/cli/run-command.ts';
import { AppError } from '../../src/core/app-error.ts';
import { EXIT } from '../../src/core/exit-codes.ts';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'mailwright-demo-'));
});

afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

/** What a command printed; `heard` is called at each piece. */
interface Heard {
  readonly texts: string[];
  readonly values: unknown[];
  readonly context: CommandContext;
}

function listen(
  options: Partial<GlobalOptions>,
  more: { signal?: AbortSignal; heard?: (text: string) => void } = {},
): Heard {
  const texts: string[] = [];
  const values: unknown[] = [];
  const json = options.json ?? false;
  const take = (text: string): void => {
    if (json) return;
    texts.push(text);
    more.heard?.(text);
  };
  const output: Output = {
    json,
    colors: palette(false),
    width: 100,
    interactive: false,
    print: take,
    printJson: (value) => {
      if (json) values.push(value);
    },
    note: take,
    error: (text) => texts.push(text),
    drained: () => Promise.resolve(),
    emit: () => {},
    settle: () => {},
  };
  const context: CommandContext = {
    options: { json, trace: false, ...options },
    arguments: [],
    output,
    cwd,
    env: {},
    streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
    signal: more.signal ?? new AbortController().signal,
  };
  return { texts, values, context };
}

test('the loop ends with the mailbox as it was, and leaves a folder to go on with', async () => {
  const { texts, context } = listen({});
  expect(await demo(context)).toBe(EXIT.done);
  const text = texts.join('\n');
  expect(text).toMatch(/✓ Compared message by message: all 266 are where they were/);
  const rules = await readdir(join(cwd, 'mailwright-demo/rules'));
  expect(rules.length).toBe(5);
  for (const name of rules) {
    const file = await readFile(join(cwd, 'mailwright-demo/rules', name), 'utf8');
    for (const [, rule = ''] of file.matchAll(/^ {2}- name: (.+)$/gm)) {
      expect(text, `the plan shows the rule "${rule}"`).toContain(
        `${rule}  (mailwright-demo/rules/`,
      );
    }
  }
  const { mode } = await stat(join(cwd, 'mailwright-demo/password'));
  expect(mode & 0o777).toBe(0o600);
}, 15_000);

test('it can be played again in its folder, and tells it in one JSON value', async () => {
  await demo(listen({ json: true }).context);
  const { values, texts, context } = listen({ json: true });
  expect(await demo(context)).toBe(EXIT.done);
  expect(texts).toEqual([]);
  expect(values).toEqual([
    expect.objectContaining({ exit: 0, messages: 266, restored: true, arrived: 0 }),
  ]);
}, 15_000);

test.each([
  ['a folder with files of somebody', 'notes.txt', 'mine'],
  ['a configuration that no demo wrote', 'mailwright.yaml', 'accounts: {}'],
])('%s is refused and stays as it is', async (_, name, text) => {
  await writeFile(join(cwd, name), text);
  await expect(demo(listen({ directory: '.' }).context)).rejects.toMatchObject({ code: 'USAGE' });
  expect(await readdir(cwd)).toEqual([name]);
  expect(await readFile(join(cwd, name), 'utf8')).toBe(text);
});

test('a folder whose configuration was edited is not overwritten', async () => {
  await demo(listen({ json: true }).context);
  const path = join(cwd, 'mailwright-demo/mailwright.yaml');
  const edited = `${await readFile(path, 'utf8')}# my account\n`;
  await writeFile(path, edited);
  await expect(demo(listen({}).context)).rejects.toMatchObject({ code: 'USAGE' });
  expect(await readFile(path, 'utf8')).toBe(edited);
}, 15_000);

test('with --keep other commands work on the folder until it is stopped', async () => {
  const controller = new AbortController();
  const interrupted = new AppError('INTERRUPTED', 'stopped', { signal: 'SIGINT' });
  const other = listen({ json: true, config: 'mailwright-demo/mailwright.yaml' });
  const exits: number[] = [];
  const planThere = async (): Promise<void> => {
    try {
      exits.push(await plan(other.context));
    } finally {
      controller.abort(interrupted);
    }
  };
  const work: Promise<void>[] = [];
  const { context } = listen(
    { keep: true },
    {
      signal: controller.signal,
      heard: (text) => {
        if (text.includes('keeps running')) work.push(planThere());
      },
    },
  );
  expect(await demo(context)).toBe(EXIT.done);
  await Promise.all(work);
  expect(exits).toEqual([EXIT.done]);
  const changes = expect.arrayContaining([expect.objectContaining({ rule: 'Failed builds' })]);
  expect(other.values).toEqual([expect.objectContaining({ account: 'demo', changes })]);
}, 15_000);
