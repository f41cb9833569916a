/** Hands for what rules do outside the mailboxes, within what the configuration allows. */
import { isAbsolute, join, resolve } from 'node:path';
import type { Account } from '../accounts/account.ts';
import { envSource } from '../accounts/sources/env.ts';
import { fileSource } from '../accounts/sources/file.ts';
import type { Outside, OutsideMessage, OutsideOutcome } from '../act/outside.ts';
import type { Config } from '../config/config.ts';
import { isAppError } from '../core/app-error.ts';
import type { AccountId } from '../core/brand.ts';
import type { ExternalEffect, SecretRef } from '../core/external-effect.ts';
import { LIMITS } from '../core/limits.ts';
import { type Secret, secret } from '../core/secret.ts';
import { addToList, removeFromList } from '../effects/list-file.ts';
import { runProgram } from '../effects/run-program.ts';
import { readSavedMessage, saveMessage } from '../effects/save-message.ts';
import { callWithRetries, type JsonValue } from '../effects/webhook.ts';
import { whyForbidden } from '../language/permissions.ts';
import { parseTemplate, renderPlain } from '../language/template.ts';
import type { Headers } from '../mail/message-view.ts';
import type { EngineContext } from './context.ts';

/** Gives the hands of one account. Paths are relative to the configuration. */
export function openOutside(
  context: Pick<EngineContext, 'config' | 'clock' | 'signal'>,
  account: Account,
): Outside {
  const { config } = context;
  return {
    mayExpunge: config.permissions.allowExpunge,
    perform: async (effect, message) => {
      // A plan file may ask for more than the rules of today: what is allowed is asked again.
      const why = whyForbidden(effect, config.permissions);
      if (why !== undefined) return { kind: 'refused', reason: why };
      return await perform(context, account, { effect, message });
    },
    keepBackup: async (raw, subject) =>
      await saveMessage({ directory: backupDirectory(config), raw, subject }),
    readBackup: async (file) => await readSavedMessage(backupDirectory(config), file),
  };
}

function backupDirectory(config: Config): string {
  return join(config.stateDirectory, 'backup');
}

async function perform(
  context: Pick<EngineContext, 'config' | 'clock' | 'signal'>,
  account: Account,
  { effect, message }: { effect: ExternalEffect; message: OutsideMessage },
): Promise<OutsideOutcome> {
  const { config, clock, signal } = context;
  const raw = message.raw ?? new Uint8Array();
  switch (effect.kind) {
    case 'save': {
      const directory = resolve(config.directory, effect.directory);
      return await saveMessage({ directory, raw, subject: firstText(message.headers, 'subject') });
    }
    case 'webhook': {
      const key = await secretOf(account.id, effect.secret, config);
      if (key !== null && 'kind' in key) return key;
      const { idempotencyKey } = message;
      const allowPrivate = isPrivateAllowed(effect.url, config);
      const call = { url: effect.url, body: payloadOf(message), secret: key, idempotencyKey };
      return await callWithRetries({ ...call, allowPrivate }, { clock, signal });
    }
    case 'forward':
      return await forward(context, account, { to: effect.to, message, raw });
    case 'exec': {
      const [program = '', ...args] = effect.command;
      const { mailbox, uid, headers } = message;
      const messageId = firstText(headers, 'message-id');
      return await runProgram({
        program,
        args,
        stdin: raw,
        environment: process.env,
        timeoutMs: LIMITS.programMs,
        message: { account: message.account, mailbox, uid, messageId },
      });
    }
    default:
      return await changeList(config, effect, message);
  }
}

async function forward(
  { clock }: Pick<EngineContext, 'clock'>,
  account: Account,
  { to, message, raw }: { to: string; message: OutsideMessage; raw: Uint8Array },
): Promise<OutsideOutcome> {
  const { smtp } = account;
  if (smtp === null) {
    return { kind: 'refused', reason: `account "${account.id}" has no smtp in mailwright.yaml` };
  }
  const { host, port, tls, ca } = smtp;
  // Without a password there is no login.
  const login =
    smtp.password === null
      ? { user: '', password: NO_PASSWORD }
      : { user: smtp.user, password: await smtp.password.read() };
  const { forwardMessage } = await import('../effects/forward.ts');
  return await forwardMessage({
    smtp: { host, port, tls, ...login, ...(ca === null ? {} : { ca }) },
    account: account.id,
    own: [smtp.from],
    to,
    raw,
    headers: message.headers,
    nowMs: clock.nowMs(),
  });
}

async function changeList(
  config: Config,
  effect: Extract<ExternalEffect, { kind: 'add_to' | 'remove_from' }>,
  message: OutsideMessage,
): Promise<OutsideOutcome> {
  const parsed = parseTemplate(effect.value);
  if (parsed.kind === 'error') return { kind: 'refused', reason: parsed.message };
  const { account, mailbox, uid, headers } = message;
  const owner = config.accounts.get(account);
  const entry = renderPlain(parsed.template, {
    view: { ref: { account, mailbox, uidValidity: 0, uid }, headers },
    context: { nowMs: 0, variables: owner?.variables ?? {}, separator: '' },
    captures: [],
  });
  if (entry.kind !== 'text') {
    const reason = `the message has no value for ${effect.value}, so the list stays as it is`;
    return { kind: 'refused', reason };
  }
  const path = config.listPath(effect.list, effect.from);
  const change = effect.kind === 'add_to' ? addToList : removeFromList;
  return await change(path, entry.text);
}

const NO_PASSWORD = secret('');

/** The owner has named the host: it may be private, and this machine may be called without TLS. */
function isPrivateAllowed(url: string, config: Config): boolean {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname.replaceAll(/^\[|\]$/g, '');
  return config.permissions.privateWebhookHosts.includes(host);
}

/** The signing key; an outcome where it cannot be read. */
async function secretOf(
  account: AccountId,
  ref: SecretRef | null,
  config: Config,
): Promise<Secret | null | OutsideOutcome> {
  if (ref === null) return null;
  const source =
    'env' in ref
      ? envSource(account, ref.env)
      : fileSource(account, isAbsolute(ref.file) ? ref.file : resolve(config.directory, ref.file));
  try {
    return await source.read();
  } catch (error) {
    if (!isAppError(error, 'CREDENTIAL_UNAVAILABLE')) throw error;
    return { kind: 'failed', reason: `the signing key cannot be read from ${source.description}` };
  }
}

function payloadOf(message: OutsideMessage): JsonValue {
  const { account, run, rule, mailbox, uid, destination, headers, idempotencyKey } = message;
  return {
    version: 1,
    event: 'rule-matched',
    ...{ account, run, rule, mailbox, uid, destination, idempotencyKey },
    message: {
      messageId: firstText(headers, 'message-id'),
      from: firstText(headers, 'from'),
      to: firstText(headers, 'to'),
      subject: firstText(headers, 'subject'),
      date: firstText(headers, 'date'),
    },
  };
}

function firstText(headers: Headers, name: string): string {
  const reading = headers.text(name);
  return (reading.kind === 'values' ? reading.values[0] : undefined) ?? '';
}
