/** Real Dovecot for a test: own directories, a free loopback port, stopped by its recorded pid. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ACL, dovecotConfig, PASSWORD, type Place, type Profile } from './dovecot-config.ts';
import { ensureDovecot } from './install.ts';

/** A running server. */
export interface Dovecot {
  readonly profile: Profile;
  readonly port: number;
  readonly tlsPort: number;
  readonly password: string;
  /** The private certificate authority of the profile `tls`. */
  readonly caFile: string;
  /** A name that nobody used before: its account is empty. */
  newUser(): string;
  /** Its configuration, for the programs that come with it. */
  readonly configFile: string;
  /** The process that starts all others. */
  readonly pid: number;
  /** Where the mail of a user lies. */
  homeOf(user: string): string;
  /** Sets the access list of the profile `read-only`; new connections obey it. */
  restrict(acl: string): void;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

const START_ATTEMPTS = 3;
let users = 0;

/** Starts a server of a profile. */
export async function startDovecot(profile: Profile): Promise<Dovecot> {
  const binary = ensureDovecot();
  let last: unknown;
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    try {
      return await startOnce(binary, profile);
    } catch (error) {
      // Another process may have taken the free port in between.
      last = error;
    }
  }
  throw last;
}

async function startOnce(binary: string, profile: Profile): Promise<Dovecot> {
  const base = mkdtempSync(join(tmpdir(), 'mailwright-dovecot-'));
  const place = await preparePlace(base, profile);
  writeFileSync(join(base, 'dovecot.conf'), dovecotConfig(profile, place));
  const child = spawn(binary, ['-F', '-c', join(base, 'dovecot.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => {
    complaint += data.toString();
  });
  const killAtExit = (): void => void child.kill('SIGTERM');
  process.once('exit', killAtExit);
  const stop = async (): Promise<void> => {
    process.off('exit', killAtExit);
    await end(child);
    rmSync(base, { recursive: true, force: true });
  };
  try {
    await waitForGreeting(place.port, child);
  } catch (error) {
    const log = readLog(base);
    await stop();
    throw new Error(`Dovecot (${profile}) did not start: ${complaint}\n${log}`, { cause: error });
  }
  return {
    profile,
    port: place.port,
    tlsPort: place.tlsPort,
    password: PASSWORD,
    caFile: join(base, 'ca.pem'),
    restrict: (acl) => writeFileSync(join(base, 'acl'), acl),
    configFile: join(base, 'dovecot.conf'),
    pid: child.pid ?? 0,
    homeOf: (user) => join(base, 'home', user),
    newUser: () => `user${process.pid}x${++users}`,
    stop,
  };
}

async function preparePlace(base: string, profile: Profile): Promise<Place> {
  chmodSync(base, 0o755);
  const me = userInfo();
  const asRoot = me.uid === 0;
  // Dovecot refuses to serve mail as root: the system's `mail` user owns it then.
  const [uid, gid] = asRoot ? [8, 8] : [me.uid, me.gid];
  for (const name of ['run', 'state', 'home']) mkdirSync(join(base, name));
  if (asRoot) chownSync(join(base, 'home'), uid, gid);
  if (profile === 'read-only') writeFileSync(join(base, 'acl'), ACL.open);
  if (profile === 'tls') makeCertificates(base);
  const port = await freePort();
  const tlsPort = profile === 'tls' ? await freePort() : 0;
  return { base, port, tlsPort, asRoot, uid, gid, user: me.username };
}

/** A private authority and a certificate for `localhost`; openssl comes with Dovecot. */
function makeCertificates(base: string): void {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: base, stdio: 'ignore' });
  };
  writeFileSync(join(base, 'san.cnf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const ca = ['-subj', '/CN=Test authority', '-days', '2', '-nodes', '-newkey', 'rsa:2048'];
  openssl('req', '-x509', ...ca, '-keyout', 'ca.key', '-out', 'ca.pem');
  const request = ['-subj', '/CN=localhost', '-nodes', '-newkey', 'rsa:2048'];
  openssl('req', ...request, '-keyout', 'server.key', '-out', 'server.csr');
  const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    ...sign,
    '-extfile',
    'san.cnf',
    '-out',
    'server.pem',
  );
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function waitForGreeting(port: number, child: ChildProcess): Promise<void> {
  const until = Date.now() + 20_000;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if (await greets(port)) return;
    await delay(50);
  }
  throw new Error('no greeting within 20 s');
}

async function greets(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (greeted: boolean): void => {
      socket.destroy();
      resolve(greeted);
    };
    socket.once('data', (data) => answer(data.toString().startsWith('* OK')));
    socket.once('error', () => answer(false));
    socket.setTimeout(2000, () => answer(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}

function readLog(base: string): string {
  try {
    return readFileSync(join(base, 'dovecot.log'), 'utf8').slice(-2000);
  } catch {
    // Dovecot ended before it opened its log; the complaint on stderr is all there is.
    return '';
  }
}
