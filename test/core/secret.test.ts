import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { secret } from '../../src/core/secret.ts';

test('a secret prints as a mask everywhere and reveals itself only when asked', () => {
  const password = secret('canary-7f3a');
  const shown = [
    String(password),
    `${password}`,
    JSON.stringify({ password }),
    inspect(password),
    inspect({ deep: { password } }, { depth: 5, showHidden: true }),
  ].join('\n');
  expect(shown).not.toContain('canary');
  expect(shown).toContain('•••');
  expect(password.reveal()).toBe('canary-7f3a');
});
