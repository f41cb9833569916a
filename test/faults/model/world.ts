/** The account as the rig changes it behind the program's back, and what it remembers of that. */
import { fromServerName, parseMailboxName, toServerName } from '../../../src/mail/mailbox-name.ts';
import type { Store, StoredMailbox, StoredMessage } from '../../../src/sandbox/model.ts';
import type { Random } from '../../../src/sandbox/sample/random.ts';
import type { CaseMail } from './case.ts';
import type { WorldAct } from './fault.ts';
import type { Standing } from './intended.ts';
import type { Interference } from './judge.ts';

/** The account, and what other clients did to it. */
export interface World extends Interference {
  readonly store: Store;
  readonly touched: Map<string, number>;
  readonly removed: Map<string, number>;
  readonly delivered: CaseMail[];
  /** Ends every connection that has this mailbox open. */
  cutOff(mailbox: StoredMailbox): void;
}

/** The mailbox with this canonical name. */
export function boxOf(store: Store, name: string): StoredMailbox | undefined {
  return store.find(toServerName(parseMailboxName(name), store.namespace));
}

/** Every mailbox by its canonical name. */
export function boxesOf(store: Store): readonly (readonly [string, StoredMailbox])[] {
  return store.mailboxes().flatMap((box) => {
    const name = fromServerName(box.name, store.namespace);
    return name === undefined || !box.selectable ? [] : [[name, box] as const];
  });
}

/** The id that the rig gave a message. */
export function idOf(message: { readonly raw: Uint8Array }): string {
  return /^X-Test-Id: (.*)\r$/m.exec(Buffer.from(message.raw).toString('latin1'))?.[1] ?? '';
}

/** Every message, where it stands. */
export function standingsIn(store: Store): readonly Standing[] {
  return boxesOf(store).flatMap(([mailbox, box]) =>
    box.messages.map((message) => ({
      mailbox,
      id: idOf(message),
      flags: message.flags.filter((flag) => flag !== '\\Recent').sort(),
      internalDateMs: message.internalDateMs,
    })),
  );
}

function touch(touched: Map<string, number>, id: string): void {
  touched.set(id, (touched.get(id) ?? 0) + 1);
}

/** Lets somebody else do something. Does nothing where there is nothing to do it to. */
export function act(
  world: World,
  deed: WorldAct,
  by: { random: Random; mails: readonly CaseMail[] },
): void {
  const { store } = world;
  const inbox = boxOf(store, 'INBOX');
  if (inbox === undefined) return;
  if (deed === 'deliver' || deed === 'deliver-twin') {
    deliver(world, inbox, { ...by, isTwin: deed === 'deliver-twin' });
  } else if (deed === 'rename-mailbox' || deed === 'delete-mailbox') {
    takeMailbox(world, by.random, deed);
  } else if (deed === 'renumber-source') renumber(world, inbox);
  else if (deed === 'renumber-destination') {
    const box = boxOf(store, by.random.pick(['M0', 'M1', 'C0', 'C1']));
    if (box !== undefined) renumber(world, box);
  } else if (deed === 'restore-backup') restore(world, inbox);
  else if (deed === 'move-copy' || deed === 'expunge-copy') {
    const box = boxOf(store, by.random.pick(['M0', 'M1', 'C0', 'C1', 'Trash']));
    const message = box === undefined ? undefined : anyOf(box, by.random);
    if (box !== undefined && message !== undefined) {
      change(world, { box, message }, deed === 'move-copy' ? 'move' : 'expunge');
    }
  } else {
    const message = anyOf(inbox, by.random);
    if (message !== undefined) change(world, { box: inbox, message }, deed);
  }
  store.announce();
}

function anyOf(box: StoredMailbox, random: Random): StoredMessage | undefined {
  return box.messages[random.below(Math.max(1, box.messages.length))];
}

function change(
  { store, touched, removed }: World,
  at: { box: StoredMailbox; message: StoredMessage },
  deed: 'move' | 'flag' | 'unflag' | 'mark-deleted' | 'expunge',
): void {
  const { box, message } = at;
  const id = idOf(message);
  touch(touched, id);
  switch (deed) {
    case 'move': {
      const name = toServerName(parseMailboxName('Elsewhere'), store.namespace);
      const to = store.find(name) ?? store.create(name);
      if (to !== null && to !== undefined) store.append(to, message);
      store.expunge(box, new Set([message.uid]));
      return;
    }
    case 'expunge':
      removed.set(id, (removed.get(id) ?? 0) + 1);
      store.expunge(box, new Set([message.uid]));
      return;
    case 'unflag':
      store.replaceFlags(box, message.uid, []);
      return;
    default: {
      const flag = deed === 'flag' ? '\\Answered' : '\\Deleted';
      store.replaceFlags(box, message.uid, [...message.flags, flag]);
    }
  }
}

const HOUR_MS = 3600 * 1000;

function deliver(
  world: World,
  inbox: StoredMailbox,
  by: { random: Random; mails: readonly CaseMail[]; isTwin: boolean },
): void {
  const sample = by.mails[by.random.below(by.mails.length)];
  if (sample === undefined) return;
  const id = by.isTwin ? sample.id : `${sample.id}-new${world.delivered.length}`;
  const text = sample.raw.toString('latin1').replace(`X-Test-Id: ${sample.id}`, `X-Test-Id: ${id}`);
  const mail: CaseMail = {
    ...sample,
    id,
    flags: [],
    raw: Buffer.from(text.replace(/^Message-ID: .*\r\n/m, by.isTwin ? '$&' : ''), 'latin1'),
    internalDateMs: sample.internalDateMs + HOUR_MS,
  };
  world.delivered.push(mail);
  world.store.append(inbox, mail);
}

function takeMailbox(
  world: World,
  random: Random,
  deed: 'rename-mailbox' | 'delete-mailbox',
): void {
  const { store } = world;
  const box = boxOf(store, random.pick(['M0', 'M1', 'C0', 'C1']));
  if (box?.selectable !== true) return;
  world.cutOff(box);
  for (const message of box.messages) {
    const id = idOf(message);
    touch(world.touched, id);
    if (deed === 'delete-mailbox') world.removed.set(id, (world.removed.get(id) ?? 0) + 1);
  }
  if (deed === 'delete-mailbox') store.remove(box);
  else {
    const to = toServerName(parseMailboxName('Renamed'), store.namespace);
    if (store.find(to) === undefined) store.rename(box, to);
  }
}

function renumber(world: World, box: StoredMailbox): void {
  world.cutOff(box);
  world.store.renumber(box);
}

/** A backup of a moment ago: the newest message is gone, and its number will be given again. */
function restore(world: World, inbox: StoredMailbox): void {
  const last = inbox.messages.at(-1);
  if (last === undefined) return;
  world.cutOff(inbox);
  const id = idOf(last);
  touch(world.touched, id);
  world.removed.set(id, (world.removed.get(id) ?? 0) + 1);
  const { departures } = inbox;
  world.store.expunge(inbox, new Set([last.uid]));
  inbox.uidNext = last.uid;
  // The backup knows of no change that came after it.
  inbox.departures = departures;
  const counts = [...inbox.messages, ...departures].map(({ modseq }) => modseq);
  inbox.highestModseq = Math.max(1, ...counts);
}
