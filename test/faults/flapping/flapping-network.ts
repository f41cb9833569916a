/** A network that comes and goes: one proxy for each server, told when to refuse, to cut, to be mute. */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What a way to a server does. */
export type Weather =
  | 'up'
  /** Connections end at once, those that are open too. */
  | 'down'
  /** Connections stay, and no byte passes; new ones get no greeting. */
  | 'mute';

/** The way to one server. */
export interface Way {
  readonly port: number;
  weather(): Weather;
  turn(weather: Weather): void;
  /** Ends what is open, in the middle of whatever it says; new connections pass. */
  cut(): void;
  close(): Promise<void>;
}

/** What passed over all ways. */
export interface Traffic {
  /** Rises with every byte and every connection. */
  count: number;
  connects: number;
  cuts: number;
}

/** Opens a way to a port on loopback. */
export async function openWay(target: number, traffic: Traffic): Promise<Way> {
  const pairs = new Map<Socket, Socket>();
  let weather: Weather = 'up';
  const cut = (): void => {
    for (const [client, upstream] of pairs) {
      traffic.cuts += 1;
      client.resetAndDestroy();
      upstream.destroy();
    }
    pairs.clear();
  };
  const server = createServer((client) => {
    traffic.count += 1;
    client.on('error', () => client.destroy());
    if (weather === 'down') {
      client.resetAndDestroy();
      return;
    }
    traffic.connects += 1;
    const upstream = connect(target, '127.0.0.1');
    upstream.on('error', () => client.destroy());
    pairs.set(client, upstream);
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (bytes: Buffer) => {
        traffic.count += bytes.length;
        if (weather === 'up' && !isLost) to.write(bytes);
        // What was swallowed never comes again: the connection is dead from there on.
        else isLost = true;
      });
      from.on('close', () => {
        traffic.count += 1;
        pairs.delete(client);
        to.destroy();
      });
    };
    let isLost = false;
    pass(client, upstream);
    pass(upstream, client);
  });
  const port = await listen(server);
  return {
    port,
    weather: () => weather,
    turn: (next) => {
      weather = next;
      if (next === 'down') cut();
    },
    cut,
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
