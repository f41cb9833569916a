/** `explain`: why a message is treated as it is, on the server or in a file. Changes nothing. */
import type { Config } from '../config/config.ts';
import { AppError } from '../core/app-error.ts';
import type { Rule } from '../language/ast.ts';
import { predicateFields } from '../language/evaluate.ts';
import { hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import type { Field, MessageView } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';
import { openMailSource } from '../mailfile/open-mail-source.ts';
import { decide } from '../plan/decide.ts';
import type { DecideContext } from '../plan/decide-context.ts';
import { explainRules } from '../plan/explain-rules.ts';
import type { Explanation } from '../plan/render-explanation.ts';
import { cheapest, type FactSource, loadFacts } from '../scan/load-facts.ts';
import { selectAccounts } from './accounts.ts';
import type { EngineContext } from './context.ts';
import { decideContext } from './decide-context.ts';
import { viewOfFile } from './file-view.ts';
import { readPastMoves } from './past-moves.ts';
import { type MailFilesRequest, rulesForFiles } from './plan-mail.ts';
import { readAccountMemory } from './read-account-memory.ts';
import { type MailboxScope, scopeOf } from './scope.ts';
import { withSession } from './sessions.ts';

/** A message on a server. */
export interface MessagePlace {
  readonly account: string;
  readonly mailbox: string;
  readonly uid: Uid;
  readonly rule?: string | undefined;
}

const NO_RULES = 'no rule looks at this mailbox';
const DELETED =
  'it is marked \\Deleted: a run shows it only to rules that ask about that, so the others do nothing to it';

/** Explains a message on the server. Throws ACCOUNT_UNKNOWN, MAILBOX_MISSING or MESSAGE_MISSING. */
export async function explainMessage(
  context: EngineContext,
  place: MessagePlace,
): Promise<Explanation> {
  const [account] = selectAccounts(context.config, place.account);
  if (account === undefined) throw new TypeError('a selected account exists');
  const mailbox = parseMailboxName(place.mailbox);
  return await withSession(context, { account, mode: 'read' }, async (session) => {
    const listing = await session.list();
    const filter = { occasion: { kind: 'all' }, rule: place.rule, includeOff: true } as const;
    const scopes = scopeOf(context.config.ruleSet, { account, listing }, filter);
    const scope = scopes.find((each) => each.mailbox === mailbox) ?? { mailbox, rules: [] };
    const remembered = await readAccountMemory(
      { ...context, session },
      { account, listing, scopes },
    );
    const suppressed = await context.journal.suppressions(account.id);
    const reader = await session.examine(mailbox);
    const nowMs = context.clock.nowMs();
    const deciding = await decideContext(
      { ...context, session },
      { account, listing, suppressed, memory: remembered?.memory, reader, nowMs },
    );
    const ref = {
      account: account.id,
      mailbox,
      uidValidity: reader.info.uidValidity,
      uid: place.uid,
    };
    const source = { reader, hasGmail: session.capabilities.all.has('X-GM-EXT-1') };
    const view = await loadAll(source, { ref }, { rules: scope.rules, context: deciding });
    await reader.leave();
    if (view === undefined) throw missing(place);
    const past = await readPastMoves({ ...context, session }, account, [view]);
    const message = `${account.id}/${mailbox} ${place.uid}`;
    return {
      message,
      view,
      notes: notesOn(view, scope),
      ...explainRules(view, scope.rules, { ...deciding, ...past }),
    };
  });
}

/** Explains every message of a file. Throws MAIL_FILE_UNREADABLE. */
export async function* explainFiles(
  config: Config,
  request: MailFilesRequest,
): AsyncGenerator<Explanation> {
  const { account, mailbox, rules, context, queries } = rulesForFiles(config, {
    ...request,
    includeOff: true,
  });
  let uid = 0;
  for await (const file of openMailSource(request.path)) {
    request.signal.throwIfAborted();
    uid += 1;
    const ref = { account: account.id, mailbox, uidValidity: 1, uid };
    const view = viewOfFile(file, { ref, queries });
    if (view === null) {
      const notes = ['the message is too large to be read'];
      yield { message: file.name, view: { ref }, rules: [], decision: null, notes };
    } else {
      const notes = notesOn(view, { mailbox, rules });
      yield { message: file.name, view, notes, ...explainRules(view, rules, context) };
    }
  }
}

function notesOn(view: MessageView, { rules }: MailboxScope): readonly string[] {
  return [
    ...(rules.length === 0 ? [NO_RULES] : []),
    ...(hasFlag(view.basic?.flags ?? [], SYSTEM_FLAGS.deleted) ? [DELETED] : []),
  ];
}

/** Loads every fact that any condition asks for, and then what the decision asks for. */
async function loadAll(
  source: FactSource,
  empty: MessageView,
  by: { rules: readonly Rule[]; context: DecideContext },
): Promise<MessageView | undefined> {
  const wanted = new Set<Field>([
    'basic',
    'identity',
    ...by.rules.flatMap((rule) => predicateFields(rule.when)),
  ]);
  let view: MessageView | undefined = empty;
  while (wanted.size > 0 && view !== undefined) {
    const stage = cheapest(wanted);
    const loaded: ReadonlyMap<Uid, MessageView> = await loadFacts(
      source,
      new Map([[view.ref.uid, view]]),
      stage,
    );
    view = loaded.get(empty.ref.uid);
    for (const field of stage) wanted.delete(field);
    if (wanted.size > 0 || view === undefined) continue;
    const deciding = decide(view, by.rules, by.context);
    if (deciding.kind === 'needs') for (const field of deciding.fields) wanted.add(field);
  }
  return view;
}

function missing(place: MessagePlace): AppError<'MESSAGE_MISSING'> {
  const { mailbox, uid } = place;
  return new AppError('MESSAGE_MISSING', `there is no message with UID ${uid} in ${mailbox}`, {
    mailbox,
    uid,
  });
}
