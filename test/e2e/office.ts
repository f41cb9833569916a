/** An office of many messages and somebody's \Deleted one, and the check that all is well in the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { difference, lineOf, standing, takeSnapshot } from '../oracle/snapshot.ts';
import type { Dovecot } from '../servers/dovecot.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { generateLetters, toMessage } from './generate-mail.ts';
import { fateOf, OFFICE_RULES } from './office-rules.ts';
import { makeWorkplace } from './program.ts';

/** How a run ended; `killed` tells that it was by SIGKILL. */
export interface Ending {
  readonly killed: boolean;
  readonly exit: number | null;
  readonly complaints: string;
}

const SCRIPT = join(PACKAGE_ROOT, 'test/e2e/run-impatiently.mjs');
const MUTATING = /^\S+ (UID )?(STORE|COPY|MOVE|EXPUNGE|CREATE)\b/;

/** What an office is made of. */
export interface OfficeOptions {
  readonly seed: number;
  /** Default: 2,000. */
  readonly messages?: number;
  /** Where the program connects, which may be a proxy; default: the server itself. */
  readonly port?: number;
  /** Default: the password of the server. */
  readonly auth?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Further lines of mailwright.yaml. */
  readonly more?: string;
}

/** Fills a new account. */
export async function makeOffice(server: Dovecot, options: OfficeOptions) {
  const { seed, messages = 2000, port = server.port, more = '', auth, env = {} } = options;
  const nowMs = Date.now();
  const access = { port: server.port, user: server.newUser(), password: server.password };
  const letters = generateLetters(messages, seed, nowMs);
  const client = await openPlainImap(access);
  await client.append('INBOX', letters.map(toMessage));
  // Somebody else's \Deleted mail, which no rule names: it must survive every run.
  const bait = {
    raw: 'X-Test-Id: bait\r\nSubject: bait\r\n\r\nstay\r\n',
    internalDate: new Date(0),
  };
  await client.append('INBOX', [{ ...bait, flags: ['\\Deleted'] }]);
  await client.close();
  const place = makeWorkplace({
    server: { port, password: server.password },
    user: access.user,
    rules: OFFICE_RULES,
    account: '    roles: { junk: Junk, trash: Trash }',
    more,
    env,
    ...(auth === undefined ? {} : { auth }),
  });
  return {
    place,
    user: access.user,
    directory: place.directory,
    remove: () => place.remove(),
    /** Runs once, with short waits; `onChange` hears of each command that changes something. */
    run: (
      onChange: (child: ChildProcess, count: number) => void = () => {},
      onStart: (child: ChildProcess) => void = () => {},
    ): Promise<Ending> =>
      runImpatiently(place.directory, {
        env: { ...env, OFFICE_PASSWORD: server.password },
        onChange,
        onStart,
      }),
    check: async (): Promise<readonly string[]> => {
      const expected = letters.flatMap((letter) => {
        const { mailbox, flags, copies } = fateOf(letter, nowMs);
        const internalDateMs = letter.internalDate.getTime();
        return [mailbox, ...copies].map((each) =>
          lineOf(each, { id: letter.id, flags, internalDateMs }),
        );
      });
      const found = await takeSnapshot(access);
      const baits = found.get('INBOX')?.filter(({ id }) => id === 'bait').length;
      return [
        ...difference(expected, standing(found)),
        ...(baits === 1 ? [] : ['the bait is gone']),
      ];
    },
  };
}

async function runImpatiently(
  cwd: string,
  given: {
    env: Readonly<Record<string, string>>;
    onChange: (child: ChildProcess, count: number) => void;
    onStart: (child: ChildProcess) => void;
  },
): Promise<Ending> {
  const child = spawn(process.execPath, [SCRIPT], {
    cwd,
    env: { ...process.env, ...given.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  given.onStart(child);
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  let count = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      if (!MUTATING.test(line)) continue;
      count += 1;
      given.onChange(child, count);
    }
  });
  const [exit, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (...end) => resolve(end));
  });
  const killed = signal === 'SIGKILL';
  return { killed, exit, complaints: killed ? '' : complaints };
}
