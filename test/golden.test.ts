/**
 * Rules and a mailbox → the plan as a person reads it, one folder a case. `UPDATE_GOLDEN=1` writes
 * the texts anew; read the diff before you commit it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { isAppError } from '../src/core/app-error.ts';
import { parseDuration } from '../src/core/duration.ts';
import { parseMailboxName } from '../src/mail/mailbox-name.ts';
import { assertWithinLimits } from '../src/plan/guards.ts';
import type { Plan } from '../src/plan/plan.ts';
import { exampleKey, previewOf } from '../src/plan/preview.ts';
import { renderPlan } from '../src/plan/render-plan.ts';
import { trashOf } from '../src/plan/resolve-destination.ts';
import { documentOf } from './language/support.ts';
import { type Mail, mailboxMap, planFor, type World } from './plan/support.ts';

const GOLDEN = fileURLToPath(new URL('golden', import.meta.url));
const SAFETY = {
  maxMessages: 500,
  maxPercent: 20,
  percentFloor: 100,
  maxDeletes: 50,
  maxCreates: 200,
};

const messageSchema = z.strictObject({
  from: z.string().optional(),
  subject: z.string().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  unreadable: z.array(z.string()).default([]),
  flags: z.array(z.string()).default([]),
  size: z.number().default(1000),
  age: z.string().default('0d'),
  mailbox: z.string().default('INBOX'),
  /** So many messages like this one, with UIDs in a row. */
  repeat: z.number().default(1),
});

const mailboxSchema = z.strictObject({
  mailboxes: z.array(z.string()),
  separator: z.string().default('.'),
  permanentFlags: z.array(z.string()).optional(),
  capabilities: z.strictObject({ move: z.boolean(), uidplus: z.boolean() }).optional(),
  /** `UID MAILBOX`: copies that the journal remembers. */
  copied: z.array(z.string()).default([]),
  messages: z.array(messageSchema),
});

const same = (text: string): string => text;
const STYLE = {
  width: 100,
  colors: { bold: same, dim: same, green: same, yellow: same, cyan: same },
};

test.each(
  readdirSync(GOLDEN)
    .filter((name) => /^\d/.test(name))
    .sort(),
)('%s', (name) => {
  const read = (file: string): string => readFileSync(join(GOLDEN, name, file), 'utf8');
  const described = mailboxSchema.parse(documentOf(read('mailbox.yaml')).value);
  const text = `${planText(read('rules.yaml'), described)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(GOLDEN, name, 'plan.txt'), text);
  expect(text).toBe(read('plan.txt'));
});

function planText(rules: string, described: z.output<typeof mailboxSchema>): string {
  const { capabilities, messages, permanentFlags, ...rest } = described;
  const world: World = { ...rest, ...(permanentFlags === undefined ? {} : { permanentFlags }) };
  const mails = messages.flatMap((message) =>
    Array.from({ length: message.repeat }, () => message),
  );
  const plan = planFor(
    rules,
    mails.map((message, index) => mailFrom(message, index + 1)),
    world,
  );
  const counts = new Map<string, number>();
  for (const { mailbox } of mails) counts.set(mailbox, (counts.get(mailbox) ?? 0) + 1);
  const preview = previewOf(plan, {
    looked: [...counts].map(([mailbox, count]) => ({
      mailbox: parseMailboxName(mailbox),
      messages: count,
    })),
    examples: new Map(
      mails.map(({ mailbox, from = '(no sender)', subject = '(no subject)' }, index) => [
        exampleKey(parseMailboxName(mailbox), index + 1),
        `${from} — ${subject}`,
      ]),
    ),
    ...(capabilities === undefined ? {} : { capabilities }),
  });
  return [renderPlan(preview, STYLE), ...refusalOf(plan, world)].join('\n');
}

function mailFrom(message: z.output<typeof messageSchema>, uid: number): Mail {
  const { from, subject, age, size } = message;
  return {
    uid,
    headers: {
      ...message.headers,
      ...(from === undefined ? {} : { from }),
      ...(subject === undefined ? {} : { subject }),
    },
    unreadable: message.unreadable,
    flags: message.flags,
    sizeBytes: size,
    ageMs: parseDuration(age) ?? 0,
    mailbox: message.mailbox,
  };
}

/** What a run would say before its first command. */
function refusalOf(plan: Plan, world: World): readonly string[] {
  try {
    assertWithinLimits([{ plan, trash: trashOf(mailboxMap(world)) }], SAFETY);
    return [];
  } catch (error) {
    if (isAppError(error, 'LIMIT_EXCEEDED')) return [`  Refused: ${error.message}`];
    throw error;
  }
}
