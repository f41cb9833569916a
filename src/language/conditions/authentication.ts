/**
 * `auth`: what the account's own server found out about the sender (RFC 8601). Only the topmost
 * Authentication-Results that bears the configured name counts; anybody can write the others.
 */
import { z } from 'zod';
import { defineCondition } from '../condition-spec.ts';
import type { Verdict } from '../evaluation.ts';
import { asList, refuse } from '../operands.ts';
import { sawTexts } from '../seen.ts';
import { judgeHeader, verdictOf } from '../verdict.ts';

const METHODS = ['dmarc', 'dkim', 'spf', 'arc'] as const;
const RESULTS = [
  ...['none', 'pass', 'fail', 'policy', 'neutral', 'temperror', 'permerror', 'softfail'],
] as const;
const resultSchema = z.enum(RESULTS);
const wanted = z.union([resultSchema, z.array(resultSchema).min(1)]).optional();
const FIELD = 'authentication-results';

/** Whether the sender is who it says, as our own server found. */
export const auth = defineCondition({
  key: 'auth',
  schema: z
    .strictObject({ dmarc: wanted, dkim: wanted, spf: wanted, arc: wanted })
    .superRefine(
      refuse((tests) =>
        Object.keys(tests).length > 0 ? undefined : 'say what to look for: dmarc, dkim or spf',
      ),
    ),
  summary:
    "What the account's own server found out about the sender, by the topmost Authentication-Results with the name of `authserv_id` in mailwright.yaml. Without that name, or without such a field, every result is `none`.",
  example: 'auth: { dmarc: pass }',
  compile: (tests) => ({
    needs: [`header:${FIELD}`],
    evaluate: (view, { authServId }): Verdict =>
      judgeHeader<string>(view, FIELD, {
        read: (headers) => headers.text(FIELD),
        test: (values) => {
          const results = resultsOf(values, authServId);
          return verdictOf(
            METHODS.every((method) => {
              const allowed = asList(tests[method]);
              return allowed.length === 0 || allowed.some((each) => each === results(method));
            }),
          );
        },
      }),
    describe: () =>
      METHODS.flatMap((method) => {
        const allowed = asList(tests[method]);
        return allowed.length === 0 ? [] : [`${method} is ${allowed.join(' or ')}`];
      }).join(' and '),
    saw: (view, { authServId }) =>
      authServId === undefined
        ? 'no authserv_id is configured, so every result is none'
        : sawTexts(view, [FIELD]),
  }),
});

/** Reads `name version; method=result reason…; method=result …` of the topmost field of that name. */
function resultsOf(
  values: readonly string[],
  authServId: string | undefined,
): (method: string) => string {
  const own = values
    .map((value) => withoutComments(value).split(';'))
    .find(([head = '']) => nameOf(head) === authServId?.toLowerCase());
  const [, ...statements] = own ?? [];
  const found = new Map<string, string>();
  for (const statement of statements) {
    const [, method, result] =
      /^\s*([A-Za-z-]+)(?:\s*\/\s*\d+)?\s*=\s*([A-Za-z]+)/.exec(statement) ?? [];
    if (method === undefined || result === undefined) continue;
    const key = method.toLowerCase();
    // One signature that holds is enough (RFC 6376 §6.3): pass wins over others of its method.
    if (found.get(key) !== 'pass') found.set(key, result.toLowerCase());
  }
  return (method) => found.get(method) ?? 'none';
}

function nameOf(head: string): string {
  const [name = ''] = head.trim().split(/[\s/]+/);
  return name.toLowerCase();
}

/** Comments and quoted strings may hold anything, a forged "; dmarc=pass" too. */
function withoutComments(value: string): string {
  let text = '';
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < value.length; index++) {
    const char = value.charAt(index);
    if (char === '\\') index++;
    else if (char === '"' && depth === 0) quoted = !quoted;
    else if (quoted) continue;
    else if (char === '(') depth++;
    else if (char === ')') depth = Math.max(0, depth - 1);
    else if (depth === 0) text += char;
  }
  return text;
}
