import { expect, test } from 'vitest';
import { commandSource } from '../../../src/accounts/sources/command.ts';
import { accountId } from '../../../src/core/brand.ts';

const source = (command: string) => commandSource(accountId('home'), command);

test.each([
  ['one line', "echo 'hunter 2'", 'hunter 2'],
  ['the first of several lines', "printf 'a\\nb\\n'", 'a'],
  ['a line of Windows', "printf 'a\\r\\n'", 'a'],
  ['a command of a shell', 'X=a; printf %s "$X" | tr a b', 'b'],
  ['a command that waits for input gets none', 'cat; echo x', 'x'],
])('%s', async (_, command, password) => {
  expect((await source(command).read()).reveal()).toBe(password);
});

test.each([
  ['that fails', 'exit 3', 'failed (exit code 3)'],
  ['that is not there', 'mailwright-no-such-command 2>/dev/null', 'failed (exit code 127)'],
  ['that prints nothing', 'true', 'printed nothing'],
  ['that begins with an empty line', "printf '\\nx\\n'", 'printed nothing'],
])('a command %s is refused', async (_, command, reason) => {
  await expect(source(command).read()).rejects.toMatchObject({
    code: 'CREDENTIAL_UNAVAILABLE',
    message: expect.stringContaining(reason),
  });
});

test('what a failing command printed is never repeated', async () => {
  // Said in octal, so that the command itself, which is named, does not hold it.
  const failing = source("printf '\\150unter2'; printf '\\150unter2' >&2; exit 1").read();
  const error = await failing.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(
    `${error} ${JSON.stringify(error)} ${error instanceof Error ? error.cause : ''}`,
  ).not.toContain('hunter2');
});
