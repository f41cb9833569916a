/**
 * What a message holds is the same from a server (BODYSTRUCTURE and single parts) and from its
 * octets: so a rule decides the same on live mail and on a file.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import type { MailSession, ReadableMailbox } from '../../src/mail/mail-session.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { MessageView } from '../../src/mail/message-view.ts';
import type { Uid } from '../../src/mail/uid-set.ts';
import { parseMessage } from '../../src/mime/parse-message.ts';
import { loadFacts } from '../../src/scan/load-facts.ts';
import { mimeMail } from '../support/mime-mail.ts';

const INBOX = parseMailboxName('INBOX');

/** A server with an empty INBOX. */
export interface ContentServer {
  open(): Promise<MailSession>;
  deliver(raws: readonly Buffer[]): Promise<void>;
  close(): Promise<void>;
}

/** How many messages are compared. */
const COUNT = 300;

export function contentContract(name: string, start: () => Promise<ContentServer>): void {
  describe(`${name}: structure and texts`, () => {
    const raws = fc.sample(mimeMail, { numRuns: COUNT, seed: 20_260_301 });
    let server: ContentServer;
    let session: MailSession;
    let reader: ReadableMailbox;
    beforeAll(async () => {
      server = await start();
      await server.deliver(raws);
      session = await server.open();
      reader = await session.examine(INBOX);
    }, 60_000);
    afterAll(async () => {
      await session?.logout();
      await server?.close();
    });

    test('are the same from the server and from the octets', async () => {
      const uids = await reader.search({ kind: 'all' });
      expect(uids).toHaveLength(raws.length);
      const source = { reader, hasGmail: false };
      const empty = new Map(uids.map((uid): [Uid, MessageView] => [uid, emptyView(uid)]));
      const bodies = await loadFacts(source, empty, ['body']);
      const live = await loadFacts(source, bodies, ['raw-body']);
      raws.forEach((raw, index) => {
        const view = live.get(uids[index] ?? 0);
        const facts = parseMessage(raw);
        const text = raw.toString('utf8');
        expect(view?.structure, text).toEqual(facts.structure);
        expect(view?.body, text).toEqual(facts.body);
        expect(view?.rawBody, text).toEqual(facts.rawBody);
      });
    });
  });
}

function emptyView(uid: Uid): MessageView {
  return { ref: { account: accountId('personal'), mailbox: INBOX, uidValidity: 1, uid } };
}
