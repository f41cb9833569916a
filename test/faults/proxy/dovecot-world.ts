/** Another client of the account on a real server: what it does, and what it saw. */

import type { Random } from '../../../src/sandbox/sample/random.ts';
import { openPlainImap, type PlainImap, quote } from '../../oracle/plain-imap.ts';
import { takeSnapshot } from '../../oracle/snapshot.ts';
import type { CaseMail } from '../model/case.ts';
import type { WorldAct } from '../model/fault.ts';
import type { Standing } from '../model/intended.ts';

/** Where the account is. */
export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** The other client. */
export interface DovecotWorld {
  readonly touched: Map<string, number>;
  readonly removed: Map<string, number>;
  readonly delivered: CaseMail[];
  act(deed: WorldAct): Promise<void>;
  /** Every message, where it stands. */
  standings(): Promise<readonly Standing[]>;
  close(): Promise<void>;
}

const HOUR_MS = 3600 * 1000;
const COPIES = ['M0', 'M1', 'C0', 'C1'] as const;

/** Makes the account: the mailboxes and the mail of a case. */
export async function openDovecotWorld(
  login: Login,
  setting: { mails: readonly CaseMail[]; mailboxes: readonly string[]; random: Random },
): Promise<DovecotWorld> {
  const { mails, random } = setting;
  const client = await openPlainImap(login);
  for (const mailbox of setting.mailboxes) await client.attempt(`CREATE ${quote(mailbox)}`);
  await client.append('INBOX', mails.map(asNewMessage));
  const touched = new Map<string, number>();
  const removed = new Map<string, number>();
  const delivered: CaseMail[] = [];
  const count = (counts: Map<string, number>, id: string): void => {
    counts.set(id, (counts.get(id) ?? 0) + 1);
  };
  const change = async (mailbox: string, deed: WorldAct): Promise<void> => {
    const found = await pickMessage(client, mailbox, random);
    if (found === null) return;
    count(touched, found.id);
    if (deed === 'expunge') count(removed, found.id);
    await changeMessage(client, found.uid, deed);
  };
  const deliver = async (isTwin: boolean): Promise<void> => {
    const sample = mails[random.below(mails.length)];
    if (sample === undefined) return;
    const mail = newMail(sample, { isTwin, number: delivered.length });
    delivered.push(mail);
    await client.append('INBOX', [asNewMessage(mail)]);
  };
  const takeMailbox = async (mailbox: string, deed: WorldAct): Promise<void> => {
    await client.attempt('UNSELECT');
    const to = deed === 'rename-mailbox' ? 'Renamed' : 'Doomed';
    const { tagged } = await client.attempt(`RENAME ${mailbox} ${to}`);
    if (!/^\S+ OK/.test(tagged)) return;
    // Looked at under its new name: until then the program may have put something in.
    for (const id of await idsIn(client, to)) {
      count(touched, id);
      if (deed === 'delete-mailbox') count(removed, id);
    }
    await client.attempt('UNSELECT');
    if (deed === 'delete-mailbox') await client.attempt(`DELETE ${to}`);
  };
  return {
    touched,
    removed,
    delivered,
    act: async (deed) => {
      if (deed === 'deliver' || deed === 'deliver-twin') await deliver(deed === 'deliver-twin');
      else if (deed === 'rename-mailbox' || deed === 'delete-mailbox') {
        await takeMailbox(random.pick(COPIES), deed);
      } else if (deed === 'move-copy' || deed === 'expunge-copy') {
        const kind = deed === 'move-copy' ? 'move' : 'expunge';
        await change(random.pick([...COPIES, 'Trash']), kind);
      } else if (!deed.startsWith('renumber') && deed !== 'restore-backup') {
        await change('INBOX', deed);
      }
    },
    standings: async () => {
      const snapshot = await takeSnapshot(login);
      return [...snapshot].flatMap(([mailbox, messages]) =>
        messages.map(({ id, flags, internalDateMs }) => ({ mailbox, id, flags, internalDateMs })),
      );
    },
    close: () => client.close(),
  };
}

function asNewMessage(mail: CaseMail) {
  return {
    raw: mail.raw.toString('latin1'),
    flags: mail.flags,
    internalDate: new Date(mail.internalDateMs),
  };
}

/** A mail that comes meanwhile: an equal of another, or one of its kind. */
function newMail(sample: CaseMail, as: { isTwin: boolean; number: number }): CaseMail {
  const id = as.isTwin ? sample.id : `${sample.id}-new${as.number}`;
  const text = sample.raw.toString('latin1').replace(`X-Test-Id: ${sample.id}`, `X-Test-Id: ${id}`);
  return {
    ...sample,
    id,
    flags: [],
    raw: Buffer.from(as.isTwin ? text : text.replace(/^Message-ID: .*\r\n/m, ''), 'latin1'),
    internalDateMs: sample.internalDateMs + HOUR_MS,
  };
}

interface Found {
  readonly uid: number;
  readonly id: string;
}

async function listMessages(client: PlainImap, mailbox: string): Promise<readonly Found[]> {
  const { tagged } = await client.attempt(`SELECT ${quote(mailbox)}`);
  if (!/^\S+ OK/.test(tagged)) return [];
  const { lines } = await client.attempt('UID FETCH 1:* (UID BODY.PEEK[HEADER])');
  return lines.flatMap(({ text, literals }) => {
    const uid = /UID (\d+)/.exec(text)?.[1];
    const id = /^X-Test-Id: (.*)\r$/m.exec(literals[0]?.toString('latin1') ?? '')?.[1];
    return uid === undefined || id === undefined ? [] : [{ uid: Number(uid), id }];
  });
}

async function idsIn(client: PlainImap, mailbox: string): Promise<readonly string[]> {
  return (await listMessages(client, mailbox)).map(({ id }) => id);
}

async function pickMessage(
  client: PlainImap,
  mailbox: string,
  random: Random,
): Promise<Found | null> {
  const messages = await listMessages(client, mailbox);
  return messages[random.below(Math.max(1, messages.length))] ?? null;
}

/** In the mailbox that is selected. */
async function changeMessage(client: PlainImap, uid: number, deed: WorldAct): Promise<void> {
  switch (deed) {
    case 'move':
      await client.attempt('CREATE Elsewhere');
      await client.attempt(`UID COPY ${uid} Elsewhere`);
      await client.attempt(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`);
      await client.attempt(`UID EXPUNGE ${uid}`);
      return;
    case 'expunge':
      await client.attempt(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`);
      await client.attempt(`UID EXPUNGE ${uid}`);
      return;
    case 'unflag':
      await client.attempt(`UID STORE ${uid} FLAGS.SILENT ()`);
      return;
    default: {
      const flag = deed === 'flag' ? '\\Answered' : '\\Deleted';
      await client.attempt(`UID STORE ${uid} +FLAGS.SILENT (${flag})`);
    }
  }
}
