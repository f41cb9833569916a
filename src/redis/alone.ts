/** Whether somebody else can know anything of a journal, by the connections that Redis has. */
import type { Redis } from 'ioredis';

/** The name that the connection of a journal has in Redis; `prefix` is that of the installation. */
export function connectionName(prefix: string): string {
  return `mailwright:${prefix}`;
}

/**
 * Tells whether no other connection of this installation stands, on a server to which nobody is just
 * coming back: it is neither a replica that took over, nor has it started within `settledMs`. False
 * where that cannot be told. Needs a connection with the name of its installation.
 */
export async function isAlone(client: Redis, settledMs: number): Promise<boolean> {
  try {
    const [own, list, server, replication] = await Promise.all([
      client.client('ID'),
      client.client('LIST'),
      client.info('server'),
      client.info('replication'),
    ]);
    const names = namesById(String(list));
    const name = names.get(String(own)) ?? '';
    const same = [...names.values()].filter((each) => each === name).length;
    return (
      name.startsWith(connectionName('')) &&
      same === 1 &&
      Number(fieldOf(server, 'uptime_in_seconds')) * 1000 >= settledMs &&
      fieldOf(replication, 'role') === 'master' &&
      /^0+$/.test(fieldOf(replication, 'master_replid2'))
    );
  } catch (error) {
    // A login that may not ask does not know.
    if (!(error instanceof Error)) throw error;
    return false;
  }
}

/** `CLIENT LIST`: a line for each connection, of `key=value` with a space between. */
function namesById(list: string): ReadonlyMap<string, string> {
  const lines = list.split('\n').map((line) => ` ${line} `);
  return new Map(
    lines.map((line) => [/ id=(\d+) /.exec(line)?.[1] ?? '', / name=(\S*) /.exec(line)?.[1] ?? '']),
  );
}

/** `INFO`: lines of `key:value`; an empty text where the server does not tell. */
function fieldOf(info: string, key: string): string {
  const line = info.split('\r\n').find((each) => each.startsWith(`${key}:`));
  return line?.slice(key.length + 1) ?? '';
}
